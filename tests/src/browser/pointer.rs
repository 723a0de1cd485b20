//! The mouse of a [`super::Display`], and where what it may press is.

use x11rb::CURRENT_TIME;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, MOTION_NOTIFY_EVENT, MapState, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// Where a window is: left, top, width, height.
pub(super) type Place = [i32; 4];

/// A connection to the X server.
#[derive(Debug)]
pub(super) struct Pointer {
    server: RustConnection,
    root: Window,
}

impl Pointer {
    /// Connects to the display of this name.
    ///
    /// # Errors
    /// When nothing there speaks X11.
    pub(super) fn of(display: &str) -> Result<Self, String> {
        let (server, screen) = RustConnection::connect(Some(display)).map_err(|e| format!("{display}: {e}"))?;
        let root = server.setup().roots.get(screen).ok_or("no screen")?.root;
        Ok(Self { server, root })
    }

    /// Where the windows are that stand on the screen by themselves, with the frames that a window manager gives them.
    ///
    /// # Errors
    /// When the server is gone.
    pub(super) fn windows(&self) -> Result<Vec<Place>, String> {
        let tree = self.server.query_tree(self.root).map_err(gone)?.reply().map_err(gone)?;
        let mut places = Vec::new();
        for window in tree.children {
            let state = self.server.get_window_attributes(window).map_err(gone)?.reply();
            let at = self.server.get_geometry(window).map_err(gone)?.reply();
            // One that is gone by now has neither.
            let (Ok(state), Ok(at)) = (state, at) else { continue };
            if state.map_state == MapState::VIEWABLE {
                places.push([at.x.into(), at.y.into(), at.width.into(), at.height.into()]);
            }
        }
        Ok(places)
    }

    /// Moves it there.
    ///
    /// # Errors
    /// When the server is gone, or has no XTEST.
    pub(super) fn go(&self, x: i32, y: i32) -> Result<(), String> {
        let [x, y] = [x, y].map(|at| i16::try_from(at).unwrap_or_default());
        self.play(MOTION_NOTIFY_EVENT, 0, x, y)
    }

    /// Presses its left button where it is.
    ///
    /// # Errors
    /// When the server is gone, or has no XTEST.
    pub(super) fn press(&self) -> Result<(), String> {
        self.play(BUTTON_PRESS_EVENT, 1, 0, 0)?;
        self.play(BUTTON_RELEASE_EVENT, 1, 0, 0)
    }

    fn play(&self, event: u8, button: u8, x: i16, y: i16) -> Result<(), String> {
        // Checked: it has been done when this comes back.
        self.server.xtest_fake_input(event, button, CURRENT_TIME, self.root, x, y, 0).map_err(gone)?.check().map_err(gone)
    }
}

fn gone(why: impl std::fmt::Display) -> String {
    format!("X11: {why}")
}
