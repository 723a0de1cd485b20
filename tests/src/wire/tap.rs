//! The tap: every connection that anybody opens and every datagram that anybody sends, read off the wire itself.
//!
//! It hears what the kernel sends, whoever sent it and whether somebody answers, so nothing has to be known of the programs that speak.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

/// `ETH_P_ALL` of <linux/if_ether.h>: packets of every protocol.
const EVERY_PROTOCOL: u16 = 3;

/// Numbers of RFC 790.
const TCP: u8 = 6;
const UDP: u8 = 17;

/// How often the listener looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(100);

/// What was heard so far. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Tap {
    heard: Arc<Mutex<BTreeSet<SocketAddr>>>,
    stop: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Tap {
    /// Listens to every interface of this network.
    ///
    /// # Errors
    /// When this user may not.
    pub(super) fn open() -> Result<Self, String> {
        let trouble = |e: std::io::Error| format!("nobody may listen to the wire: {e}");
        let protocol = Protocol::from(i32::from(EVERY_PROTOCOL.to_be()));
        let mut socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(protocol)).map_err(trouble)?;
        socket.set_read_timeout(Some(LOOK)).map_err(trouble)?;
        let (heard, stop) = (Arc::<Mutex<BTreeSet<SocketAddr>>>::default(), Arc::new(AtomicBool::new(false)));
        let (book, end) = (Arc::clone(&heard), Arc::clone(&stop));
        let listener = thread::spawn(move || {
            let mut packet = vec![0; 1 << 16];
            while !end.load(Ordering::SeqCst) {
                match socket.read(&mut packet) {
                    Ok(length) => {
                        let to = packet.get(..length).and_then(addressee);
                        book.lock().unwrap_or_else(PoisonError::into_inner).extend(to);
                    }
                    Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
                    Err(e) => panic!("the tap is deaf: {e}"),
                }
            }
        });
        Ok(Self { heard, stop, listener: Some(listener) })
    }

    /// Everybody who was spoken to, from outside of this machine's own talk with itself.
    pub(super) fn heard(&self) -> BTreeSet<SocketAddr> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().filter(|to| !to.ip().is_loopback()).copied().collect()
    }

    /// Whether it still listens.
    pub(super) fn is_open(&self) -> bool {
        self.listener.as_ref().is_some_and(|listener| !listener.is_finished())
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = self.listener.take().map(JoinHandle::join);
    }
}

/// To whom a packet opens a connection, or brings a datagram; none for answers and for what goes on.
fn addressee(packet: &[u8]) -> Option<SocketAddr> {
    let (protocol, to, rest) = match packet.first()? >> 4 {
        4 => {
            let header = usize::from(packet.first()? & 15) * 4;
            let to: [u8; 4] = packet.get(16..20)?.try_into().ok()?;
            (*packet.get(9)?, IpAddr::from(Ipv4Addr::from(to)), packet.get(header..)?)
        }
        6 => {
            let to: [u8; 16] = packet.get(24..40)?.try_into().ok()?;
            (*packet.get(6)?, IpAddr::from(Ipv6Addr::from(to)), packet.get(40..)?)
        }
        _ => return None,
    };
    // The first packet of a connection has SYN and not yet ACK.
    let begins = match protocol {
        TCP => *rest.get(13)? & 0b1_0010 == 0b0_0010,
        UDP => true,
        _ => false,
    };
    let port = u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?);
    begins.then(|| SocketAddr::new(to, port))
}

#[cfg(test)]
mod tests {
    use super::addressee;

    /// A packet of IPv4 with a header of TCP or UDP behind it.
    fn packet(protocol: u8, flags: u8) -> Vec<u8> {
        let mut packet = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, protocol, 0, 0, 203, 0, 113, 1, 198, 51, 100, 20];
        packet.extend([0xc0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0]);
        packet
    }

    #[test]
    fn what_opens_a_connection_is_heard_and_answers_are_not() {
        let heard = |packet: &[u8]| addressee(packet).map(|to| to.to_string());
        assert_eq!(heard(&packet(6, 0b0_0010)).as_deref(), Some("198.51.100.20:80"));
        assert_eq!(heard(&packet(6, 0b1_0010)), None, "an answer");
        assert_eq!(heard(&packet(6, 0b1_0000)), None, "what goes on");
        assert_eq!(heard(&packet(17, 0)).as_deref(), Some("198.51.100.20:80"));
        assert_eq!(heard(&packet(1, 0)), None, "no port");
        assert_eq!(heard(&packet(6, 2)[..21]), None, "cut");
        let mut six = vec![0x60, 0, 0, 0, 0, 8, 17, 64];
        six.extend([0; 16]);
        six.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
        six.extend([0, 9, 1, 0xbb, 0, 8, 0, 0]);
        assert_eq!(heard(&six).as_deref(), Some("[2001:db8::9]:443"));
    }
}
