//! The mouse of a [`super::Display`]: the few requests of X11 that move it, press it and find what it is to press, and nothing else of X11.
//! <https://www.x.org/releases/current/doc/xproto/x11protocol.html>, <https://www.x.org/releases/current/doc/xextproto/xtest.html>

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// Numbers of requests.
const ATTRIBUTES: u8 = 3;
const GEOMETRY: u8 = 14;
const TREE: u8 = 15;
const EXTENSION: u8 = 98;

/// Numbers of the events that XTEST plays.
const PRESS: u8 = 4;
const RELEASE: u8 = 5;
const MOVE: u8 = 6;

/// Where a window is: left, top, width, height.
pub(super) type Place = [i32; 4];

/// A connection to the X server.
#[derive(Debug)]
pub(super) struct Pointer {
    server: UnixStream,
    root: u32,
    xtest: u8,
}

impl Pointer {
    /// Connects to the display of this name.
    ///
    /// # Errors
    /// When nothing there speaks X11, or it has no XTEST.
    pub(super) fn of(display: &str) -> Result<Self, String> {
        let path = format!("/tmp/.X11-unix/X{}", display.trim_start_matches(':'));
        let server = UnixStream::connect(&path).map_err(|e| format!("{path}: {e}"))?;
        let mut pointer = Self { server, root: 0, xtest: 0 };
        // Little-endian, version 11.0, without a key.
        pointer.write(&[b'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
        let head = pointer.read(8)?;
        let rest = pointer.read(usize::from(short(&head, 6)) * 4)?;
        if head[0] != 1 {
            return Err(format!("refused: {}", String::from_utf8_lossy(&rest)));
        }
        // Behind the vendor's name and eight bytes for each format of pictures is the first screen.
        let vendor = usize::from(short(&rest, 16)).next_multiple_of(4);
        pointer.root = long(&rest, 32 + vendor + usize::from(rest[21]) * 8);
        let found = pointer.ask(EXTENSION, 0, b"\x05\0\0\0XTEST\0\0\0")?;
        pointer.xtest = found[9];
        if found[8] == 0 { Err("no XTEST".to_owned()) } else { Ok(pointer) }
    }

    /// Where the windows are that stand on the screen by themselves, with the frames that a window manager gives them.
    ///
    /// # Errors
    /// When the server is gone.
    pub(super) fn windows(&mut self) -> Result<Vec<Place>, String> {
        let tree = self.ask(TREE, 0, &self.root.to_le_bytes())?;
        let mut places = Vec::new();
        for window in tree[32..].chunks_exact(4) {
            // One that is gone by now has neither.
            let Ok(state) = self.ask(ATTRIBUTES, 0, window) else { continue };
            let Ok(at) = self.ask(GEOMETRY, 0, window) else { continue };
            let signed = |n| i32::from(short(&at, n).cast_signed());
            if state[26] == 2 {
                places.push([signed(12), signed(14), i32::from(short(&at, 16)), i32::from(short(&at, 18))]);
            }
        }
        Ok(places)
    }

    /// Moves it there.
    ///
    /// # Errors
    /// When the server is gone.
    pub(super) fn go(&mut self, x: i32, y: i32) -> Result<(), String> {
        self.play(MOVE, 0, x, y)
    }

    /// Presses its left button where it is.
    ///
    /// # Errors
    /// When the server is gone.
    pub(super) fn press(&mut self) -> Result<(), String> {
        self.play(PRESS, 1, 0, 0)?;
        self.play(RELEASE, 1, 0, 0)
    }

    fn play(&mut self, event: u8, button: u8, x: i32, y: i32) -> Result<(), String> {
        let mut body = vec![event, button, 0, 0, 0, 0, 0, 0];
        body.extend(self.root.to_le_bytes());
        body.extend([0; 8]);
        for at in [x, y] {
            body.extend(i16::try_from(at).map_err(|e| e.to_string())?.to_le_bytes());
        }
        body.extend([0; 8]);
        self.send(self.xtest, 2, &body)?;
        // Without an answer of its own: the next one says that it has been taken.
        self.ask(TREE, 0, &self.root.to_le_bytes()).map(drop)
    }

    fn send(&mut self, request: u8, minor: u8, body: &[u8]) -> Result<(), String> {
        let words = u16::try_from(body.len() / 4 + 1).map_err(|e| e.to_string())?.to_le_bytes();
        self.write(&[&[request, minor, words[0], words[1]], body].concat())
    }

    fn ask(&mut self, request: u8, minor: u8, body: &[u8]) -> Result<Vec<u8>, String> {
        self.send(request, minor, body)?;
        loop {
            let mut answer = self.read(32)?;
            match answer[0] {
                0 => return Err(format!("request {request}: error {}", answer[1])),
                1 => {
                    let more = usize::try_from(long(&answer, 4)).map_err(|e| e.to_string())?;
                    answer.extend(self.read(more * 4)?);
                    return Ok(answer);
                }
                // What the server tells everybody.
                _ => {}
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.server.write_all(bytes).map_err(|e| format!("X11: {e}"))
    }

    fn read(&mut self, bytes: usize) -> Result<Vec<u8>, String> {
        let mut read = vec![0; bytes];
        self.server.read_exact(&mut read).map_err(|e| format!("X11: {e}"))?;
        Ok(read)
    }
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
