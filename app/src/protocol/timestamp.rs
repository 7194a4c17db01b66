//! A moment, as the wire has it.

use crate::calendar::iso_date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in Unix time, whole milliseconds. On the wire it is a number of seconds with the milliseconds as its
/// fraction (`1732312345.678`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The moment so many milliseconds after the start of 1970, UTC.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// The moment of a number on the wire.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates: a nonsense number becomes the nearest moment there is"
        )]
        let millis = (seconds * 1_000.0).round() as u64;
        Self(millis)
    }

    /// Milliseconds since the start of 1970, UTC.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// The moment as RFC 3339 in UTC, for the `datetime` attribute of a `<time>` element.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let date = iso_date((self.0 / 86_400_000).cast_signed());
        let of_day = self.0 % 86_400_000;
        let (seconds, millis) = (of_day / 1_000, of_day % 1_000);
        format!("{date}T{:02}:{:02}:{:02}.{millis:03}Z", seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Milliseconds stay below 2^53 until the year 287396, so the division rounds to the nearest millisecond and back.
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53, see above")]
        let seconds = self.0 as f64 / 1_000.0;
        serializer.serialize_f64(seconds)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::from_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{HourCycle, time_of_day};
    use proptest::prelude::*;

    #[test]
    fn a_moment_is_seconds_with_milliseconds_as_the_fraction() {
        let json = serde_json::to_string(&Timestamp::from_millis(1_732_312_345_678)).unwrap();
        assert_eq!(json, "1732312345.678");
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        let rfc = |millis| Timestamp::from_millis(millis).rfc3339();
        assert_eq!(rfc(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(rfc(1_709_251_199_999), "2024-02-29T23:59:59.999Z");
        assert_eq!(rfc(4_107_542_400_000), "2100-03-01T00:00:00.000Z");
        assert_eq!(time_of_day(Timestamp::from_millis(1_709_251_199_999), 0, HourCycle::H24), "23:59");
    }

    proptest! {
        #[test]
        fn a_moment_survives_the_wire(millis in 0_u64..(1 << 43)) {
            let there = serde_json::to_string(&Timestamp::from_millis(millis)).unwrap();
            let back: Timestamp = serde_json::from_str(&there).unwrap();
            prop_assert_eq!(back.as_millis(), millis);
        }
    }
}
