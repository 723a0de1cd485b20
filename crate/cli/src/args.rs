//! The command line: what may be asked, and how to say it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use faultline_core::settings::Control;
use lexopt::prelude::*;

const HELP: &str = "\
faultline: whose fault is this 502?

usage: faultline explain [FILE]                     JSON lines in, one report per line out
       faultline explain --http FILE [--url URL] [--first-byte-ms N]
       faultline explain --har FILE
       faultline check URL [--json] [--timeout SECONDS] [--control URL ...]
       faultline rules [--json]

FILE may be - for standard input, which explain reads when no file is named.

explain   tells what each response says about itself, and asks nobody.
          A line is one object: {\"id\", \"status\", \"status_line\", \"headers\": {...}, \"body\", \"first_byte_ms\",
          \"url\", \"title\", \"method\"}; all but the body may be missing, and missing means not known.
          Headers are an object of texts or lists of texts, or a list of pairs. The id is kept.
  --http FILE           one raw response, as curl -i writes it, in any charset
  --url URL             the address it came from
  --first-byte-ms N     how long it let the client wait
  --har FILE            every failed response of a HAR; the id is the number of the entry, from 0

check     loads the page, and if it fails looks whether a fresh request, the front page and a control endpoint fail too,
          and once more a moment later. At most 7 requests go to the site, none with cookies.
  --json                the report instead of sentences; null where nothing failed
  --timeout SECONDS     for the first load; 90 unless told otherwise
  --control URL         what to ask to see whether this machine is online, instead of Chromium's own endpoint;
                        none is asked about a server of this machine or network unless one is named
  --control-status N    status of its genuine answer; 204 unless told otherwise
  --control-body TEXT   body of its genuine answer; not compared unless told

rules     lists the products whose pages are known, and in a checkout how many fixtures prove each.

exit code 0 all answered, or the page works    1 bad input: the rest is still answered
          2 the site's side    3 your side    4 not decided    5 the site works and refuses this page (400 to 499)
          The codes from 2 up are those of check.
";

/// What to do.
pub(crate) enum Run {
    /// Print this text.
    Say(String),
    /// Explain responses.
    Explain(Explain),
    /// Check a page.
    Check(Check),
    /// List the rules.
    Rules {
        /// As JSON.
        json: bool,
    },
}

/// Where the responses are, and in which form.
pub(crate) struct Explain {
    /// The form.
    pub(crate) form: Form,
    /// The file; none is standard input.
    pub(crate) file: Option<PathBuf>,
    /// For a raw response: where it came from.
    pub(crate) url: Option<String>,
    /// For a raw response: time to its first byte.
    pub(crate) first_byte_ms: Option<u32>,
}

/// The form of what is to be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One JSON object per line.
    Lines,
    /// One raw HTTP response.
    Http,
    /// A HAR.
    Har,
}

/// Which page to check.
pub(crate) struct Check {
    /// As it was typed.
    pub(crate) url: String,
    /// Print the report as JSON.
    pub(crate) json: bool,
    /// For the first load.
    pub(crate) timeout: Duration,
    /// The endpoint to ask instead of the browser maker's.
    pub(crate) control: Option<Control>,
}

/// Reads the arguments, the first of which is the name of the program.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Run, String> {
    read(lexopt::Parser::from_iter(args)).map_err(|wrong| wrong.to_string())
}

fn read(mut args: lexopt::Parser) -> Result<Run, lexopt::Error> {
    match args.next()? {
        Some(Value(command)) => match command.to_str() {
            Some("explain") => explain(args),
            Some("check") => check(args),
            Some("rules") => rules(args),
            _ => Err(format!("there is no command {command:?}; there are explain, check and rules").into()),
        },
        Some(Long("version") | Short('V')) => Ok(Run::Say(format!("faultline {}\n", env!("CARGO_PKG_VERSION")))),
        Some(Long("help") | Short('h')) => Ok(help()),
        Some(other) => Err(other.unexpected()),
        None => Err("a command is missing: explain, check or rules".into()),
    }
}

fn help() -> Run {
    Run::Say(HELP.to_owned())
}

fn explain(mut args: lexopt::Parser) -> Result<Run, lexopt::Error> {
    let mut what = Explain { form: Form::Lines, file: None, url: None, first_byte_ms: None };
    let mut file: Option<OsString> = None;
    while let Some(arg) = args.next()? {
        let (form, path) = match arg {
            Long("help") | Short('h') => return Ok(help()),
            Long("http") => (Form::Http, args.value()?),
            Long("har") => (Form::Har, args.value()?),
            Long("url") => {
                what.url = Some(args.value()?.string()?);
                continue;
            }
            Long("first-byte-ms") => {
                what.first_byte_ms = Some(args.value()?.parse()?);
                continue;
            }
            Value(path) => (Form::Lines, path),
            other => return Err(other.unexpected()),
        };
        if file.is_some() {
            return Err("explain takes one file".into());
        }
        what.form = form;
        file = Some(path);
    }
    if what.form != Form::Http && (what.url.is_some() || what.first_byte_ms.is_some()) {
        return Err("--url and --first-byte-ms go with --http; elsewhere they stand in the input".into());
    }
    what.file = file.filter(|f| f != "-").map(PathBuf::from);
    Ok(Run::Explain(what))
}

fn check(mut args: lexopt::Parser) -> Result<Run, lexopt::Error> {
    let mut url = None;
    let (mut json, mut timeout) = (false, Duration::from_secs(90));
    let mut control = Control { status: 204, ..Control::default() };
    while let Some(arg) = args.next()? {
        match arg {
            Long("help") | Short('h') => return Ok(help()),
            Long("json") => json = true,
            Long("timeout") => timeout = Duration::from_secs(u64::from(args.value()?.parse::<u32>()?.max(1))),
            Long("control") => control.url = args.value()?.string()?,
            Long("control-status") => control.status = args.value()?.parse()?,
            Long("control-body") => control.body = Some(args.value()?.string()?),
            Value(value) if url.is_none() => url = Some(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let url = url.ok_or("check needs a URL")?;
    let control = (!control.url.is_empty()).then_some(control);
    Ok(Run::Check(Check { url, json, timeout, control }))
}

fn rules(mut args: lexopt::Parser) -> Result<Run, lexopt::Error> {
    let mut json = false;
    while let Some(arg) = args.next()? {
        match arg {
            Long("help") | Short('h') => return Ok(help()),
            Long("json") => json = true,
            other => return Err(other.unexpected()),
        }
    }
    Ok(Run::Rules { json })
}
