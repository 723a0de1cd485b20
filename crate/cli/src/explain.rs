//! `faultline explain`: what responses say about themselves. One report per line; what cannot be read is said on standard
//! error, with its line, and the rest is still answered.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};

use faultline_core::words::Catalogue;
use serde_json::Value;

use crate::BAD_INPUT;
use crate::args::{Explain, Form};
use crate::english;
use crate::har;
use crate::line;
use crate::lines::{Line, Lines};
use crate::raw::{self, Trouble};
use crate::response::{Labelled, Moment, Response, now};

/// Explains everything there is. The exit code; an error only where the answers cannot be written.
pub(crate) fn run(what: &Explain) -> io::Result<u8> {
    let (name, input): (String, Box<dyn BufRead>) = match &what.file {
        None => (String::new(), Box::new(BufReader::with_capacity(1 << 16, io::stdin()))),
        Some(path) => match File::open(path) {
            Ok(file) => (format!("{}: ", path.display()), Box::new(BufReader::with_capacity(1 << 16, file))),
            Err(error) => {
                eprintln!("faultline: {}: {error}", path.display());
                return Ok(BAD_INPUT);
            }
        },
    };
    let mut desk = Explainer { name, words: english::words(), here: Moment::now(), cases: 0, bad: false };
    match what.form {
        Form::Lines => desk.lines(input)?,
        Form::Http => desk.http(input, what)?,
        Form::Har => desk.har(input)?,
    }
    Ok(if desk.bad { BAD_INPUT } else { 0 })
}

struct Explainer {
    /// Of the input, for messages.
    name: String,
    words: Catalogue,
    here: Moment,
    cases: u32,
    bad: bool,
}

impl Explainer {
    fn lines(&mut self, input: impl BufRead) -> io::Result<()> {
        let mut lines = Lines::new(input);
        loop {
            let (number, line) = match lines.next() {
                Ok(Some(next)) => next,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.wrong(&error.to_string());
                    return Ok(());
                }
            };
            let read = match &line {
                Line::TooLong => Err("too long, even without the middle of its texts".to_owned()),
                Line::Text(text) | Line::Flawed(text, _) => {
                    let text = if number == 1 { text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text) } else { text };
                    if text.trim_ascii().is_empty() {
                        continue;
                    }
                    line::parse(text)
                }
            };
            if let (Line::Flawed(_, flaw), Ok(_)) = (&line, &read) {
                self.wrong(&format!("line {number}: {flaw}"));
            }
            match read {
                Ok((id, response)) => self.answer(id.as_ref(), response, Moment { at: now(), ..self.here })?,
                Err(wrong) => self.wrong(&format!("line {number}: {wrong}")),
            }
        }
    }

    fn http(&mut self, mut input: impl BufRead, what: &Explain) -> io::Result<()> {
        let read = raw::last_head(&mut input).and_then(|head| Ok((head.body_in_file(input)?, head)));
        let (body, head) = match read {
            Ok(read) => read,
            Err(trouble) => {
                self.wrong(&match trouble {
                    Trouble::Io(error) => error.to_string(),
                    Trouble::Nothing => "line 1: there is nothing in it".to_owned(),
                    Trouble::NotHttp(why) => format!("line 1: {why}"),
                });
                return Ok(());
            }
        };
        if let Some(flaw) = body.as_ref().and_then(|body| body.flaw) {
            self.wrong(&format!("line {}: {flaw}", head.lines + 1));
        }
        let response = Response {
            url: what.url.clone().unwrap_or_default(),
            status: head.status,
            status_line: Some(head.status_line),
            headers: Some(head.headers),
            body: body.map(|body| body.text),
            first_byte_ms: what.first_byte_ms,
            ..Response::default()
        };
        self.answer(None, response, self.here)
    }

    fn har(&mut self, input: impl BufRead) -> io::Result<()> {
        let read = har::entries(input, |number, line, entry| match entry {
            Ok(entry) => {
                // A response that a browser blocked or lost has the status 0.
                let failed = entry.response.status >= 500;
                if !failed && (entry.response.status == 0 || !entry.response.clone().case(0, 0).reading.soft) {
                    return Ok(());
                }
                if let Some(lacks) = &entry.lacks {
                    self.wrong(&format!("line {line}: entry {number}: {lacks}"));
                }
                self.answer(Some(&Value::from(number)), entry.response, entry.sent.unwrap_or(self.here))
            }
            Err(wrong) => {
                self.wrong(&format!("line {line}: entry {number}: {wrong}"));
                Ok(())
            }
        });
        match read {
            Err(har::Trouble::Io(error)) => Err(error),
            Err(har::Trouble::Broken(line, wrong)) => {
                self.wrong(&format!("line {line}: {wrong}"));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn answer(&mut self, id: Option<&Value>, response: Response, moment: Moment) -> io::Result<()> {
        self.cases = self.cases.saturating_add(1);
        let case = response.case(self.cases, moment.at);
        let mut json = serde_json::to_vec(&Labelled::of(id, &case, moment.offset_min, &self.words))?;
        json.push(b'\n');
        io::stdout().lock().write_all(&json)
    }

    fn wrong(&mut self, what: &str) {
        self.bad = true;
        eprintln!("faultline: {}{what}", self.name);
    }
}
