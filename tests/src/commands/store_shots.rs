//! The pictures of the store listing, of the extension as it is: `cargo xtask store-shots` writes them to `store/pictures/`.
//!
//! Popup and pages are photographed in a real browser before failing sites; then each is put beside its caption, which stands in
//! `store/listing/en.md`, on a page of the size that the stores want.

// A photographer who cannot go on says why and stops; the browser is closed on the way out.
#![allow(clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use faultline_tests::browser::{Browser, Kind, Launch};
use faultline_tests::stage::{Exhibit, Stage, exhibits};
use faultline_tests::wait::wait_for;

/// Both stores take this size for screenshots.
const SCREEN: (u32, u32) = (1280, 800);
/// Chrome's small promotional tile.
const TILE: (u32, u32) = (440, 280);

pub(crate) fn run() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let listing = std::fs::read_to_string(root.join("store/listing/en.md")).expect("the English listing");
    let captions = captions(&listing);
    let stage = Stage::open();
    // Twice as fine, so that it is still sharp when it is put beside its caption.
    let launch = Launch::new(Kind::Chromium)
        .hosts(stage.hosts())
        .flag("--force-device-scale-factor=2")
        .flag("--screen-info={2600x2200}")
        .flag("--window-size=1250,1000");
    let browser = launch.start();
    browser.set_settings(&stage.settings());
    browser.tidy_up();

    let site = popup_over(&browser, &stage, "nginx-502");
    let details = page_of(&browser, "extension/details.html#latest", "#report-json");
    let yours = popup_over(&browser, &stage, "worker-makes-up");
    let options = page_of(&browser, "extension/options.html", "form, main, #faultline");

    let folder = root.join("store/pictures");
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    let pages = [
        beside(&captions[0], &site, "popup"),
        beside(&captions[1], &yours, "popup"),
        beside(&captions[2], &details, "page"),
        beside(&captions[3], &options, "page"),
    ];
    for (number, page) in (1..).zip(pages) {
        compose(&browser, &page, SCREEN, &folder.join(format!("screen-{number}.png")));
    }
    let icon = std::fs::read(root.join("extension/icons/128.png")).expect("the icon");
    compose(&browser, &tile(&icon), TILE, &folder.join("tile.png"));
    ExitCode::SUCCESS
}

/// The numbered lines of the section with the captions, which is the last one.
fn captions(listing: &str) -> Vec<String> {
    let last = listing.rsplit("\n## ").next().unwrap_or_default();
    let lines = last.lines().filter_map(|line| line.split_once(". ").filter(|(number, _)| number.parse::<u8>().is_ok()));
    let captions: Vec<String> = lines.map(|(_, text)| text.trim().to_owned()).collect();
    assert_eq!(captions.len(), 4, "four captions at the end of the listing");
    captions
}

/// Visits a failing site, and photographs the popup with its verdict.
fn popup_over(browser: &Browser, stage: &Stage, name: &str) -> Vec<u8> {
    let all: Vec<Exhibit> = exhibits();
    let exhibit = all.iter().find(|e| e.name == name).unwrap_or_else(|| panic!("no exhibit {name}"));
    if let Some(front) = stage.front_page(exhibit) {
        browser.visit(&front);
        wait_for("the site's service worker", || {
            let title = browser.try_run("return document.title", &[])?;
            if title == "ready" { Ok(()) } else { Err(title.to_string()) }
        });
    }
    browser.close_popup();
    browser.visit(&stage.url(exhibit));
    drop(browser.verdict());
    let picture = browser.popup_picture();
    browser.close_popup();
    picture
}

/// Opens a page of the extension, and photographs it when `there` is there.
fn page_of(browser: &Browser, path: &str, there: &str) -> Vec<u8> {
    browser.visit(&format!("{}{path}", browser.extension_origin()));
    wait_for(path, || {
        let found = browser
            .try_run("return !!document.querySelector(arguments[0]) && document.body.innerText.length > 200", &[there.into()])?;
        if found == true { Ok(()) } else { Err("not there yet".to_owned()) }
    });
    browser.page_picture(900, 760)
}

const STYLE: &str = "<meta charset=utf-8><style>
  * { box-sizing: border-box; margin: 0 }
  html, body { height: 100%; overflow: hidden }
  body { font: 34px/1.3 system-ui, 'DejaVu Sans', sans-serif; color: #14213d; background: #e6edf9; display: flex; align-items: center }
  h1 { font-size: 42px; line-height: 1.22; font-weight: 700; text-wrap: balance }
  img { display: block; border-radius: 14px; box-shadow: 0 18px 50px rgb(20 33 61 / .28); background: #fff }
  .popup { gap: 70px; padding: 0 80px } .popup div { flex: 1 } .popup p { margin-top: 18px } .popup img { max-height: 720px; width: 440px; object-fit: cover; object-position: top }
  .page { flex-direction: column; gap: 28px; padding: 36px 60px 0; align-items: flex-start } .page h1 { font-size: 32px } .page img { width: 1000px; align-self: center }
  .tile { gap: 26px; padding: 0 34px; color: #fff; background: #17294f } .tile img { width: 96px; box-shadow: none; background: none } .tile h1 { font-size: 40px } .tile p { font-size: 21px; margin-top: 6px }
</style>";

fn beside(caption: &str, picture: &[u8], class: &str) -> String {
    let (first, rest) = caption.split_once(": ").unwrap_or((caption, ""));
    let rest = match rest.chars().next() {
        Some(start) => format!("<p>{}{}</p>", start.to_uppercase(), rest.get(start.len_utf8()..).unwrap_or_default()),
        None => String::new(),
    };
    let text = if class == "popup" { format!("<div><h1>{first}</h1>{rest}</div>") } else { format!("<h1>{caption}</h1>") };
    format!("{STYLE}<body class={class}>{text}<img alt='' src='data:image/png;base64,{}'>", BASE64.encode(picture))
}

fn tile(icon: &[u8]) -> String {
    format!(
        "{STYLE}<body class=tile><img alt='' src='data:image/png;base64,{}'><div><h1>Faultline</h1><p>502? Is it me,<br>or is it the site?</p></div>",
        BASE64.encode(icon)
    )
}

/// Shows a page of our own making, and keeps its picture.
fn compose(browser: &Browser, html: &str, (width, height): (u32, u32), to: &Path) {
    browser.visit("about:blank");
    browser.run("document.open(); document.write(arguments[0]); document.close()", &[html.into()]);
    wait_for("the picture in the page", || {
        let done = browser.try_run("return [...document.images].every(i => i.complete && i.naturalWidth > 0)", &[])?;
        if done == true { Ok(()) } else { Err("not yet".to_owned()) }
    });
    std::fs::write(to, browser.page_picture(width, height)).unwrap_or_else(|e| panic!("{}: {e}", to.display()));
    println!("{}", to.display());
}
