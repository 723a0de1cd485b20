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
    let words: Vec<&str> = date.split([' ', ',', '-']).filter(|w| !w.is_empty()).collect();
    let (day, month, year, time) = match words.as_slice() {
        // Sun, 06 Nov 1994 08:49:37 GMT, and Sunday, 06-Nov-94 08:49:37 GMT
        [_, day, month, year, time, "GMT" | "UTC"] => (day, month, year, time),
        // Sun Nov  6 08:49:37 1994
        [_, month, day, time, year] => (day, month, year, time),
        _ => return None,
    };
    let day: i64 = day.parse().ok().filter(|d| (1..=31).contains(d))?;
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = i64::try_from(months.iter().position(|m| m.eq_ignore_ascii_case(month))?).ok()? + 1;
    let year: i64 = match (year.len(), year.parse::<i64>().ok()?) {
        (2, y @ 70..) => 1900 + y,
        (2, y) => 2000 + y,
        (4, y @ 1970..) => y,
        _ => return None,
    };
    let mut clock = time.split(':').map(|n| n.parse::<i64>().ok().filter(|n| (0..=60).contains(n)));
    let (h, m, s) = (clock.next()??, clock.next()??, clock.next()??);
    Some(days(year, month, day) * 86_400 + h * 3_600 + m * 60 + s)
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
