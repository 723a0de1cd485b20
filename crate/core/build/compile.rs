//! Rules in, Rust source of static tables out; or everything that is wrong with the rules.

#[path = "atoms.rs"]
mod atoms;
#[path = "form.rs"]
mod form;
#[path = "marker.rs"]
mod marker;
#[allow(dead_code)]
#[path = "../src/fingerprint/normal.rs"]
mod normal;
#[allow(dead_code)]
#[path = "../src/terms.rs"]
mod terms;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use atoms::Atoms;
use form::{Condition, Extract, Meaning, Rule, Sign, Status, Texts};
use terms::{FailureKind, Place, Role, Side};

const CLASSES: [(&str, &str); 8] = [
    ("tail", "Tail"),
    ("vendor-id", "VendorId"),
    ("sentence", "Sentence"),
    ("skeleton", "Skeleton"),
    ("title", "Title"),
    ("header", "Header"),
    ("reason", "Reason"),
    ("detail", "Detail"),
];
const CHARS: [(&str, &str); 8] = [
    ("digits", "Digits"),
    ("hex", "Hex"),
    ("alnum", "Alnum"),
    ("word", "Word"),
    ("base64", "Base64"),
    ("id", "Id"),
    ("version", "Version"),
    ("host", "Host"),
];

/// Compiles the files, given as (file name without `.toml`, text) in the order of their names.
pub fn compile(files: &[(String, String)]) -> Result<String, Vec<String>> {
    let mut troubles = Vec::new();
    let mut rules = Vec::new();
    for (name, text) in files {
        match toml::from_str::<Rule>(text) {
            Ok(rule) => rules.push((File { name, text }, rule)),
            Err(error) => {
                let file = File { name, text };
                troubles.push(file.at(error.span().unwrap_or(0..0), error.message()));
            }
        }
    }
    let ids: Vec<&str> = rules.iter().map(|(f, _)| f.name).collect();
    let mut book = Book { atoms: Atoms::default(), owners: BTreeMap::new(), ids, out: String::new(), troubles };
    for (number, (file, rule)) in rules.iter().enumerate() {
        book.rule(number, file, rule);
    }
    book.duplicates(&rules);
    if book.troubles.is_empty() { Ok(book.finish()) } else { Err(book.troubles) }
}

struct File<'a> {
    name: &'a str,
    text: &'a str,
}

impl File<'_> {
    fn at(&self, span: Range<usize>, what: impl std::fmt::Display) -> String {
        let line = self.text.get(..span.start).unwrap_or_default().matches('\n').count() + 1;
        format!("crate/rules/{}.toml:{line}: {what}", self.name)
    }
}

/// Who uses a naming marker: (rule, line of the sign).
type Owners = BTreeMap<u16, Vec<(usize, Range<usize>)>>;

struct Book<'a> {
    atoms: Atoms,
    owners: Owners,
    ids: Vec<&'a str>,
    out: String,
    troubles: Vec<String>,
}

/// The word `text` stands for, or which words there are.
fn word<'a>(what: &str, text: &str, words: impl Iterator<Item = (&'a str, String)>) -> Result<String, String> {
    let words: Vec<_> = words.collect();
    let found = words.iter().find(|(w, _)| *w == text).map(|(_, code)| code.clone());
    found.ok_or_else(|| format!("unknown {what} \"{text}\": one of {}", words.iter().map(|(w, _)| *w).collect::<Vec<_>>().join(", ")))
}

fn term<T: Copy + std::fmt::Debug>(what: &str, text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<String, String> {
    word(what, text, all.iter().map(|t| (name(*t), format!("{what}::{t:?}"))))
}

fn role(text: &str) -> Result<String, String> {
    term("Role", text, Role::ALL, Role::as_str)
}

fn usual(side: &str, place: &str) -> Result<String, String> {
    let side = term("Side", side, Side::ALL, Side::as_str)?;
    Ok(format!("({side}, {})", term("Place", place, Place::ALL, Place::as_str)?))
}

impl<'a> Book<'a> {
    fn rule(&mut self, number: usize, file: &File<'a>, rule: &Rule) {
        let mut wrong = |span: Range<usize>, what: String| self.troubles.push(file.at(span, what));
        if rule.id.get_ref() != file.name {
            wrong(rule.id.span(), format!("id \"{}\" is not the name of the file: they must be equal", rule.id.get_ref()));
        }
        if !rule.docs.get_ref().starts_with("https://") {
            wrong(rule.docs.span(), "docs must be an https address where the page or its source is described".into());
        }
        let role = role(rule.role.get_ref()).unwrap_or_else(|e| {
            wrong(rule.role.span(), e);
            String::new()
        });
        let placed = usual(rule.side.get_ref(), rule.place.get_ref()).unwrap_or_else(|e| {
            wrong(rule.side.span(), e);
            String::new()
        });
        let mut yields = Vec::new();
        for other in &rule.yields_to {
            match self.ids.iter().position(|id| id == other.get_ref()) {
                Some(at) => yields.push(at),
                None => self.troubles.push(file.at(other.span(), format!("there is no rule \"{}\" to yield to", other.get_ref()))),
            }
        }
        let mut parts = [String::new(), String::new(), String::new(), String::new(), String::new()];
        for (n, sign) in rule.sign.iter().enumerate() {
            let code = self.sign(number, n, sign.get_ref(), sign.span());
            self.add(file, sign.span(), code, &mut parts[0]);
        }
        for meaning in &rule.meaning {
            let code = self.meaning(number, rule, meaning.get_ref());
            self.add(file, meaning.span(), code, &mut parts[1]);
        }
        for (list, part) in [(&rule.reference, 2), (&rule.version, 3), (&rule.host, 4)] {
            for extract in list {
                let code = self.extract(extract.get_ref(), ["reference", "version", "host"][part - 2]);
                self.add(file, extract.span(), code, &mut parts[part]);
            }
        }
        if rule.sign.is_empty() {
            self.troubles.push(file.at(0..0, "no [[sign]]: a rule needs at least one"));
        }
        let [signs, meanings, references, versions, hosts] = parts;
        let headers: Vec<String> = rule.vendor_headers.iter().map(|h| h.to_ascii_lowercase()).collect();
        let limits: Vec<u32> = rule.limits.iter().map(|s| (s * 1000.0) as u32).collect();
        let _ = writeln!(
            self.out,
            "Rule {{ id: {:?}, name: {:?}, vendor: {:?}, docs: {:?}, role: {role}, usual: {placed}, signs: &[{signs}], meanings: &[{meanings}], \
             references: &[{references}], versions: &[{versions}], hosts: &[{hosts}], vendor_headers: &{headers:?}, yields_to: &{yields:?}, limits_ms: &{limits:?} }},",
            rule.id.get_ref(),
            rule.name,
            rule.vendor,
            rule.docs.get_ref(),
        );
    }

    fn add(&mut self, file: &File<'_>, span: Range<usize>, code: Result<String, String>, to: &mut String) {
        match code {
            Ok(code) => to.push_str(&code),
            Err(what) => self.troubles.push(file.at(span, what)),
        }
    }

    fn sign(&mut self, rule: usize, number: usize, sign: &Sign, span: Range<usize>) -> Result<String, String> {
        let class = word("class", &sign.class, CLASSES.iter().map(|(w, c)| (*w, (*c).to_owned())))?;
        let names = number_of(&sign.class) < 3 && !sign.weak;
        let own = sign.own();
        if own.is_none() {
            return Err("a sign needs `where` with one of has, is, prefix, suffix, like, present".into());
        }
        let alone = own.is_some() && sign.and.is_empty() && !sign.empty;
        let mut conditions = Vec::new();
        for condition in own.iter().chain(&sign.and) {
            let atoms = self.condition(rule, condition, names && alone)?;
            if names && alone {
                for atom in &atoms {
                    self.owners.entry(*atom).or_default().push((rule, span.clone()));
                }
            }
            conditions.push(atoms);
        }
        let header_only = own.as_ref().is_some_and(|c| c.place.starts_with("header:"));
        if sign.class == "header" && !header_only {
            return Err("class \"header\" is for `where = \"header:Name\"`".into());
        }
        let id = sign.id.clone().unwrap_or_else(|| format!("{}", number + 1));
        Ok(format!(
            "Sign {{ id: {id:?}, class: Class::{class}, conditions: &{conditions}, status: &{:?}, empty: {}, weak: {}, long_page: {} }}, ",
            statuses(sign.status.as_ref())?,
            sign.empty,
            sign.weak,
            sign.long_page,
            conditions = slices(&conditions),
        ))
    }

    /// The atoms of one condition, of which one must hold.
    fn condition(&mut self, rule: usize, c: &Condition, names: bool) -> Result<Vec<u16>, String> {
        let ops = [("Has", &c.has), ("Is", &c.is), ("Prefix", &c.prefix), ("Suffix", &c.suffix), ("Like", &c.like)];
        let mut given = ops.into_iter().filter_map(|(op, texts)| texts.as_ref().map(|t| (op, t)));
        let (op, texts) = match (given.next(), c.present) {
            (Some(one), None) if given.next().is_none() => one,
            (None, Some(present)) => {
                let Some(header) = c.place.strip_prefix("header:") else { return Err("`present` is for header fields".into()) };
                return Ok(vec![self.atoms.add(rule, "Header", header, if present { "Present" } else { "Absent" }, "")?]);
            }
            _ => return Err(format!("where = \"{}\" needs exactly one of has, is, prefix, suffix, like, present", c.place)),
        };
        let (field, header, form) = match c.place.as_str() {
            "markup" => ("Markup", "", marker::Form::Markup),
            "text" | "whole" => ("Text", "", marker::Form::Text),
            "title" => ("Title", "", marker::Form::Text),
            "reason" => ("Reason", "", marker::Form::Verbatim),
            other => match other.strip_prefix("header:") {
                Some(name) => ("Header", name, marker::Form::Verbatim),
                None => return Err(format!("unknown place \"{other}\": markup, text, whole, title, reason or header:Name")),
            },
        };
        if (c.place == "whole") == (op == "Has") && field == "Text" {
            return Err("`text` goes with has; `whole` with is, prefix, suffix or like".into());
        }
        if field == "Markup" && !matches!(op, "Has" | "Prefix") {
            return Err("`markup` goes with has or prefix: the end of a document is not the same in every browser".into());
        }
        let mut atoms = Vec::new();
        for text in texts.list() {
            let literal = if op == "Like" { marker::pattern(text)? } else { marker::normal(text, form)? };
            if field == "Header" {
                if literal.is_empty() {
                    return Err("empty text: take `present = true`".into());
                }
            } else if let Some(why) = marker::too_weak(&literal, names && op == "Has") {
                return Err(why);
            } else if marker::gram_at(&literal, &BTreeMap::new()).is_none() {
                return Err(format!("\"{text}\" has nowhere four fixed bytes in a row"));
            }
            atoms.push(self.atoms.add(rule, field, header, op, &literal)?);
        }
        if atoms.is_empty() { Err("an empty list can never hold".into()) } else { Ok(atoms) }
    }

    fn meaning(&mut self, rule: usize, all: &Rule, m: &Meaning) -> Result<String, String> {
        let mut signs = Vec::new();
        for id in m.sign.iter().flat_map(Texts::list) {
            let at = all.sign.iter().position(|s| s.get_ref().id.as_deref() == Some(id));
            signs.push(at.ok_or_else(|| format!("there is no sign with the id \"{id}\" in this rule"))?);
        }
        let mut conditions = Vec::new();
        if let Some(has) = &m.has {
            let mut atoms = Vec::new();
            for text in has.list() {
                let place = if text.contains('<') { "markup" } else { "text" };
                let has = Some(Texts::One(text.clone()));
                let one = Condition { place: place.into(), has, is: None, prefix: None, suffix: None, like: None, present: None };
                atoms.extend(self.condition(rule, &one, false)?);
            }
            conditions.push(atoms);
        }
        if !m.any.is_empty() {
            let atoms: Result<Vec<_>, _> = m.any.iter().map(|c| self.condition(rule, c, false)).collect();
            conditions.push(atoms?.concat());
        }
        if let Some(reason) = &m.reason {
            let one = Condition { place: "reason".into(), has: Some(reason.clone()), is: None, prefix: None, suffix: None, like: None, present: None };
            conditions.push(self.condition(rule, &one, false)?);
        }
        let kind = term("FailureKind", &m.kind, FailureKind::ALL, FailureKind::as_str)?;
        let usual = match (&m.side, &m.place) {
            (None, None) => "None".to_owned(),
            (side, place) => {
                format!("Some({})", usual(side.as_ref().unwrap_or(all.side.get_ref()), place.as_ref().unwrap_or(all.place.get_ref()))?)
            }
        };
        if !(0.0..=1.0).contains(&m.confidence) {
            return Err("confidence is a number from 0 to 1".into());
        }
        let window = match (m.min_ms, m.max_ms) {
            (None, None) => "None".to_owned(),
            (min, max) => format!("Some(({}, {}))", min.unwrap_or(0), max.unwrap_or(u32::MAX)),
        };
        Ok(format!(
            "Meaning {{ status: &{:?}, signs: &{signs:?}, conditions: &{}, window: {window}, kind: {kind}, usual: {usual}, confidence: {:?}_f32, retry_after_s: {:?} }}, ",
            statuses(m.status.as_ref())?,
            slices(&conditions),
            m.confidence,
            m.retry_after,
        ))
    }

    fn extract(&mut self, e: &Extract, what: &str) -> Result<String, String> {
        let kind = match (what, &e.kind) {
            ("reference", None) => return Err("a reference needs a `kind`: the name of the identifier, as in cf-ray".into()),
            (_, kind) => kind.clone().unwrap_or_default(),
        };
        let chars = match what {
            "version" => "version",
            "host" => "host",
            _ => "word",
        };
        let chars = word("chars", e.chars.as_deref().unwrap_or(chars), CHARS.iter().map(|(w, c)| (*w, (*c).to_owned())))?;
        let header = e.header.as_deref().unwrap_or_default().to_ascii_lowercase();
        let after = e.after.as_deref().unwrap_or_default();
        let atom = match (header.is_empty(), after) {
            (true, "") => return Err("needs `header`, or `after` with the words before it".into()),
            (true, after) => {
                let field = e.place.as_deref().unwrap_or("text");
                let form = match field {
                    "text" => marker::Form::Text,
                    "markup" => marker::Form::Markup,
                    other => return Err(format!("cannot take anything out of \"{other}\": text or markup")),
                };
                let literal = marker::normal(after, form)?;
                if let Some(why) = marker::too_weak(&literal, false) {
                    return Err(why);
                }
                Some(self.atoms.add(usize::MAX, if field == "text" { "Text" } else { "Markup" }, "", "Has", &literal)?)
            }
            _ => None,
        };
        let after = if atom.is_none() { after } else { "" };
        Ok(format!(
            "Extract {{ kind: {kind:?}, header: {header:?}, atom: {atom:?}, after: {after:?}, prefix: {:?}, chars: Chars::{chars}, min: {}, max: {} }}, ",
            e.prefix,
            e.min.unwrap_or(1),
            e.max.unwrap_or(64),
        ))
    }

    /// A marker that names two products names none, unless one of them yields.
    fn duplicates(&mut self, rules: &[(File<'_>, Rule)]) {
        let yields = |a: usize, b: usize| rules[a].1.yields_to.iter().any(|y| y.get_ref() == rules[b].1.id.get_ref());
        for (atom, owners) in &self.owners {
            for pair in owners.windows(2) {
                let ((a, _), (b, span)) = (&pair[0], &pair[1]);
                if a != b && !yields(*a, *b) && !yields(*b, *a) {
                    let what = format!(
                        "\"{}\" names {} too: take what only this product has, or let one rule yield_to the other",
                        self.atoms.literal(*atom),
                        rules[*a].1.id.get_ref()
                    );
                    self.troubles.push(rules[*b].0.at(span.clone(), what));
                }
            }
        }
    }

    fn finish(self) -> String {
        format!("pub(crate) static RULES: &[Rule] = &[\n{}];\n{}", self.out, self.atoms.tables())
    }
}

fn number_of(class: &str) -> usize {
    CLASSES.iter().position(|(c, _)| *c == class).unwrap_or(usize::MAX)
}

fn slices(lists: &[Vec<u16>]) -> String {
    format!("[{}]", lists.iter().map(|l| format!("&{l:?}")).collect::<Vec<_>>().join(", "))
}

fn statuses(status: Option<&Status>) -> Result<Vec<(u16, u16)>, String> {
    Ok(match status {
        None => Vec::new(),
        Some(Status::Code(code)) => vec![(*code, *code)],
        Some(Status::Range(text)) => {
            let hundred = text.strip_suffix("xx").and_then(|d| d.parse::<u16>().ok()).filter(|d| (1..=9).contains(d));
            let ends = text.split_once('-').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
            let range = hundred.map(|d| (d * 100, d * 100 + 99)).or(ends);
            vec![range.ok_or_else(|| format!("\"{text}\" is no status: 502, \"5xx\", \"520-526\" or a list of these"))?]
        }
        Some(Status::Some(list)) => list.iter().map(|s| statuses(Some(s))).collect::<Result<Vec<_>, _>>()?.concat(),
    })
}
