//! The hop chain as a picture: made from data, the failing hop marked by shape and words, not by colour alone.

use super::node::{Element, el};
use crate::case::Case;
use crate::hops::{self, Hop};
use crate::terms::HopState;
use crate::words::{Speaker, Word};

const STEP: usize = 64;
const MIDDLE: usize = 14;

/// The chain: an SVG for eyes and the same as a list for ears.
pub(super) fn chain(case: &Case, speaker: &dyn Speaker) -> Element {
    let hops = hops::chain(case);
    el("div").class("fl-chain").kid(picture(&hops)).kid(
        el("ol")
            .class("fl-hops")
            .attr("aria-label", speaker.say(&Word::new("chain_label")))
            .kids(hops.iter().map(|h| item(h, speaker))),
    )
}

fn item(hop: &Hop, speaker: &dyn Speaker) -> Element {
    let kind = speaker.say(&Word::new(format!("hop_{}", hop.kind)));
    let mut li = el("li")
        .class(format!("fl-hop fl-hop-{}", hop.state))
        .attr("data-hop", hop.kind.as_str())
        .attr("data-state", hop.state.as_str());
    li = li.kid(el("span").class("fl-hop-kind").kid(kind));
    if let Some(name) = &hop.name {
        li = li.kid(el("span").class("fl-hop-name").kid(shorten(name)));
    }
    li.kid(el("span").class("fl-hop-state").kid(speaker.say(&Word::new(format!("hop_state_{}", hop.state)))))
}

/// Names from headers may be long; the details page and the report have them whole.
fn shorten(name: &str) -> String {
    if name.chars().count() <= 18 { name.to_owned() } else { name.chars().take(17).chain(['…']).collect() }
}

fn picture(hops: &[Hop]) -> Element {
    let width = STEP * hops.len();
    let mut svg = el("svg")
        .class("fl-picture")
        .attr("viewBox", format!("0 0 {width} {}", MIDDLE * 2))
        .attr("aria-hidden", "true")
        .attr("focusable", "false");
    for (n, hop) in hops.iter().enumerate() {
        let x = STEP * n + STEP / 2;
        if n > 0 {
            let broken = hop.state == HopState::Failed || hop.state == HopState::Unknown;
            svg = svg.kid(
                el("line")
                    .class(if broken { "fl-wire fl-wire-broken" } else { "fl-wire" })
                    .attr("x1", (x - STEP + 11).to_string())
                    .attr("y1", MIDDLE.to_string())
                    .attr("x2", (x - 11).to_string())
                    .attr("y2", MIDDLE.to_string()),
            );
        }
        svg = svg.kid(mark(hop.state, x));
    }
    svg
}

/// Ok is a disc with a tick, failed a diamond with a cross, reported a disc with a dot, unknown an open ring.
fn mark(state: HopState, x: usize) -> Element {
    let group = el("g").class(format!("fl-mark fl-mark-{state}")).attr("transform", format!("translate({x} {MIDDLE})"));
    let disc = el("circle").attr("r", "9").attr("cx", "0").attr("cy", "0");
    let stroke = |d: &str| el("path").class("fl-glyph").attr("d", d);
    match state {
        HopState::Ok => group.kid(disc).kid(stroke("M-4 0 L-1 3 L4 -3")),
        HopState::Reported => group.kid(disc).kid(stroke("M0 -4 L0 1 M0 4 L0 4.2")),
        HopState::Failed => group
            .kid(el("path").class("fl-diamond").attr("d", "M0 -12 L12 0 L0 12 L-12 0 Z"))
            .kid(stroke("M-4 -4 L4 4 M4 -4 L-4 4")),
        HopState::Unknown => group.kid(disc.attr("class", "fl-ring")),
    }
}
