//! How long to wait before the next attempt to connect.

/// The window of the first attempt, in milliseconds.
pub const MIN_MS: u64 = 500;
/// The largest window, in milliseconds.
pub const MAX_MS: u64 = 20_000;

/// Exponential backoff with full jitter: a random point of a window that doubles with each failed attempt, from
/// [`MIN_MS`] to [`MAX_MS`]. Full jitter, because clients that lost the same server must not come back in step
/// (Amazon Architecture Blog, "Exponential Backoff And Jitter", 2015).
///
/// `attempt` counts failed attempts in a row, from 0; `jitter` is drawn from 0 to 1 by the caller.
#[must_use]
pub fn delay_ms(attempt: u32, jitter: f64) -> u64 {
    let window = MIN_MS.saturating_mul(1 << attempt.min(32)).min(MAX_MS);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the window is small, and the factor is clamped to 0..=1"
    )]
    let delay = (window as f64 * jitter.clamp(0.0, 1.0)) as u64;
    delay
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_doubles_up_to_its_limit() {
        let windows: Vec<u64> = (0..8).map(|attempt| delay_ms(attempt, 1.0)).collect();
        assert_eq!(windows, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
        assert_eq!(delay_ms(u32::MAX, 1.0), MAX_MS);
    }

    #[test]
    fn any_point_of_the_window_may_be_drawn() {
        assert_eq!(delay_ms(3, 0.0), 0);
        assert_eq!(delay_ms(3, 0.5), 2_000);
        assert_eq!(delay_ms(3, 7.0), 4_000);
    }
}
