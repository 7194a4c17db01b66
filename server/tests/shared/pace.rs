//! Settings of the rate limits, which both test programs lift, because they are faster than people.

/// Settings for which 0 means no limit.
pub(crate) const PACE: [&str; 6] = [
    "NATTER_MESSAGE_RATE",
    "NATTER_TYPING_RATE",
    "NATTER_JOIN_RATE",
    "NATTER_CONNECT_RATE",
    "NATTER_QUERY_RATE",
    "NATTER_ROOMS_PER_DAY",
];
