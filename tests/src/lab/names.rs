//! The name server of the lab: it knows the names of the scenario, nothing else, and remembers what was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use faultline_core::net::is_below;

/// Types and classes of RFC 1035, section 3.2.
const A: u16 = 1;
const NXDOMAIN: u8 = 3;

#[derive(Debug, Default)]
struct Book {
    known: BTreeMap<String, Ipv4Addr>,
    /// Domains of which every name is this machine.
    here: Vec<String>,
    asked: BTreeSet<String>,
}

/// The name server, running. Clones are one.
#[derive(Debug, Clone)]
pub struct Names(Arc<Mutex<Book>>);

fn lock(book: &Mutex<Book>) -> MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Names {
    /// Starts it where every resolver of this machine looks. It ends with the program.
    ///
    /// # Errors
    /// When the port is not free or not allowed.
    pub(super) fn start() -> Result<Self, String> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 53)).map_err(|e| format!("name server: {e}"))?;
        let names = Self(Arc::default());
        let book = Arc::clone(&names.0);
        thread::spawn(move || {
            let mut question = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut question) {
                if let Some(answer) = question.get(..length).and_then(|q| answer(q, &book)) {
                    // A resolver that went away asks again.
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Ok(names)
    }

    /// `host` is at `address` from now on.
    pub fn set(&self, host: &str, address: Ipv4Addr) {
        lock(&self.0).known.insert(host.to_ascii_lowercase(), address);
    }

    /// Every name under `domain` is this machine from now on.
    pub fn set_here(&self, domain: &str) {
        lock(&self.0).here.push(domain.to_ascii_lowercase());
    }

    /// Nobody is called `host` any more.
    pub fn forget(&self, host: &str) {
        lock(&self.0).known.remove(&host.to_ascii_lowercase());
    }

    /// Every name that was asked for since [`Self::take_asked`].
    #[must_use]
    pub fn asked(&self) -> BTreeSet<String> {
        lock(&self.0).asked.clone()
    }

    /// Every name that was asked for since the last time that this was called.
    #[must_use]
    pub fn take_asked(&self) -> BTreeSet<String> {
        std::mem::take(&mut lock(&self.0).asked)
    }
}

/// The answer to one question; none to what cannot be read.
fn answer(question: &[u8], book: &Mutex<Book>) -> Option<Vec<u8>> {
    let mut name = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*question.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        name.push(String::from_utf8_lossy(question.get(at..at + length)?).to_ascii_lowercase());
        at += length;
    }
    let kind = u16::from_be_bytes(question.get(at..at + 2)?.try_into().ok()?);
    let asked = question.get(12..at + 4)?;
    let name = name.join(".");
    let mut book = lock(book);
    let is_here = || book.here.iter().any(|here| is_below(&name, here));
    let address = book.known.get(&name).copied().or_else(|| is_here().then_some(Ipv4Addr::LOCALHOST));
    book.asked.insert(name);
    let found = address.filter(|_| kind == A);
    let code = if address.is_some() { 0 } else { NXDOMAIN };

    let mut out = question.get(..2)?.to_vec();
    // An answer with authority and recursion, one question, at most one record.
    out.extend([0x85, 0x80 | code, 0, 1, 0, u8::from(found.is_some()), 0, 0, 0, 0]);
    out.extend(asked);
    if let Some(address) = found {
        // The name is the one at offset 12; kept for no time at all.
        out.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        out.extend(address.octets());
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(book: &Mutex<Book>, kind: u8) -> Vec<u8> {
        let mut question = vec![7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4];
        question.extend(b"Shop\x07example\x00");
        question.extend([0, kind, 0, 1]);
        answer(&question, book).unwrap()
    }

    #[test]
    fn known_names_have_an_address_and_others_do_not_exist() {
        let book = Mutex::new(Book::default());
        assert_eq!(ask(&book, 1)[3] & 15, NXDOMAIN);
        lock(&book).known.insert("shop.example".into(), Ipv4Addr::new(203, 0, 113, 9));
        assert!(ask(&book, 1).ends_with(&[203, 0, 113, 9]));
        lock(&book).here.push("example".into());
        assert!(ask(&book, 1).ends_with(&[203, 0, 113, 9]), "its own address comes first");
        lock(&book).known.clear();
        assert!(ask(&book, 1).ends_with(&[127, 0, 0, 1]));
        // The name is there, and has no address of the other kind.
        let six = ask(&book, 28);
        assert_eq!((six[3] & 15, six[7]), (0, 0));
        assert_eq!(lock(&book).asked.iter().collect::<Vec<_>>(), ["shop.example"]);
    }
}
