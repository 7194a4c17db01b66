//! The settings of the pace, which both test programs lift: they are faster than people.

/// Each is no limit at 0.
pub(crate) const PACE: [&str; 6] = [
    "NATTER_MESSAGE_RATE",
    "NATTER_TYPING_RATE",
    "NATTER_JOIN_RATE",
    "NATTER_CONNECT_RATE",
    "NATTER_QUERY_RATE",
    "NATTER_ROOMS_PER_DAY",
];
