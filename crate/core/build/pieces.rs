//! The pieces of a rule as records: conditions, meanings, and what is taken out of a page.

use std::collections::BTreeMap;

use super::atoms::Atoms;
use super::form::{Condition, Extract, Meaning, Rule, Status, Texts};
use super::kinds::{Chars, Field, Op};
use super::marker::{self, Form};
use super::record::Record;
use super::terms::{FailureKind, Place, Role, Side};

/// Stands for "none" where a number of two bytes is wanted.
const NONE: u16 = u16::MAX;

/// The number of the word `text`, or which words there are.
pub fn code<T: Copy>(what: &str, text: &str, all: &[T], word: fn(T) -> &'static str) -> Result<u8, String> {
    let at = all.iter().zip(0..).find(|(one, _)| word(**one) == text).map(|(_, at)| at);
    let words = || all.iter().map(|one| word(*one)).collect::<Vec<_>>().join(", ");
    at.ok_or_else(|| format!("unknown {what} \"{text}\": one of {}", words()))
}

pub fn role(text: &str) -> Result<u8, String> {
    code("Role", text, Role::ALL, Role::as_str)
}

/// Side and place in one byte.
pub fn placed(side: &str, place: &str) -> Result<u8, String> {
    let side = code("Side", side, Side::ALL, Side::as_str)?;
    Ok(side << 4 | code("Place", place, Place::ALL, Place::as_str)?)
}

/// The atoms of one condition, of which one must hold.
pub fn condition(to: &mut Atoms, rule: u16, c: &Condition, names: bool) -> Result<Vec<u16>, String> {
    let rule = Some(rule);
    let ops = [(Op::Has, &c.has), (Op::Is, &c.is), (Op::Prefix, &c.prefix), (Op::Suffix, &c.suffix), (Op::Like, &c.like)];
    let mut given = ops.into_iter().filter_map(|(op, texts)| texts.as_ref().map(|t| (op, t)));
    let (op, texts) = match (given.next(), c.present) {
        (Some(one), None) if given.next().is_none() => one,
        (None, Some(present)) => {
            let Some(header) = c.place.strip_prefix("header:") else { return Err("`present` is for header fields".into()) };
            return Ok(vec![to.add(rule, Field::Header, header, if present { Op::Present } else { Op::Absent }, "")]);
        }
        _ => return Err(format!("where = \"{}\" needs exactly one of has, is, prefix, suffix, like, present", c.place)),
    };
    let (field, header, form) = match c.place.as_str() {
        "markup" => (Field::Markup, "", Form::Markup),
        "text" | "whole" => (Field::Text, "", Form::Text),
        "title" => (Field::Title, "", Form::Text),
        "reason" => (Field::Reason, "", Form::Verbatim),
        other => match other.strip_prefix("header:") {
            Some(name) => (Field::Header, name, Form::Verbatim),
            None => return Err(format!("unknown place \"{other}\": markup, text, whole, title, reason or header:Name")),
        },
    };
    if (c.place == "whole") == (op == Op::Has) && field == Field::Text {
        return Err("`text` goes with has; `whole` with is, prefix, suffix or like".into());
    }
    if field == Field::Markup && !matches!(op, Op::Has | Op::Prefix) {
        return Err("`markup` goes with has or prefix: the end of a document is not the same in every browser".into());
    }
    let mut atoms = Vec::new();
    for text in texts.list() {
        let literal = if op == Op::Like { marker::pattern(text)? } else { marker::normal(text, form)? };
        if field == Field::Header {
            if literal.is_empty() {
                return Err("empty text: take `present = true`".into());
            }
        } else if let Some(why) = marker::too_weak(&literal, names && op == Op::Has) {
            return Err(why);
        } else if marker::key_at(&literal, op, &BTreeMap::new()).is_none() {
            return Err(marker::no_word(text));
        }
        atoms.push(to.add(rule, field, header, op, &literal));
    }
    if atoms.is_empty() { Err("an empty list can never hold".into()) } else { Ok(atoms) }
}

pub fn meaning(to: &mut Atoms, rule: u16, all: &Rule, m: &Meaning) -> Result<Record, String> {
    let mut signs = Vec::new();
    for id in m.sign.iter().flat_map(Texts::list) {
        let at = all.sign.iter().zip(0..).find(|(s, _)| s.get_ref().id.as_deref() == Some(id));
        signs.push(at.ok_or_else(|| format!("there is no sign with the id \"{id}\" in this rule"))?.1);
    }
    let has = |place: &str, text: &Texts| Condition {
        place: place.to_owned(),
        has: Some(text.clone()),
        is: None,
        prefix: None,
        suffix: None,
        like: None,
        present: None,
    };
    let mut conditions = Vec::new();
    if let Some(texts) = &m.has {
        let mut atoms = Vec::new();
        for text in texts.list() {
            let place = if text.contains('<') { "markup" } else { "text" };
            atoms.extend(condition(to, rule, &has(place, &Texts::One(text.clone())), false)?);
        }
        conditions.push(atoms);
    }
    if !m.any.is_empty() {
        let atoms: Result<Vec<_>, _> = m.any.iter().map(|c| condition(to, rule, c, false)).collect();
        conditions.push(atoms?.concat());
    }
    if let Some(reason) = &m.reason {
        conditions.push(condition(to, rule, &has("reason", reason), false)?);
    }
    let kind = code("FailureKind", &m.kind, FailureKind::ALL, FailureKind::as_str)?;
    let usual = match (&m.side, &m.place) {
        (None, None) => u8::MAX,
        (side, place) => placed(side.as_ref().unwrap_or(all.side.get_ref()), place.as_ref().unwrap_or(all.place.get_ref()))?,
    };
    if !(0.0..=1.0).contains(&m.confidence) {
        return Err("confidence is a number from 0 to 1".into());
    }
    let percent = (m.confidence * 100.0).round();
    if (m.confidence * 100.0 - percent).abs() > 0.01 {
        return Err("confidence has at most two digits behind the point".into());
    }
    let mut times = Vec::new();
    if m.min_ms.is_some() || m.max_ms.is_some() {
        times.extend([m.min_ms.unwrap_or(0), m.max_ms.unwrap_or(u32::MAX)]);
    }
    times.extend(m.retry_after);
    let mut record = Record::of(&[kind, percent as u8, usual]);
    record.part(&times.iter().flat_map(|t| t.to_le_bytes()).collect::<Vec<_>>())?;
    record.numbers(&statuses(m.status.as_ref())?)?;
    record.part(&signs)?;
    for atoms in conditions {
        record.numbers(&atoms)?;
    }
    Ok(record)
}

pub fn extract(to: &mut Atoms, e: &Extract, what: &str) -> Result<Record, String> {
    let kind = match (what, &e.kind) {
        ("reference", None) => return Err("a reference needs a `kind`: the name of the identifier, as in cf-ray".into()),
        (_, kind) => kind.as_deref().unwrap_or_default(),
    };
    let usual = match what {
        "version" => "version",
        "host" => "host",
        _ => "word",
    };
    let chars = code("chars", e.chars.as_deref().unwrap_or(usual), Chars::ALL, Chars::as_str)?;
    let header = e.header.as_deref().unwrap_or_default().to_ascii_lowercase();
    let after = e.after.as_deref().unwrap_or_default();
    let atom = match (header.is_empty(), after) {
        (true, "") => return Err("needs `header`, or `after` with the words before it".into()),
        (true, after) => {
            let (field, form) = match e.place.as_deref().unwrap_or("text") {
                "text" => (Field::Text, Form::Text),
                "markup" => (Field::Markup, Form::Markup),
                other => return Err(format!("cannot take anything out of \"{other}\": text or markup")),
            };
            let literal = marker::normal(after, form)?;
            if let Some(why) = marker::too_weak(&literal, false) {
                return Err(why);
            }
            if marker::key_at(&literal, Op::Has, &BTreeMap::new()).is_none() {
                return Err(marker::no_word(after));
            }
            to.add(None, field, "", Op::Has, &literal)
        }
        _ => NONE,
    };
    let [low, high] = atom.to_le_bytes();
    let mut record = Record::of(&[chars, e.min.unwrap_or(1), e.max.unwrap_or(64), low, high]);
    for text in [kind, &header, if atom == NONE { after } else { "" }, &e.prefix] {
        record.part(text.as_bytes())?;
    }
    Ok(record)
}

/// Ranges of status codes, each as its first one times 64 and how many come after that.
pub fn statuses(status: Option<&Status>) -> Result<Vec<u16>, String> {
    let (first, last) = match status {
        None => return Ok(Vec::new()),
        Some(Status::Some(list)) => return Ok(list.iter().map(|s| statuses(Some(s))).collect::<Result<Vec<_>, _>>()?.concat()),
        Some(Status::Code(code)) => (*code, *code),
        Some(Status::Range(text)) => {
            let hundred = text.strip_suffix("xx").and_then(|d| d.parse::<u16>().ok()).filter(|d| (1..=9).contains(d));
            let ends = text.split_once('-').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
            let range = hundred.map(|d| (d * 100, d * 100 + 99)).or(ends);
            range.ok_or_else(|| format!("\"{text}\" is no status: 502, \"5xx\", \"520-526\" or a list of these"))?
        }
    };
    if !(100..=999).contains(&first) || !(first..=999).contains(&last) {
        return Err(format!("{first}-{last} is no status: from 100 to 999"));
    }
    Ok((first..=last).step_by(64).map(|from| from << 6 | (last - from).min(63)).collect())
}
