//! A gate: where an answer waits until a test says so.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::origin::{LOOK, lock};

/// Something that stays shut until a test opens it. Clones are one gate.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar, AtomicUsize)>);

impl Gate {
    /// A gate that is shut.
    #[must_use]
    pub fn shut() -> Self {
        Self::default()
    }

    /// Lets through whoever waits, and whoever comes later.
    pub fn open(&self) {
        *lock(&self.0.0) = true;
        self.0.1.notify_all();
    }

    /// How many have come to it so far.
    #[must_use]
    pub fn arrivals(&self) -> usize {
        self.0.2.load(Ordering::SeqCst)
    }

    pub(super) fn pass(&self, stop: &AtomicBool) {
        self.0.2.fetch_add(1, Ordering::SeqCst);
        let mut open = lock(&self.0.0);
        while !*open && !stop.load(Ordering::SeqCst) {
            open = self.0.1.wait_timeout(open, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
