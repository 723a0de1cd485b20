//! The fixtures of `tests/pages`, ready to be served.

use std::path::Path;

use crate::servers::Answer;

/// The page `<product>/<case>` as an answer: its status line, header and body, with the length that it really has.
///
/// # Panics
/// When there is no such fixture, or it is not a response.
#[must_use]
#[track_caller]
pub fn fixture(name: &str) -> Answer {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("pages").join(name).join("page.http");
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut fields = [httparse::EMPTY_HEADER; 96];
    let mut head = httparse::Response::new(&mut fields);
    let length = match head.parse(&bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        other => panic!("{}: not a response: {other:?}", path.display()),
    };
    let mut answer = Answer::new(head.code.unwrap_or_default(), head.reason.unwrap_or_default());
    for field in head.headers {
        // How the body is carried is this server's own affair.
        let carriage = ["content-length", "transfer-encoding", "content-encoding", "connection", "keep-alive"];
        if !carriage.iter().any(|c| field.name.eq_ignore_ascii_case(c)) {
            answer = answer.header(field.name, &String::from_utf8_lossy(field.value));
        }
    }
    answer.with_body(&bytes[length..])
}
