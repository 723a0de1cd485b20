//! Moments as text. The core has no clock: every moment comes with an event.

use crate::event::Millis;

/// `at` as RFC 3339 in a zone `offset_min` minutes east of UTC; `Z` where that is 0.
#[must_use]
pub fn rfc3339(at: Millis, offset_min: i32) -> String {
    let offset_min = offset_min.clamp(-24 * 60, 24 * 60);
    let seconds = i64::try_from(at / 1000).unwrap_or(0) + i64::from(offset_min) * 60;
    let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let zone = if offset_min == 0 {
        "Z".to_owned()
    } else {
        let sign = if offset_min < 0 { '-' } else { '+' };
        format!("{sign}{:02}:{:02}", offset_min.abs() / 60, offset_min.abs() % 60)
    };
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{zone}", time / 3600, time / 60 % 60, time % 60)
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar: 400 years have 146,097
/// days, and a year that begins in March has its leap day at the end.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn moments_are_written_as_rfc_3339_has_them() {
        assert_eq!(rfc3339(0, 0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_826_154_000, 0), "2000-02-29T12:09:14Z");
        assert_eq!(rfc3339(1_795_312_800_999, 120), "2026-11-22T04:00:00+02:00");
        assert_eq!(rfc3339(1_795_312_800_999, -210), "2026-11-21T22:30:00-03:30");
    }
}
