//! One line of `explain`: a response as a JSON object.

use faultline_core::page::Header;
use serde_json::{Map, Value};

use crate::response::Response;

/// Reads a line. The message of an error says what is wrong with it, without its number.
pub(crate) fn parse(line: &[u8]) -> Result<(Option<Value>, Response), String> {
    let value: Value = serde_json::from_slice(line).map_err(|e| without_line(&e))?;
    let Value::Object(mut fields) = value else { return Err("not a JSON object".to_owned()) };
    let response = Response {
        url: text(&fields, "url")?.unwrap_or_default(),
        method: text(&fields, "method")?.unwrap_or_default(),
        status: status(fields.get("status"))?,
        status_line: text(&fields, "status_line")?,
        headers: fields.get("headers").map_or(Ok(None), headers)?,
        body: text(&fields, "body")?,
        title: text(&fields, "title")?,
        first_byte_ms: milliseconds(fields.get("first_byte_ms"), "first_byte_ms")?,
        address: text(&fields, "address")?,
        from_cache: false,
    };
    Ok((fields.remove("id"), response))
}

/// The parser counts lines within what it was given, which here is always the first.
fn without_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("not JSON: {what} at column {}", error.column())
}

fn text(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("`{name}` is {}, not a text", kind_of(other))),
    }
}

/// A status code; 0 stands for one that is not known.
pub(crate) fn status(value: Option<&Value>) -> Result<u16, String> {
    match value {
        None | Some(Value::Null) => Ok(0),
        Some(Value::Number(number)) => match number.as_u64() {
            Some(status @ (0 | 100..=999)) => Ok(u16::try_from(status).unwrap_or(0)),
            _ => Err(format!("`status` {number} is out of range: 100 to 999")),
        },
        Some(other) => Err(format!("`status` is {}, not a number", kind_of(other))),
    }
}

/// A time in milliseconds, which other programs measure in fractions.
pub(crate) fn milliseconds(value: Option<&Value>, name: &str) -> Result<Option<u32>, String> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => match number.as_f64() {
            // A cast of a float saturates; the range was looked at.
            Some(ms) if (0.0..=f64::from(u32::MAX)).contains(&ms) => Ok(Some(ms as u32)),
            _ => Err(format!("`{name}` {number} is out of range: 0 to {}", u32::MAX)),
        },
        Some(other) => Err(format!("`{name}` is {}, not a number", kind_of(other))),
    }
}

/// Header fields: `{"Via": "…"}`, `{"Via": ["…", "…"]}`, `[["Via", "…"]]` or `[{"name": "Via", "value": "…"}]`.
pub(crate) fn headers(value: &Value) -> Result<Option<Vec<Header>>, String> {
    let mut found = Vec::new();
    match value {
        Value::Null => return Ok(None),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Array(values) => {
                        for value in values {
                            found.push(Header::new(name, header_value(name, value)?));
                        }
                    }
                    Value::Null => {}
                    value => found.push(Header::new(name, header_value(name, value)?)),
                }
            }
        }
        Value::Array(pairs) => {
            for pair in pairs {
                found.push(header_of(pair)?);
            }
        }
        other => return Err(format!("`headers` is {}, neither an object nor a list", kind_of(other))),
    }
    Ok(Some(found))
}

fn header_of(pair: &Value) -> Result<Header, String> {
    let (name, value) = match pair {
        Value::Array(pair) => (pair.first(), pair.get(1)),
        Value::Object(pair) => (pair.get("name"), pair.get("value")),
        _ => (None, None),
    };
    match (name, value) {
        (Some(Value::String(name)), Some(value)) => Ok(Header::new(name, header_value(name, value)?)),
        _ => Err("`headers` has an item that is not a pair of name and value".to_owned()),
    }
}

fn header_value(name: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(format!("header `{name}` is {}, not a text", kind_of(other))),
    }
}

/// What a value is, for messages.
pub(crate) const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn headers_may_come_in_four_shapes() {
        let wanted = Some(vec![Header::new("Via", "1.1 a"), Header::new("Via", "1.1 b")]);
        for shape in [
            r#"{"Via": ["1.1 a", "1.1 b"]}"#,
            r#"[["Via", "1.1 a"], ["Via", "1.1 b"]]"#,
            r#"[{"name": "Via", "value": "1.1 a"}, {"name": "Via", "value": "1.1 b"}]"#,
        ] {
            assert_eq!(headers(&serde_json::from_str(shape).unwrap()), Ok(wanted.clone()), "{shape}");
        }
        assert_eq!(headers(&serde_json::json!({"Age": 3})), Ok(Some(vec![Header::new("Age", "3")])));
        assert_eq!(headers(&Value::Null), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, says) in [
            ("nonsense", "not JSON"),
            ("[1]", "not a JSON object"),
            (r#"{"status": 99}"#, "`status` 99 is out of range: 100 to 999"),
            (r#"{"status": 70000}"#, "out of range"),
            (r#"{"status": -1}"#, "out of range"),
            (r#"{"status": 502.5}"#, "out of range"),
            (r#"{"status": "502"}"#, "`status` is a text, not a number"),
            (r#"{"body": 5}"#, "`body` is a number, not a text"),
            (r#"{"headers": "x"}"#, "neither an object nor a list"),
            (r#"{"headers": [["x"]]}"#, "not a pair"),
            (r#"{"headers": {"x": {}}}"#, "header `x` is an object"),
            (r#"{"first_byte_ms": -3}"#, "out of range"),
        ] {
            let said = parse(line.as_bytes()).unwrap_err();
            assert!(said.contains(says), "{line}: {said}");
        }
    }

    #[test]
    fn what_is_missing_is_not_known() {
        let (id, response) = parse(b"{}").unwrap();
        assert!(id.is_none() && response.headers.is_none() && response.body.is_none() && response.status == 0);
    }
}
