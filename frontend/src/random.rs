//! Random numbers.

/// Returns 128 random bits in hexadecimal: an identifier that no other page makes.
pub(crate) fn id() -> String {
    let mut bits = [0_u8; 16];
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    if crypto.is_none_or(|crypto| crypto.get_random_values_with_u8_array(&mut bits).is_err()) {
        for byte in &mut bits {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0.0..256.0 fits a byte")]
            let random = (js_sys::Math::random() * 256.0) as u8;
            *byte = random;
        }
    }
    bits.iter().map(|byte| format!("{byte:02x}")).collect()
}
