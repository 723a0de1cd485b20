//! Showing a case: popup, card or badge, and only over the tab that failed.

use faultline_core::command::Badge;
use faultline_core::event::{Announcement, TabId};
use faultline_core::settings::Show;
use faultline_core::words::{Speaker, Word};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;

use crate::chrome::{self, field};
use crate::hands::Hands;
use crate::speak::Visitor;
use crate::trouble;

/// Milliseconds before each try to open the popup: one that is just closing keeps the next from opening for a moment.
const PAUSES: [u32; 2] = [0, 300];

/// What is known of a tab and its window at the moment of the announcement.
struct Place {
    window: i32,
    /// The visitor looks at this tab.
    looked_at: bool,
    /// The window has a toolbar for the popup to hang on.
    toolbar: bool,
}

/// Announces the case in `tab` as the visitor wants it, as far as the browser lets us.
/// `failure` is the site's host and the status, for a notification where there is nothing else. `still` tells whether the page is still
/// there: another one may come at any moment.
pub(crate) async fn announce(
    hands: &Hands,
    tab: TabId,
    show: Show,
    card: bool,
    document: Option<&str>,
    failure: Option<(String, u16)>,
    still: &dyn Fn() -> bool,
) -> Announcement {
    if show == Show::Badge {
        return Announcement::Badge;
    }
    for pause in if show == Show::Popup { &PAUSES[..] } else { &[] } {
        if *pause > 0 {
            TimeoutFuture::new(*pause).await;
        }
        let Some(place) = trouble::noted("find the tab", place(tab).await) else { return Announcement::Waiting };
        // openPopup always opens over the active tab of the window: over an innocent page, if this one is not it.
        if !place.looked_at || !still() {
            return Announcement::Waiting;
        }
        let before = hands.popups();
        // One that the visitor closes at once counts as not opened in Chromium: it has been there, and does not come again.
        if place.toolbar && (chrome::open_popup(place.window).await.is_ok() || hands.popups() > before) {
            return Announcement::Popup;
        }
        if !place.toolbar {
            break;
        }
    }
    if card && trouble::noted("put the card into the page", hands.card(tab, document).await).is_some() {
        return Announcement::Card;
    }
    if let Some((host, status)) = failure.filter(|_| show == Show::Popup) {
        // No popup and no card: a notification, where the visitor has allowed them. Without that the badge alone tells.
        let word = if status == 0 {
            Word::new("verdict_barred").with(host)
        } else {
            Word::new("verdict_checking").with(host).with(status.to_string())
        };
        let text = Visitor.say(&word);
        let _ = chrome::notify(&format!("tab:{tab}"), &Visitor.say(&Word::new("action_title")), &text).await;
    }
    Announcement::Waiting
}

async fn place(tab: TabId) -> Result<Place, JsValue> {
    let window = field(&chrome::tab(tab).await?, "windowId").as_f64().unwrap_or(-1.0) as i32;
    let info = chrome::window(window).await;
    // Last of all: the visitor may turn to another tab at any moment.
    let active = field(&chrome::tab(tab).await?, "active").is_truthy();
    // Firefox for Android has no windows: there the active tab is the one on screen.
    let Ok(info) = info else { return Ok(Place { window, looked_at: active, toolbar: true }) };
    let is = |name: &str, value: &str| field(&info, name).as_string().as_deref() == Some(value);
    Ok(Place {
        window,
        looked_at: active && field(&info, "focused").is_truthy() && !is("state", "minimized"),
        toolbar: is("type", "normal") && !is("state", "fullscreen"),
    })
}

/// The sign in all tabs that other extensions are off through us.
pub(crate) async fn badge_everywhere(off: bool) -> Result<JsValue, JsValue> {
    let text = if off { "off" } else { "" };
    chrome::badge_everywhere(text, "#8a5300", &Visitor.say(&faultline_core::view::title(off))).await
}

/// Sets the toolbar button of `tab`. Each state has a sign of its own, so that colour is not the only difference.
pub(crate) async fn badge(tab: TabId, badge: Badge) {
    let (text, colour, key) = match badge {
        Badge::None => ("", "#5f6368", "action_title"),
        Badge::Checking => ("…", "#5f6368", "badge_checking"),
        Badge::Site => ("!", "#b3261e", "badge_site"),
        Badge::Yours => ("you", "#8a5300", "badge_yours"),
        Badge::Passed => ("ok", "#146c2e", "badge_passed"),
        Badge::Unclear => ("?", "#5f6368", "badge_unclear"),
    };
    let title = Visitor.say(&Word::new(key));
    // The tab may be gone by now.
    let _ = chrome::badge(tab, text, colour, &title).await;
}
