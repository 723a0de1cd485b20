//! Words without end, the same in every run.

/// A linear congruential generator with a small vocabulary.
pub(crate) struct Words(u64);

const VOCABULARY: [&str; 36] = [
    "the", "our", "service", "page", "order", "customer", "please", "reload", "minutes", "team", "problem", "working", "account",
    "open", "again", "shop", "support", "contact", "news", "about", "delivery", "house", "paper", "water", "people", "report",
    "number", "garden", "window", "street", "market", "winter", "letter", "visit", "Monday", "London",
];
impl Words {
    /// Another seed gives other words.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn one_of(&mut self, list: &[&'static str]) -> &'static str {
        let at = self.number() % list.len() as u64;
        usize::try_from(at).ok().and_then(|at| list.get(at)).copied().unwrap_or_default()
    }

    /// A word that pages have.
    pub(crate) fn word(&mut self) -> &'static str {
        self.one_of(&VOCABULARY)
    }

    /// Several of them.
    pub(crate) fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    /// A name that no page has.
    pub(crate) fn name(&mut self) -> String {
        (0..8).map(|_| char::from(b'a' + (self.number() % 26) as u8)).collect()
    }
}
