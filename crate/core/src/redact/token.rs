//! Keys, sessions, hashes: runs of letters and digits that are no words.

/// A JSON Web Token.
pub(super) fn is_jwt(text: &str) -> bool {
    text.len() > 16 && text.starts_with("eyJ")
}

/// A run of letters and digits in no order that a word has is a key, a session, a hash: nothing that a reader would miss.
pub(super) fn is_token(text: &str) -> bool {
    let (mut longest, mut run, mut digits_run, mut digits, mut letters, mut changes) = (0, 0, 0, 0, 0, 0);
    let (mut run_digits, mut mixed) = (0, false);
    let mut last = Class::Mark;
    for c in text.bytes() {
        let class = match c {
            b'0'..=b'9' => Class::Digit,
            b'a'..=b'z' => Class::Lower,
            b'A'..=b'Z' => Class::Upper,
            b'-' | b'_' | b'+' | b'/' | b'=' | b'.' | b'~' | b'%' | b':' | b'$' => Class::Mark,
            _ => return false,
        };
        match class {
            Class::Mark => (run, digits_run, run_digits) = (0, 0, 0),
            Class::Digit => {
                run += 1;
                digits_run += 1;
                run_digits += 1;
                digits += 1;
            }
            Class::Lower | Class::Upper => {
                run += 1;
                digits_run = 0;
                letters += 1;
            }
        }
        // `Word` has no change, `camelCase` one.
        changes += usize::from(
            last != class && last != Class::Mark && class != Class::Mark && (last, class) != (Class::Upper, Class::Lower),
        );
        longest = longest.max(run);
        mixed |= run >= 16 && run_digits > 0 && run_digits < run;
        if digits_run >= 9 {
            return true;
        }
        last = class;
    }
    let dense = text.len() >= 10 && changes * 5 >= text.len() && (changes >= 5 || (changes >= 4 && digits > 0));
    dense || (mixed && changes >= 2) || longest >= 30 || (text.len() >= 20 && digits >= 4 && letters >= 4 && changes >= 4)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Mark,
    Digit,
    Lower,
    Upper,
}
