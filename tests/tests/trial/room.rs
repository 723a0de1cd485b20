//! A browser with extensions in it, on a virtual clock: what the test of them does, and what is left when it dies.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use faultline_core::event::{CaseId, Millis};
use faultline_core::trial::{Do, Extension, Loaded, Target, Told, Trials, Tried};

pub(crate) const OWN: &str = "own";
pub(crate) const TAB: i32 = 7;
pub(crate) const CASE: CaseId = CaseId(1);

/// Chromium writes down what is on at most so late, in milliseconds.
pub(crate) const LAG_MS: Millis = 10_000;

/// Whether the page works with these on.
pub(crate) type Page = Box<dyn Fn(&BTreeSet<String>) -> Loaded>;

/// The browser. Everything in it outlives the background, but for what stands under "memory".
pub(crate) struct Room {
    pub(crate) now: Millis,
    pub(crate) list: BTreeMap<String, Extension>,
    /// Lasting storage.
    pub(crate) ledger: Vec<String>,
    /// Storage that lives as long as the browser.
    session: Option<Vec<String>>,
    /// What was on, and from when: the disk may be behind by as much as the browser likes, up to [`LAG_MS`].
    pub(crate) past: Vec<(Millis, BTreeSet<String>)>,
    pub(crate) granted: bool,
    /// Storage that is full, or refuses.
    pub(crate) storage_works: bool,
    /// Extensions that the browser does not let go of.
    pub(crate) stubborn: BTreeSet<String>,
    page: Page,
    pub(crate) loads: usize,
    pub(crate) tried: Vec<Tried>,
    /// Extensions that we have turned off and not on again.
    ours: BTreeSet<String>,
    // Memory.
    pub(crate) trials: Trials,
    todo: VecDeque<Do>,
    alarms: BTreeSet<Millis>,
    loading: bool,
}

impl Room {
    /// With extensions `e0`, `e1` …, all on and all able to do the same, and one called `asleep` that is off.
    pub(crate) fn new(extensions: usize, page: impl Fn(&BTreeSet<String>) -> Loaded + 'static) -> Self {
        let mut list = BTreeMap::new();
        for id in (0..extensions).map(|n| format!("e{n}")).chain(["asleep".to_owned(), OWN.to_owned()]) {
            let extension = Extension {
                name: id.to_uppercase(),
                kind: "extension".to_owned(),
                enabled: id != "asleep",
                may_disable: true,
                hosts: vec!["<all_urls>".to_owned()],
                id: id.clone(),
                ..Extension::default()
            };
            list.insert(id, extension);
        }
        Self {
            now: 1_000_000,
            list,
            ledger: Vec::new(),
            session: None,
            past: Vec::new(),
            granted: true,
            storage_works: true,
            stubborn: BTreeSet::new(),
            page: Box::new(page),
            loads: 0,
            tried: Vec::new(),
            ours: BTreeSet::new(),
            trials: Trials::new(OWN.to_owned()),
            todo: VecDeque::new(),
            alarms: BTreeSet::new(),
            loading: false,
        }
    }

    pub(crate) fn on(&self) -> BTreeSet<String> {
        self.list.values().filter(|e| e.enabled).map(|e| e.id.clone()).collect()
    }

    pub(crate) fn is_loading(&self) -> bool {
        self.loading && self.todo.is_empty()
    }

    pub(crate) fn tell(&mut self, told: Told) {
        let todo = self.trials.handle(self.now, told);
        self.todo.extend(todo);
    }

    /// The visitor asks for the test and starts it.
    pub(crate) fn ask(&mut self, case: CaseId, tab: i32) {
        self.want(case, tab);
        self.tell(Told::Begin { case });
    }

    /// The visitor asks for the test, and sees what it would turn off.
    pub(crate) fn want(&mut self, case: CaseId, tab: i32) {
        let target = Target { case, tab, url: "https://shop.test/page".to_owned(), ..Target::default() };
        self.tell(Told::Wanted { target: Box::new(target), granted: self.granted });
        while self.step() {}
    }

    /// The background dies, and the next one finds what was written down.
    pub(crate) fn die(&mut self) {
        self.trials = Trials::new(OWN.to_owned());
        self.todo.clear();
        self.alarms.clear();
        self.loading = false;
        self.now += 1_000;
        self.tell(Told::Woke { off: self.session.clone(), kept: self.ledger.clone() });
    }

    /// The browser dies, and the next one finds on its disk what was on at some time in the last [`LAG_MS`].
    pub(crate) fn crash(&mut self, disk: &BTreeSet<String>) {
        for extension in self.list.values_mut() {
            extension.enabled = disk.contains(&extension.id);
        }
        self.ours.clear();
        self.session = None;
        self.die();
    }

    /// What the disk may hold now.
    pub(crate) fn disks(&self) -> Vec<BTreeSet<String>> {
        let until = |n: usize| self.past.get(n + 1).map_or(self.now, |next| next.0);
        let fresh = self.past.iter().enumerate().filter(|(n, _)| until(*n) + LAG_MS >= self.now).map(|(_, (_, on))| on.clone());
        fresh.chain([self.on()]).collect()
    }

    /// Somebody turns an extension on or off by hand.
    pub(crate) fn turn(&mut self, id: &str, on: bool) {
        if let Some(extension) = self.list.get_mut(id) {
            extension.enabled = on;
            self.ours.remove(id);
        }
    }

    /// Does the next thing. False when there is none.
    pub(crate) fn step(&mut self) -> bool {
        self.now += 5;
        let Some(next) = self.todo.pop_front() else { return false };
        match next {
            Do::Look => {
                let list = self.granted.then(|| self.list.values().cloned().collect());
                self.tell(Told::Listed(list));
            }
            Do::Note { off, kept } => {
                if self.storage_works {
                    (self.ledger, self.session) = (kept, Some(off));
                }
                self.tell(Told::Noted(self.storage_works));
            }
            Do::Switch { id, on } => {
                let ok = self.granted && !self.stubborn.contains(&id);
                if let Some(extension) = self.list.get_mut(&id).filter(|_| ok) {
                    extension.enabled = on;
                    // With no test, it is what the visitor keeps off.
                    if on || self.trials.is_idle() {
                        self.ours.remove(&id)
                    } else {
                        self.ours.insert(id.clone())
                    };
                }
                self.tell(Told::Switched { id, ok });
            }
            Do::Load { tab, .. } => {
                self.loads += 1;
                self.loading = true;
                self.now += 300;
                self.tell(Told::Moved { tab, ours: true });
            }
            Do::Wake(at) => drop(self.alarms.insert(at)),
            Do::Tried { tried, .. } => self.tried.push(*tried),
            Do::Show => {}
        }
        self.holds();
        let on = self.on();
        if self.past.last().is_none_or(|(_, last)| *last != on) {
            self.past.push((self.now, on));
        }
        true
    }

    /// Lets the page that loads come to its end, or the next alarm ring. False when there is nothing to wait for.
    pub(crate) fn wait(&mut self) -> bool {
        if std::mem::take(&mut self.loading) {
            if let Some(tab) = self.trials.target().map(|t| t.tab) {
                let loaded = (self.page)(&self.on());
                self.tell(Told::Loaded { tab, loaded });
            }
            return true;
        }
        // One that is stuck rings once a minute for ever.
        let stuck = self.trials.is_stuck() || self.trials.is_idle() && !self.storage_works;
        let Some(at) = self.alarms.pop_first().filter(|_| !stuck) else { return false };
        self.now = self.now.max(at);
        self.tell(Told::Tick);
        true
    }

    /// Nothing comes of the load that is under way: the next alarm rings. False when there is none.
    pub(crate) fn silent(&mut self) -> bool {
        self.loading = false;
        self.wait()
    }

    /// Until nothing is left to do or to wait for.
    pub(crate) fn run(&mut self) {
        while self.step() || self.wait() {}
    }

    /// What must be true at every moment.
    fn holds(&self) {
        for id in &self.ours {
            assert!(self.ledger.contains(id), "{id} is off and not written down: {:?}", self.ledger);
            let now = self.session.iter().flatten().any(|i| i == id);
            assert!(now, "{id} is off, and the next background would not know: {:?}", self.session);
        }
    }
}
