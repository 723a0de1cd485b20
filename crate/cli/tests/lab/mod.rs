//! What the tests of the program stand on: the program itself, the fixtures of the repository, a server on loopback.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on has failed"
)]

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::{Value, json};

pub mod server;

/// What a run of the program left behind.
#[derive(Debug)]
pub struct Ran {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl Ran {
    /// Its lines of output, as JSON.
    pub fn reports(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }

    /// Its output, as one JSON document.
    pub fn report(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

pub fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_faultline"));
    program.current_dir(std::env::temp_dir());
    program
}

pub fn faultline(args: &[&str]) -> Ran {
    run(program().args(args), b"")
}

pub fn faultline_reads(args: &[&str], input: &[u8]) -> Ran {
    run(program().args(args), input)
}

pub fn run(command: &mut Command, input: &[u8]) -> Ran {
    run_fed(command, |mut stdin| {
        // A program that refuses its arguments reads nothing.
        let _ = stdin.write_all(input);
    })
}

/// Runs a command whose input `feed` writes, while its output is read.
pub fn run_fed(command: &mut Command, feed: impl FnOnce(std::process::ChildStdin) + Send) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stdin, mut stdout, mut stderr) =
        (child.stdin.take().unwrap(), child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    thread::scope(|scope| {
        scope.spawn(|| feed(stdin));
        let err = scope.spawn(move || {
            let mut err = Vec::new();
            stderr.read_to_end(&mut err).unwrap();
            err
        });
        let mut out = Vec::new();
        stdout.read_to_end(&mut out).unwrap();
        let code = child.wait().unwrap().code().expect("the program ends by itself");
        Ran { out: text(out), err: text(err.join().unwrap()), code }
    })
}

/// One page of `tests/pages`.
pub struct Fixture {
    pub name: String,
    pub file: PathBuf,
    pub expect: toml::Table,
    pub status: u16,
    pub status_line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Every page of `tests/pages`, by name.
pub fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/pages").canonicalize().unwrap();
    let folders = |of: &Path| {
        let mut found: Vec<_> = fs::read_dir(of).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
        found.sort();
        found
    };
    let mut all = Vec::new();
    for case in folders(&root).iter().flat_map(|product| folders(product)) {
        // Somebody may be writing a new one just now.
        let (Ok(expect), Ok(raw)) = (fs::read_to_string(case.join("expect.toml")), fs::read(case.join("page.http"))) else {
            continue;
        };
        all.push(fixture(
            case.strip_prefix(&root).unwrap().display().to_string(),
            case.join("page.http"),
            expect.parse().unwrap(),
            &raw,
        ));
    }
    assert!(all.len() > 50, "only {} fixtures in {}", all.len(), root.display());
    all
}

fn fixture(name: String, file: PathBuf, expect: toml::Table, raw: &[u8]) -> Fixture {
    let mut rest = raw;
    let mut lines = Vec::new();
    loop {
        let end = rest.iter().position(|b| *b == b'\n').unwrap_or_else(|| panic!("{name}: no end of the header"));
        let line = String::from_utf8_lossy(&rest[..end]).trim_end_matches('\r').to_owned();
        rest = &rest[end + 1..];
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let header = |line: &String| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    Fixture {
        status: lines[0].split(' ').nth(1).unwrap().parse().unwrap(),
        headers: lines[1..].iter().filter_map(header).collect(),
        status_line: lines.remove(0),
        body: rest.to_vec(),
        name,
        file,
        expect,
    }
}

impl Fixture {
    pub fn word(&self, key: &str) -> Option<&str> {
        self.expect.get(key).and_then(toml::Value::as_str)
    }

    pub fn number(&self, key: &str) -> Option<i64> {
        self.expect.get(key).and_then(toml::Value::as_integer)
    }

    pub fn is(&self, key: &str) -> bool {
        self.expect.get(key).and_then(toml::Value::as_bool).unwrap_or(false)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn url(&self) -> Option<String> {
        self.word("host").map(|host| format!("https://{host}/"))
    }

    /// As a line for `explain`.
    pub fn line(&self) -> Value {
        let mut line = json!({ "id": self.name, "status": self.status, "body": self.text() });
        if !self.is("no_headers") {
            line["status_line"] = json!(self.status_line);
            line["headers"] = json!(self.headers);
        }
        if let Some(url) = self.url() {
            line["url"] = json!(url);
        }
        if let Some(ms) = self.number("first_byte_ms") {
            line["first_byte_ms"] = json!(ms);
        }
        line
    }

    /// What a report of this page says otherwise than it should.
    pub fn differences(&self, report: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut check = |what: &str, got: &Value, wanted: Value| {
            if *got != wanted {
                wrong.push(format!("{}: {what} is {got}, not {wanted}", self.name));
            }
        };
        check(
            "producer",
            &report["producer"]["id"],
            self.word("producer").filter(|p| *p != "unknown").map_or(Value::Null, |p| json!(p)),
        );
        check("soft", &report["response"]["soft"], json!(self.is("soft")));
        check("status", &report["response"]["status"], json!(self.status));
        if let Some(failure) = self.word("failure") {
            check("failure", &report["failure"]["kind"], json!(failure));
        }
        if let Some(version) = self.word("version") {
            check("version", &report["producer"]["version"], json!(version));
        }
        if let Some(seconds) = self.number("retry_after_s") {
            check("retry_after_s", &report["response"]["retry_after_s"], json!(seconds));
        }
        wrong
    }
}
