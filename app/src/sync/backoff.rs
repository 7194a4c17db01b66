//! Delays between attempts to connect.

/// Window of the first attempt, in milliseconds.
pub const MIN_MS: u64 = 500;
/// Largest window, in milliseconds.
pub const MAX_MS: u64 = 20_000;

/// Returns the delay before the next attempt in milliseconds: exponential backoff with full jitter, a random point of a
/// window that doubles with each failed attempt from [`MIN_MS`] to [`MAX_MS`]. Full jitter keeps clients that lost the
/// same server from returning in step (Amazon Architecture Blog, "Exponential Backoff And Jitter", 2015).
///
/// `attempt` counts consecutive failed attempts from 0; `jitter` is drawn from 0 to 1 by the caller.
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
