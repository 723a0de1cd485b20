//! A site, its servers and what lies between them and the visitor, as data: every request of a case is answered out of it.

use faultline_core::command::{From, Question};
use faultline_core::event::{End, Millis, Seen};
use faultline_core::page::Header;
use faultline_core::terms::CheckId;

use crate::world::{NGINX_502, Net, Reply, START};

/// A page whose maker nobody knows.
pub(crate) const BARE: &str = "<html><body><h1>Sorry, something went wrong</h1></body></html>";

/// Chance, the same for the same seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }
}

/// What is wrong, and where. Everything that is not said is well.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fault {
    /// Every server of the site fails.
    pub(crate) site: bool,
    /// Only the page fails, not the rest of the site.
    pub(crate) page: bool,
    /// One server of so many fails; they take turns.
    pub(crate) one_of: Option<usize>,
    /// The same, but the front page comes from elsewhere and takes no turn.
    pub(crate) but_home: bool,
    /// Which requests after the visit meet a server that fails, the first by the lowest bit.
    pub(crate) drawn: u32,
    /// A balancer gives whole connections to servers: whether the page's and ours lead to one that fails, as the visit's does.
    pub(crate) connections: Option<(bool, bool)>,
    /// After the visit it works, and fails once more between these times, in milliseconds.
    pub(crate) down: Option<(Millis, Millis)>,
    /// It works again after so many milliseconds.
    pub(crate) mended_after: Option<Millis>,
    /// Whatever is no page load is answered with this status.
    pub(crate) wary: Option<u16>,
    /// Only page loads fail.
    pub(crate) visits: bool,
    /// The visitor's cookies break the page.
    pub(crate) jar: bool,
    /// Whoever has no cookies is sent to a log-in.
    pub(crate) log_in: bool,
    /// The same, but the front page is for everybody.
    pub(crate) lobby: bool,
    /// Whoever has no cookies gets a copy that a cache keeps for everybody.
    pub(crate) copies: bool,
    /// Another extension breaks whatever comes out of a page or a tab.
    pub(crate) extension: bool,
    /// The site asks for this many seconds of peace with each failure.
    pub(crate) peace: Option<u32>,
    /// After so many requests the site sends away whoever asks, with 429.
    pub(crate) limit: Option<usize>,
    /// A failure takes so long.
    pub(crate) slow: Millis,
    /// No connection to the site any more.
    pub(crate) gone: bool,
    /// Something on the way answers for every host.
    pub(crate) everywhere: bool,
    /// The control endpoint: none for its genuine answer.
    pub(crate) control: Option<Reply>,
    /// The page of the failure.
    pub(crate) bare: bool,
}

impl Fault {
    /// Status and page of a failure.
    pub(crate) fn failure(&self) -> (u16, &'static str) {
        (502, if self.bare { BARE } else { NGINX_502 })
    }
}

/// Who asks, as the site and the way to it see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker {
    pub(crate) at_home: bool,
    pub(crate) cookies: bool,
    pub(crate) from_page: bool,
    pub(crate) page_load: bool,
}

/// The site at work.
pub(crate) struct Site {
    pub(crate) fault: Fault,
    dice: Dice,
    /// Requests so far, the visit included.
    pub(crate) asked: usize,
    /// Until when the site wants peace, and whether somebody asked before.
    peace: (Millis, Millis),
    pub(crate) disturbed: bool,
    spread: u64,
    losses: u64,
}

impl Site {
    /// `spread` is the longest delay of an answer, `losses` how many of a hundred answers never come.
    pub(crate) fn new(fault: Fault, seed: u64, spread: u64, losses: u64) -> Self {
        // The visit was the first request, and it met the failure.
        Self { fault, dice: Dice::new(seed), asked: 1, peace: (0, 0), disturbed: false, spread, losses }
    }

    /// The visit was told to come back later.
    pub(crate) fn visited(&mut self) {
        self.peace = self.fault.peace.map_or((0, 0), |s| (START, START + Millis::from(s) * 1_000));
    }

    fn fails(&mut self, by: Asker, now: Millis) -> bool {
        let fault = self.fault.clone();
        let mended = fault.mended_after.is_some_and(|ms| now >= START + ms);
        let drawn = !(fault.but_home && by.at_home) && fault.drawn >> (self.asked - 1).min(31) & 1 == 1;
        let turn = match fault.one_of {
            Some(_) if fault.but_home && by.at_home => false,
            Some(n) => self.asked.is_multiple_of(n),
            None => false,
        };
        let by_connection = fault.connections.is_some_and(|(page, ours)| match by {
            Asker { cookies: true, .. } => true,
            Asker { from_page: true, .. } => page,
            _ => ours,
        });
        !mended
            && (fault.site
                || fault.down.is_some_and(|(from, to)| (START + from..START + to).contains(&now))
                || by_connection
                || fault.everywhere
                || turn
                || drawn
                || (fault.page && !by.at_home)
                || (fault.visits && by.page_load)
                || (fault.jar && by.cookies)
                || (fault.extension && by.from_page))
    }

    fn status(&mut self, by: Asker, now: Millis) -> Reply {
        // An answer is known to nobody before it has arrived.
        if self.peace.0 < now && now < self.peace.1 {
            self.disturbed = true;
        }
        let fails = self.fails(by, now);
        self.asked += usize::from(!(self.fault.but_home && by.at_home));
        let fault = self.fault.clone();
        let (status, page) = fault.failure();
        if fault.limit.is_some_and(|limit| self.asked > limit) {
            self.peace = (now + 2_000, now + 60_000);
            return with_body(429, "Too many requests", Some(60));
        }
        if fault.copies && !by.cookies {
            let mut reply = with_body(200, "<h1>All is well</h1>", None);
            reply.seen.headers.iter_mut().for_each(|headers| headers.push(Header::new("Age", "60")));
            return reply;
        }
        if let Some(status) = fault.wary.filter(|_| !by.page_load) {
            return with_body(status, BARE, None);
        }
        if fails {
            if let Some(peace) = fault.peace {
                self.peace = (now + 2_000, now + Millis::from(peace) * 1_000);
            }
            return with_body(status, page, fault.peace).later(fault.slow);
        }
        if (fault.log_in || (fault.lobby && !by.at_home)) && !by.cookies {
            return Reply::end(End::Redirect, 20);
        }
        with_body(200, "<h1>All is well</h1>", None)
    }
}

fn with_body(status: u16, body: &str, retry_after: Option<u32>) -> Reply {
    let mut headers = vec![Header::new("content-type", "text/html")];
    headers.extend(retry_after.map(|s| Header::new("retry-after", s.to_string())));
    let mut reply = Reply::status(status);
    (reply.seen.body, reply.seen.headers) = (Some(body.into()), Some(headers));
    reply
}

impl Net for Site {
    fn reply(&mut self, question: &Question, now: Millis) -> Reply {
        let mut reply = if question.check == CheckId::Control {
            let (status, page) = self.fault.failure();
            match &self.fault.control {
                _ if self.fault.everywhere => with_body(status, page, None),
                Some(reply) => reply.clone(),
                None => Reply { seen: Seen { body: Some(String::new()), ..Reply::status(204).seen }, after: 20 },
            }
        } else if self.fault.gone {
            Reply::error("net::ERR_CONNECTION_REFUSED")
        } else {
            let (from_page, cookies) = match question.from {
                From::Page { cookies, .. } => (true, cookies),
                _ => (false, false),
            };
            let at_home = question.url.ends_with(".example/");
            self.status(Asker { at_home, cookies, from_page, page_load: question.from == From::Visit }, now)
        };
        reply.after += self.dice.below(self.spread.max(1));
        if self.dice.below(100) < self.losses {
            reply = Reply::end(End::Lost, reply.after);
        }
        reply
    }
}
