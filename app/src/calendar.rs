//! Dates and times for people, in the Gregorian calendar and in English. The reader's time zone is passed in as minutes
//! east of UTC, and the style of hours as an [`HourCycle`]; the server knows neither and passes 0 and 24 hours. The
//! offset changes with the seasons, so it must be that of the displayed time, not of now.
//!
//! The module is written out because a date library would be the larger part of the browser's download.

use crate::protocol::Timestamp;

const DAY_SECONDS: i64 = 86_400;

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The style of the hours of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HourCycle {
    /// 00:00 to 23:59.
    #[default]
    H24,
    /// 12:00 to 11:59, twice: AM, then PM.
    H12,
}

/// Formats the time of day: `14:03`, `2:03 PM`.
#[must_use]
pub fn time_of_day(ts: Timestamp, offset_minutes: i32, hours: HourCycle) -> String {
    let mut text = String::new();
    push_clock(&mut text, local_seconds(ts, offset_minutes), hours, false);
    text
}

/// Formats the time of day without AM or PM, where that follows from the context: `14:03`, `2:03`.
#[must_use]
pub fn short_time_of_day(ts: Timestamp, offset_minutes: i32, hours: HourCycle) -> String {
    let mut text = time_of_day(ts, offset_minutes, hours);
    text.truncate(text.find(' ').unwrap_or(text.len()));
    text
}

/// Returns the days since 1970-01-01 in the local calendar: two times are of one day if these are equal.
#[must_use]
pub fn day(ts: Timestamp, offset_minutes: i32) -> i64 {
    local_seconds(ts, offset_minutes).div_euclid(DAY_SECONDS)
}

/// Formats a [`day`] in words: `Tuesday, 24 November 2026`.
#[must_use]
pub fn day_words(days: i64) -> String {
    let (year, month, day) = civil_from_days(days);
    // 1970-01-01 was a Thursday.
    let weekday = word(&WEEKDAYS, (days + 4).rem_euclid(7).unsigned_abs());
    format!("{weekday}, {day} {} {year}", word(&MONTHS, month - 1))
}

/// Formats a [`day`] relative to `today`: `Today`, `Yesterday`, or as [`day_words`] does, also if `today` is unknown.
#[must_use]
pub fn day_label(days: i64, today: Option<i64>) -> String {
    match today.map(|today| today - days) {
        Some(0) => "Today".to_owned(),
        Some(1) => "Yesterday".to_owned(),
        _ => day_words(days),
    }
}

/// Formats date and time: `Tuesday, 24 November 2026 at 14:03:22`.
#[must_use]
pub fn full(ts: Timestamp, offset_minutes: i32, hours: HourCycle) -> String {
    let mut text = day_words(day(ts, offset_minutes));
    text.push_str(" at ");
    push_clock(&mut text, local_seconds(ts, offset_minutes), hours, true);
    text
}

/// Formats a [`day`] as ISO 8601: `2026-11-24`.
#[must_use]
pub fn iso_date(days: i64) -> String {
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Returns the [`day`] of an ISO 8601 date such as `2026-11-24`, or `None` if there is no such day. The calculation is
/// that of `days_from_civil` beside [`civil_from_days`].
#[must_use]
pub fn parse_date(date: &str) -> Option<i64> {
    let mut numbers = date.splitn(3, '-').map(|part| part.parse::<u16>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let (year, month, day) = (i64::from(year), i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    // A thirtieth of February is another day, and is written otherwise.
    (iso_date(days) == date).then_some(days)
}

/// Formats a time as RFC 3339 in UTC, for the `datetime` attribute of a `<time>` element: `2026-11-24T08:05:09.250Z`.
#[must_use]
pub fn rfc3339(ts: Timestamp) -> String {
    let millis = ts.as_millis();
    let date = iso_date((millis / 86_400_000).cast_signed());
    let of_day = millis % 86_400_000;
    let (seconds, millis) = (of_day / 1_000, of_day % 1_000);
    format!("{date}T{:02}:{:02}:{:02}.{millis:03}Z", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Returns year, month and day of a number of days since 1970-01-01 in the proleptic Gregorian calendar (the algorithm
/// of Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
const fn civil_from_days(days: i64) -> (i64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_based = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_based + 2) / 5 + 1;
    let month = if march_based < 10 { march_based + 3 } else { march_based - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month.unsigned_abs(), day.unsigned_abs())
}

/// Returns the local time in seconds since 1970-01-01 00:00 local time. It is negative for the first hours west of
/// Greenwich.
fn local_seconds(ts: Timestamp, offset_minutes: i32) -> i64 {
    // A thousandth of a `u64` always fits into an `i64`.
    let seconds = (ts.as_millis() / 1_000).cast_signed();
    seconds + i64::from(offset_minutes) * 60
}

fn push_clock(text: &mut String, local_seconds: i64, hours: HourCycle, with_seconds: bool) {
    let of_day = local_seconds.rem_euclid(DAY_SECONDS);
    let hour = of_day / 3_600;
    match hours {
        HourCycle::H24 => push_two_digits(text, hour),
        HourCycle::H12 => text.push_str(&((hour + 11) % 12 + 1).to_string()),
    }
    text.push(':');
    push_two_digits(text, of_day / 60 % 60);
    if with_seconds {
        text.push(':');
        push_two_digits(text, of_day % 60);
    }
    if hours == HourCycle::H12 {
        text.push_str(if hour < 12 { " AM" } else { " PM" });
    }
}

/// Appends a number from 0 to 99.
fn push_two_digits(text: &mut String, number: i64) {
    for digit in [number / 10, number % 10] {
        text.extend(u32::try_from(digit).ok().and_then(|digit| char::from_digit(digit, 10)));
    }
}

fn word(words: &[&'static str], index: u64) -> &'static str {
    usize::try_from(index).ok().and_then(|index| words.get(index)).copied().unwrap_or_default()
}

/// Formats a duration in its two largest units: `1 h 1 min`.
#[must_use]
pub fn duration(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {} min", minutes % 60),
        (days, hours, _) => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        HourCycle::{H12, H24},
        *,
    };
    use proptest::prelude::*;

    /// 2026-11-24 14:03:22.999 UTC, a Tuesday.
    const MOMENT: Timestamp = Timestamp::from_millis(1_795_529_002_999);

    #[test]
    fn a_moment_is_shown_as_people_read_it() {
        assert_eq!(time_of_day(MOMENT, 0, H24), "14:03");
        assert_eq!(day_words(day(MOMENT, 0)), "Tuesday, 24 November 2026");
        assert_eq!(full(MOMENT, 0, H24), "Tuesday, 24 November 2026 at 14:03:22");
        assert_eq!(iso_date(day(MOMENT, 0)), "2026-11-24");
    }

    #[test]
    fn a_moment_is_shown_by_the_readers_clock() {
        assert_eq!(full(MOMENT, 5 * 60 + 45, H24), "Tuesday, 24 November 2026 at 19:48:22");
        assert_eq!(full(MOMENT, 10 * 60, H24), "Wednesday, 25 November 2026 at 00:03:22");
        assert_eq!(full(MOMENT, -14 * 60 - 4, H24), "Monday, 23 November 2026 at 23:59:22");
    }

    #[test]
    fn a_date_is_read_if_the_calendar_has_it() {
        assert_eq!(parse_date("2026-11-24"), Some(day(MOMENT, 0)));
        assert_eq!(parse_date("1970-01-01"), Some(0));
        assert_eq!(parse_date("2024-02-29").map(iso_date).as_deref(), Some("2024-02-29"));
        for date in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "+2026-11-24", "2026-11", "2026-11-24-1", ""]
        {
            assert_eq!(parse_date(date), None, "{date}");
        }
    }

    #[test]
    fn a_day_begins_at_local_midnight() {
        let midnight = Timestamp::from_millis(20_000 * 86_400_000);
        let before = Timestamp::from_millis(midnight.as_millis() - 1);
        assert_eq!((day(before, 0), day(midnight, 0)), (19_999, 20_000));
        assert_eq!((day(before, -1), day(midnight, -1)), (19_999, 19_999));
        assert_eq!((day(before, 1), day(midnight, 1)), (20_000, 20_000));
        assert_eq!((time_of_day(before, 0, H24).as_str(), time_of_day(midnight, 0, H24).as_str()), ("23:59", "00:00"));
    }

    #[test]
    fn the_first_moments_are_of_the_year_before_in_the_west() {
        let first = Timestamp::from_millis(0);
        assert_eq!(full(first, 0, H24), "Thursday, 1 January 1970 at 00:00:00");
        assert_eq!(full(first, -1, H24), "Wednesday, 31 December 1969 at 23:59:00");
        assert_eq!(day(first, -1), -1);
        assert_eq!(iso_date(day(first, -12 * 60)), "1969-12-31");
        assert_eq!(day_words(day(first, -7 * 24 * 60)), "Thursday, 25 December 1969");
    }

    #[test]
    fn leap_days_are_there_when_they_are() {
        for (days, date) in [
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(iso_date(day(Timestamp::from_millis(days * 86_400_000), 0)), date);
        }
        assert_eq!(civil_from_days(-719_469), (0, 2, 29));
    }

    #[test]
    fn a_clock_of_twelve_hours_begins_each_half_of_the_day_with_twelve() {
        let at = |hour: u64, minute: u64| Timestamp::from_millis((hour * 60 + minute) * 60_000);
        let shown = [(0, 0), (0, 59), (1, 5), (11, 59), (12, 0), (13, 30), (23, 59)]
            .map(|(hour, minute)| time_of_day(at(hour, minute), 0, H12));
        assert_eq!(shown, ["12:00 AM", "12:59 AM", "1:05 AM", "11:59 AM", "12:00 PM", "1:30 PM", "11:59 PM"]);
        assert_eq!(full(MOMENT, 0, H12), "Tuesday, 24 November 2026 at 2:03:22 PM");
        assert_eq!([H12, H24].map(|hours| short_time_of_day(MOMENT, 0, hours)), ["2:03", "14:03"]);
    }

    #[test]
    fn today_and_yesterday_are_called_so_and_no_other_day() {
        let day = day(MOMENT, 0);
        let called = [day - 1, day, day + 1, day + 2].map(|today| day_label(day, Some(today)));
        let date = "Tuesday, 24 November 2026";
        assert_eq!(called, [date, "Today", "Yesterday", date]);
        assert_eq!(day_label(day, None), date);
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        let rfc = |millis| rfc3339(Timestamp::from_millis(millis));
        assert_eq!(rfc(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(rfc(1_709_251_199_999), "2024-02-29T23:59:59.999Z");
        assert_eq!(rfc(4_107_542_400_000), "2100-03-01T00:00:00.000Z");
        assert_eq!(time_of_day(Timestamp::from_millis(1_709_251_199_999), 0, H24), "23:59");
    }

    proptest! {
        #[test]
        fn every_moment_has_a_date_everywhere(millis in any::<u64>(), offset in any::<i32>()) {
            let ts = Timestamp::from_millis(millis);
            prop_assert!(full(ts, offset, H24).contains(&day_words(day(ts, offset))));
            prop_assert_eq!(time_of_day(ts, offset, H24).len(), 5);
        }

        #[test]
        fn the_day_after_is_the_next_of_its_month_or_the_first_of_another(days in -1_000_000_i64..1_000_000) {
            let ((year, month, day), next) = (civil_from_days(days), civil_from_days(days + 1));
            let is_new_month = next == (year, month + 1, 1) || (month == 12 && next == (year + 1, 1, 1));
            prop_assert!(next == (year, month, day + 1) || (is_new_month && (28..=31).contains(&day)));
        }

        #[test]
        fn utc_is_the_time_without_an_offset(millis in 0_u64..(1 << 43)) {
            let ts = Timestamp::from_millis(millis);
            prop_assert!(rfc3339(ts).starts_with(&iso_date(day(ts, 0))));
            prop_assert_eq!(time_of_day(ts, 0, H24), &rfc3339(ts)[11..16]);
        }
    }

    #[test]
    fn a_duration_is_said_in_its_two_largest_units() {
        assert_eq!([59, 60, 3_661, 90_000].map(duration), ["59 s", "1 min", "1 h 1 min", "1 d 1 h"]);
    }
}
