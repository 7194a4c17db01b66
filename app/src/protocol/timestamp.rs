//! Points in time on the wire.

use super::{FromJson, Json};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in Unix time, in whole milliseconds. On the wire it is a number of seconds with the milliseconds as its
/// fraction (`1732312345.678`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Creates a timestamp from milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Creates a timestamp from the seconds on the wire.
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

    /// Returns the milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Milliseconds stay below 2^53 until the year 287396, so the division rounds to the nearest millisecond and
        // back.
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

impl FromJson for Timestamp {
    fn from_json(value: &Json<'_>) -> Option<Self> {
        value.as_f64().map(Self::from_seconds)
    }

    fn blank() -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_moment_is_seconds_with_milliseconds_as_the_fraction() {
        let json = serde_json::to_string(&Timestamp::from_millis(1_732_312_345_678)).unwrap();
        assert_eq!(json, "1732312345.678");
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
