//! The ways in which what stands behind a gateway fails.

use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

use super::{Answer, Origin};

/// One way to fail, or to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing listens on the port.
    Refuses,
    /// Takes the connection and the request, and never answers.
    Silent,
    /// Takes the request and closes the connection.
    Closes,
    /// Takes the request and resets the connection.
    Resets,
    /// Answers something that is not HTTP.
    Garbage,
    /// Answers with a header field of 96 KiB.
    HugeHeader,
    /// Breaks off in the middle of a 200.
    HalfBody,
    /// Works.
    Works,
}

/// Something behind a gateway.
#[derive(Debug)]
pub struct Upstream {
    port: u16,
    // Bound and never listening: the port refuses, and nobody else can take it meanwhile.
    _refusing: Option<Socket>,
    origin: Option<Origin>,
}

impl Upstream {
    /// Starts one with a fault.
    ///
    /// # Panics
    /// When loopback has no port left.
    #[must_use]
    #[track_caller]
    pub fn with(fault: Fault) -> Self {
        if fault == Fault::Refuses {
            let (socket, port) = refusing().unwrap_or_else(|e| panic!("no port: {e}"));
            return Self { port, _refusing: Some(socket), origin: None };
        }
        Self::from(Origin::start(move |_| match fault {
            Fault::Silent => Answer::silence(),
            Fault::Closes => Answer::hang_up(),
            Fault::Resets => Answer::reset(),
            Fault::Garbage => Answer::raw("This is not the protocol that you are looking for.\r\n\r\n"),
            Fault::HugeHeader => Answer::fine("Too much").header("X-Huge", &"x".repeat(96 * 1024)),
            Fault::HalfBody => Answer::new(200, "OK").html(&"<p>half</p>".repeat(1000)).broken_off(),
            Fault::Works | Fault::Refuses => Answer::fine("It works"),
        }))
    }

    /// Its port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What came to it; nothing where nothing listens.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }
}

impl From<Origin> for Upstream {
    fn from(origin: Origin) -> Self {
        Self { port: origin.port(), _refusing: None, origin: Some(origin) }
    }
}

fn refusing() -> std::io::Result<(Socket, u16)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    let port = socket.local_addr()?.as_socket().map_or(0, |a| a.port());
    Ok((socket, port))
}
