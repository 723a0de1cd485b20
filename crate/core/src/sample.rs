//! A case to look at before anything has failed: a made-up site's failing page, through the same desk as any other.
//!
//! Nothing is asked of anybody: the answers come from here, and the desk that plays it is thrown away.

use crate::case::Case;
use crate::command::{Command, Question};
use crate::desk::Desk;
use crate::event::{Answered, CaseId, Event, Millis, Read, Seen, Shown, What};
use crate::page::Header;
use crate::terms::CheckId;

/// Where the made-up site is. `.example` belongs to nobody: <https://www.rfc-editor.org/rfc/rfc2606>
const URL: &str = "https://shop.example/cart";

/// The page that nginx writes when nothing listens behind it.
const PAGE: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n\
    <hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n";

/// How much of it has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// The page is read, the checks are under way.
    Checking,
    /// The verdict is there.
    Done,
}

/// The sample, begun at `now`. None only if the desk did not take the failure for one.
#[must_use]
pub fn case(scene: Scene, now: Millis) -> Option<Case> {
    let mut desk = Desk::new(false);
    let answered = Answered {
        url: URL.into(),
        method: "GET".into(),
        status: 502,
        status_line: Some("HTTP/1.1 502 Bad Gateway".into()),
        headers: vec![Header::new("Server", "nginx/1.24.0"), Header::new("Content-Type", "text/html")],
        first_byte_ms: Some(41),
        ..Answered::default()
    };
    let id = CaseId(1);
    let read = Read { status: 502, title: "502 Bad Gateway".into(), body: PAGE.into(), ..Read::default() };
    desk.handle(Event::new(now, What::Answered(Box::new(answered))));
    let mut commands = desk.handle(Event::new(now, What::Shown(Shown { url: URL.into(), ..Shown::default() })));
    commands.extend(desk.handle(Event::new(now, What::Read { case: id, read: Some(Box::new(read)) })));
    if scene == Scene::Done {
        let mut at = now;
        while let Some(n) = commands.iter().position(|c| matches!(c, Command::Ask(_))) {
            let Command::Ask(Question { case, check, attempt, .. }) = commands.remove(n) else { break };
            at += 60;
            let seen = Box::new(answer(check));
            commands.extend(desk.handle(Event::new(at, What::Checked { case, check, attempt, seen })));
        }
    }
    desk.case(id).cloned()
}

fn answer(check: CheckId) -> Seen {
    if check == CheckId::Control {
        return Seen { status: Some(204), body: Some(String::new()), ms: Some(23), ..Seen::default() };
    }
    Seen { status: Some(502), body: Some(PAGE.into()), ms: Some(38), ..Seen::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::{FailureKind, Place, Side};

    #[test]
    fn the_sample_is_a_case_like_any_other() {
        assert!(case(Scene::Checking, 5_000).is_some_and(|c| !c.done && c.is_waiting()));
        let done = case(Scene::Done, 5_000);
        assert!(done.as_ref().is_some_and(|c| c.done));
        assert_eq!(done.as_ref().and_then(|c| c.reading.producer.as_ref()).map(|p| p.id.as_str()), Some("nginx"));
        let verdict = done.map(|c| (c.kind(), c.verdict.side, c.verdict.place));
        assert_eq!(verdict, Some((FailureKind::Refused, Side::Site, Place::App)));
    }
}
