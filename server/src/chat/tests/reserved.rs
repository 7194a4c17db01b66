//! Reserved names of forgotten users, under a clock of the test's own.

use super::{ADA, BO, SETTINGS, Stage, restored};
use crate::{
    chat::{Effect, Now, Settings},
    journal::{Answer, Change, RESERVED_NAMES_MAX, Restored},
};
use app::protocol::{ClientFrame, Timestamp, UserId, UserName};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
const RESERVED: Settings = Settings { reserve_ms: 30 * DAY_MS, ..SETTINGS };

fn at(elapsed_ms: u64) -> Now {
    Now { elapsed_ms, clock: Timestamp::from_millis(1_700_000_000_000 + elapsed_ms) }
}

fn name(name: &str) -> UserName {
    UserName::stored(name)
}

/// Returns `true` if Bo can request a name; the refusal is that of a taken name.
fn is_free(chat: &mut Stage, now: Now, name: &str) -> bool {
    chat.connect(now, 2, BO, None, None, None);
    chat.take_effects();
    chat.frame(now, 2, ClientFrame::SetNick { name: name.into(), client_id: None });
    let effects = chat.take_effects();
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Submit { ticket, change: Change::Rename { .. } } => Some(*ticket),
        _ => None,
    });
    if let Some(ticket) = asked {
        chat.answered(now, ticket, Ok(Answer::NameTaken));
        chat.take_effects();
    } else {
        let refused = effects.iter().find_map(|effect| effect.frame_to(2)).unwrap();
        assert!(refused.contains("name_taken") && refused.contains("is taken."), "{refused}");
    }
    chat.disconnect(now, 2);
    asked.is_some()
}

/// A chat in which Ada, an author or not, was forgotten after `forget_after_ms`.
fn without_ada(settings: Settings, has_written: bool) -> Stage {
    let mut restored = restored();
    for user in &mut restored.users {
        (user.has_entries, user.has_written) = (true, user.id == BO || has_written);
    }
    let mut chat = Stage::new(restored, settings, at(0));
    // Bo stays connected.
    chat.connect(at(0), 1, BO, None, None, None);
    chat.tick(at(settings.forget_after_ms));
    let forget = chat.take_effects().into_iter().find_map(|effect| match effect {
        Effect::Submit { ticket, change: change @ Change::Forget { user: ADA, .. } } => Some((ticket, change)),
        _ => None,
    });
    let (ticket, change) = forget.unwrap();
    assert!(matches!(change, Change::Forget { uptime_ms, .. } if uptime_ms == settings.forget_after_ms));
    chat.store(at(settings.forget_after_ms), ticket, change);
    chat
}

#[test]
fn the_name_of_who_wrote_is_nobodys_for_thirty_days_in_any_spelling_and_look() {
    let mut chat = without_ada(RESERVED, true);
    let until = RESERVED.forget_after_ms + RESERVED.reserve_ms;
    for (now, free) in [(RESERVED.forget_after_ms, false), (until - 1, false), (until, true)] {
        chat.tick(at(now));
        for name in ["Ada", "aDA", "Аԁа"] {
            assert_eq!(is_free(&mut chat, at(now), name), free, "{name} at {now}");
        }
        assert!(is_free(&mut chat, at(now), "Eda"));
    }
}

#[test]
fn who_never_wrote_leaves_nothing_reserved_and_neither_does_a_server_that_is_set_so() {
    let now = at(RESERVED.forget_after_ms);
    assert!(is_free(&mut without_ada(RESERVED, false), now, "Ada"));
    assert!(is_free(&mut without_ada(SETTINGS, true), now, "Ada"));
}

/// A chat that starts at an uptime with reserved names.
fn started(uptime_ms: u64, reserved: Vec<(UserId, UserName, u64)>) -> Stage {
    let mut chat = Stage::new(Restored { uptime_ms, reserved, ..restored() }, RESERVED, at(0));
    chat.connect(at(0), 1, BO, None, None, None);
    chat
}

#[test]
fn a_start_goes_on_with_the_servers_uptime() {
    let reserved = |since| vec![(UserId(9), name("Zoe"), since)];
    let mut chat = started(40 * DAY_MS, reserved(20 * DAY_MS));
    for (now, free) in [(0, false), (10 * DAY_MS - 1, false), (10 * DAY_MS, true)] {
        chat.tick(at(now));
        assert_eq!(is_free(&mut chat, at(now), "Zoe"), free, "{now}");
    }
    assert!(is_free(&mut started(50 * DAY_MS, reserved(20 * DAY_MS)), at(0), "Zoe"), "over before the start");
    let mut ahead = started(10 * DAY_MS, reserved(11 * DAY_MS));
    ahead.tick(at(30 * DAY_MS - 1));
    assert!(!is_free(&mut ahead, at(30 * DAY_MS - 1), "Zoe"), "the last hour of a crashed run was not counted");
    ahead.tick(at(30 * DAY_MS));
    assert!(is_free(&mut ahead, at(30 * DAY_MS), "Zoe"));
}

#[test]
fn past_the_most_names_the_one_that_is_free_first_is_free() {
    let most = RESERVED_NAMES_MAX as u64;
    let names = |count: u64| (1..=count).map(|n| (UserId(n + 100), name(&format!("Zoe_{n}x")), n)).collect();
    let mut chat = started(most + 1, names(most));
    assert!(!is_free(&mut chat, at(0), "Zoe_1x"));
    let mut chat = started(most + 1, names(most + 1));
    assert!(is_free(&mut chat, at(0), "Zoe_1x"));
    assert!(!is_free(&mut chat, at(0), "Zoe_2x"));
}

#[test]
fn many_names_are_free_again_some_at_a_time() {
    let mut chat = started(0, (1..=200).map(|n| (UserId(n + 100), name(&format!("Zoe_{n}x")), 0)).collect());
    for _ in 0..3 {
        chat.tick(at(30 * DAY_MS));
    }
    assert!(!is_free(&mut chat, at(30 * DAY_MS), "Zoe_200x"));
    chat.tick(at(30 * DAY_MS));
    assert!(is_free(&mut chat, at(30 * DAY_MS), "Zoe_200x"));
}
