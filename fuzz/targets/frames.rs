//! Frames of a client: whatever is read is written as it was read.
#![no_main]

use app::protocol::{decode_client_frame, encode_client_frame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|json: &str| {
    if let Ok(frame) = decode_client_frame(json) {
        let again = decode_client_frame(&encode_client_frame(&frame)).expect("what was written is read");
        assert_eq!(again, frame);
    }
});
