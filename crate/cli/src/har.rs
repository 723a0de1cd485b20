//! Failed responses of a HAR, entry by entry: <http://www.softwareishard.com/blog/har-12-spec/>.

use std::fmt;
use std::io::{self, BufRead};

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use faultline_core::page::Header;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::body;
use crate::line;
use crate::response::{Moment, Response};
use crate::shorten::Shortened;

/// One entry, read.
pub(crate) struct Entry {
    /// Its response.
    pub(crate) response: Response,
    /// When it was sent, if the HAR says so.
    pub(crate) sent: Option<Moment>,
    /// What of it could not be used.
    pub(crate) lacks: Option<String>,
}

/// How reading a HAR ended, if not well.
pub(crate) enum Trouble {
    /// It is none, or broken, in this line.
    Broken(u64, String),
    /// Writing what was found failed.
    Io(io::Error),
}

/// Calls `each` with the number of every entry, from 0, the line on which it ends, and what is in it.
pub(crate) fn entries(
    input: impl BufRead,
    mut each: impl FnMut(u64, u64, Result<Entry, String>) -> io::Result<()>,
) -> Result<(), Trouble> {
    let (input, place) = Shortened::new(input);
    let (mut number, mut stopped) = (0, None);
    let mut take = |entry: Value| {
        let (flaw, mut entry) = (place.flaw.take(), read(&entry));
        if let Ok(Entry { lacks: lacks @ None, .. }) = &mut entry {
            *lacks = flaw.map(str::to_owned);
        }
        let done = each(number, place.line.get(), entry);
        number += 1;
        done.map_err(|error| stopped = Some(error)).is_ok()
    };
    let mut found = false;
    let mut json = serde_json::Deserializer::from_reader(input);
    let parsed =
        At { path: &["log", "entries"], take: &mut take, found: &mut found }.deserialize(&mut json).and_then(|()| json.end());
    match (stopped, parsed) {
        (Some(error), _) => Err(Trouble::Io(error)),
        (None, Err(error)) => {
            let text = error.to_string();
            Err(Trouble::Broken(
                error.line() as u64,
                format!("not a HAR: {}", text.split(" at line ").next().unwrap_or_default()),
            ))
        }
        (None, Ok(())) if !found => Err(Trouble::Broken(place.line.get(), "not a HAR: it has no log.entries".to_owned())),
        (None, Ok(())) => Ok(()),
    }
}

/// The items of the list at `path`, one in memory at a time.
struct At<'a, F> {
    path: &'static [&'static str],
    take: &'a mut F,
    found: &'a mut bool,
}

impl<'de, F: FnMut(Value) -> bool> DeserializeSeed<'de> for At<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if self.path.is_empty() { from.deserialize_seq(self) } else { from.deserialize_map(self) }
    }
}

impl<'de, F: FnMut(Value) -> bool> Visitor<'de> for At<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.first() {
            Some(name) => write!(f, "an object with `{name}`"),
            None => f.write_str("a list of entries"),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match self.path.split_first() {
                Some((name, path)) if key == *name => {
                    map.next_value_seed(At { path, take: &mut *self.take, found: &mut *self.found })?
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        *self.found = true;
        while let Some(entry) = seq.next_element::<Value>()? {
            if !(self.take)(entry) {
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

fn read(entry: &Value) -> Result<Entry, String> {
    let text = |pointer: &str| entry.pointer(pointer).and_then(Value::as_str);
    let answer = entry.get("response").filter(|r| r.is_object()).ok_or("it has no response")?;
    let status = line::status(answer.get("status"))?;
    let mut headers = answer.get("headers").map_or(Ok(None), line::headers)?;
    // HTTP/2 and later: `:status` and the like are not header fields.
    headers.iter_mut().for_each(|fields| fields.retain(|f| !f.name.starts_with(':')));
    let (body, lacks) = match content(answer.get("content"), headers.as_deref().unwrap_or_default()) {
        Ok(body) => (Some(body), None),
        Err(lacks) => (None, Some(format!("{lacks}; only its header was read"))),
    };
    let response = Response {
        url: text("/request/url").unwrap_or_default().to_owned(),
        method: text("/request/method").unwrap_or_default().to_owned(),
        status,
        status_line: status_line(text("/response/httpVersion"), status, text("/response/statusText")),
        headers,
        body,
        title: None,
        // -1 stands for "does not apply".
        first_byte_ms: entry.pointer("/timings/wait").and_then(|w| line::milliseconds(Some(w), "wait").ok()).flatten(),
        address: text("/serverIPAddress").filter(|a| !a.is_empty()).map(str::to_owned),
        from_cache: entry.get("_fromCache").is_some_and(Value::is_string),
    };
    Ok(Entry { response, sent: text("/startedDateTime").and_then(moment), lacks })
}

/// The line as it was on the wire. Later versions of HTTP have no reason phrase, whatever is written in its place.
fn status_line(version: Option<&str>, status: u16, reason: Option<&str>) -> Option<String> {
    let version = version?.to_ascii_uppercase();
    version.starts_with("HTTP/1").then(|| format!("{version} {status} {}", reason.unwrap_or_default()).trim_end().to_owned())
}

fn content(content: Option<&Value>, headers: &[Header]) -> Result<String, String> {
    let content = content.ok_or("it has no content")?;
    let Some(text) = content.get("text").and_then(Value::as_str) else {
        let empty = content.get("size").and_then(Value::as_i64) == Some(0);
        return if empty { Ok(String::new()) } else { Err("its content was not saved".to_owned()) };
    };
    if content.get("encoding").and_then(Value::as_str) != Some("base64") {
        return Ok(text.to_owned());
    }
    let engine =
        GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));
    let bytes = engine.decode(text).map_err(|error| format!("its content is not base64: {error}"))?;
    Ok(body::decode(&bytes, headers))
}

fn moment(text: &str) -> Option<Moment> {
    let at = text.parse::<jiff::Timestamp>().ok()?.as_millisecond();
    let offset_min = jiff::fmt::temporal::DateTimeParser::new()
        .parse_pieces(text)
        .ok()
        .and_then(|pieces| pieces.to_numeric_offset())
        .map_or(0, |offset| offset.seconds() / 60);
    Some(Moment { at: u64::try_from(at).ok()?, offset_min })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn moments_keep_the_clock_of_their_place() {
        let moment = moment("2026-11-22T05:00:00.250+02:00").unwrap();
        assert_eq!((moment.at, moment.offset_min), (1_795_316_400_250, 120));
    }

    #[test]
    fn only_http_1_has_reasons() {
        assert_eq!(status_line(Some("http/1.1"), 502, Some("Bad Gateway")).as_deref(), Some("HTTP/1.1 502 Bad Gateway"));
        assert_eq!(status_line(Some("h2"), 502, Some("Bad Gateway")), None);
        assert_eq!(status_line(Some("HTTP/1.1"), 502, None).as_deref(), Some("HTTP/1.1 502"));
    }
}
