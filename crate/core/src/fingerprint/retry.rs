//! How long a site asks to wait: `Retry-After`, RFC 9110 section 10.2.3.

use crate::page::Page;

/// Nobody waits longer than this for a reload; such values are mistakes or attacks.
const MAX_S: u32 = 30 * 86_400;

/// Seconds to wait. A date counts from the `Date` of the same response, since there is no other clock here.
pub(crate) fn after(page: &Page) -> Option<u32> {
    let value = page.header("retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return value.parse().ok().filter(|s| *s <= MAX_S);
    }
    let wait = seconds(value)? - seconds(page.header("date")?)?;
    u32::try_from(wait.max(0)).ok().filter(|s| *s <= MAX_S)
}

/// Seconds since 1970 of an HTTP date in any of its three forms.
pub(crate) fn seconds(date: &str) -> Option<i64> {
    let mut words = date.as_bytes().split(|b| matches!(b, b' ' | b',' | b'-')).filter(|w| !w.is_empty());
    let mut next = || words.next();
    let (_, first, second, third, fourth) = (next()?, next()?, next()?, next()?, next()?);
    let (day, month, year, time) = match next() {
        // Sun, 06 Nov 1994 08:49:37 GMT, and Sunday, 06-Nov-94 08:49:37 GMT
        Some(b"GMT" | b"UTC") => (first, second, third, fourth),
        // Sun Nov  6 08:49:37 1994
        None => (second, first, fourth, third),
        _ => return None,
    };
    let day = number(day).filter(|d| (1..=31).contains(d))?;
    let months = b"janfebmaraprmayjunjulaugsepoctnovdec";
    let month = months.chunks(3).zip(1..).find(|(name, _)| name.eq_ignore_ascii_case(month))?.1;
    let year = match (year.len(), number(year)?) {
        (2, y @ 70..) => 1900 + y,
        (2, y) => 2000 + y,
        (4, y @ 1970..) => y,
        _ => return None,
    };
    let mut clock = time.split(|b| *b == b':').map(|n| number(n).filter(|n| *n <= 60));
    let (h, m, s) = (clock.next()??, clock.next()??, clock.next()??);
    Some(days(year, month, day) * 86_400 + h * 3_600 + m * 60 + s)
}

/// A whole number of at most four digits.
fn number(digits: &[u8]) -> Option<i64> {
    let value = |sum: i64, digit: &u8| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'));
    (1..=4).contains(&digits.len()).then(|| digits.iter().try_fold(0, value))?
}

/// Days from 1970-01-01 in the Gregorian calendar, counted in years that begin in March.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::{after, seconds};
    use crate::page::{Header, Page};

    #[test]
    fn three_forms_of_one_moment() {
        for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(seconds(date), Some(784_111_777), "{date}");
        }
        for date in ["", "soon", "Sun, 06 Nov 1994", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT"] {
            assert_eq!(seconds(date), None, "{date}");
        }
    }

    #[test]
    fn seconds_or_a_date() {
        let page = |retry: &str| Page {
            headers: Some(vec![Header::new("Date", "Sun, 06 Nov 1994 08:49:37 GMT"), Header::new("Retry-After", retry)]),
            ..Page::default()
        };
        assert_eq!(after(&page("120")), Some(120));
        assert_eq!(after(&page("Sun, 06 Nov 1994 08:50:37 GMT")), Some(60));
        assert_eq!(after(&page("Sun, 06 Nov 1994 08:00:00 GMT")), Some(0));
        assert_eq!(after(&page("-1")), None);
        assert_eq!(after(&page("99999999999")), None);
    }
}
