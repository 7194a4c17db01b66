//! Names of users and rooms: what is made of anything is a name, and its own name.
#![no_main]

use app::protocol::{NameError, NameKey, RoomName, UserName, caseless};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|given: (&str, u16, u64)| {
    let (raw, lot, number) = given;
    if let Ok(room) = RoomName::parse(raw) {
        assert_eq!(RoomName::parse(room.as_str()), Ok(room));
    }
    let made = UserName::sanitized(raw, lot);
    for name in [made.numbered(number), made] {
        match UserName::parse(name.as_str()) {
            Ok(parsed) => assert_eq!(parsed, name),
            Err(error) => assert_eq!(error, NameError::Reserved),
        }
        assert_eq!(NameKey::of(&caseless(name.as_str())), name.key());
    }
});
