use super::*;
use crate::characters::is_invisible;
use proptest::prelude::*;

fn made(raw: &str) -> String {
    UserName::sanitized(raw, 7).to_string()
}

fn room(raw: &str) -> Result<String, RoomNameError> {
    RoomName::parse(raw).map(|name| name.to_string())
}

#[test]
fn a_login_name_is_made_to_fit() {
    assert_eq!(made("Ada"), "Ada");
    assert_eq!(made("   "), "___");
    assert_eq!(made("a b<c>"), "a_b_c_");
    assert_eq!(made("x"), "User007");
    assert_eq!(made(""), "User007");
    assert_eq!(made("Ελληνικά 日本語"), "Ελληνικά_日本語");
    assert_eq!(made("\u{1f9d1}\u{200d}\u{1f680}"), "__");
    assert_eq!(made(&"n".repeat(USER_NAME_MAX + 1)), "n".repeat(USER_NAME_MAX));
    assert_eq!(made("@Ada"), "Ada");
}

#[test]
fn words_of_all_scripts_are_names() {
    for name in [
        "नमस्ते",
        "राजेश्वरी",
        "ภาษาไทย",
        "தமிழ்",
        "മലയാളം",
        "עִבְרִית",
        "مُحَمَّد",
        "Việt",
        "한국어",
        "ქართული",
        "Ольга",
        "约翰·史密斯",
        "ジョン・スミス",
        "ᏣᎳᎩ",
    ] {
        assert_eq!(UserName::parse(name).map(|name| name.to_string()), Ok(name.to_owned()));
        assert_eq!(made(name), *name);
    }
    for name in ["हिन्दी", "ภาษาไทย", "தமிழ்", "עברית", "日本語-の-部屋"]
    {
        assert_eq!(room(name), Ok(name.to_owned()));
    }
}

#[test]
fn joiners_stay_where_letters_are_joined_and_count_for_nothing() {
    for (typed, name) in [
        ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ("क्\u{200d}ष", "क्\u{200d}ष"),
        ("A\u{200d}da\u{200c}", "Ada"),
        ("ناب\u{200c}", "ناب"),
    ] {
        assert_eq!(UserName::parse(typed).unwrap().as_str(), name, "{typed:?}");
        assert_eq!(NameKey::of(typed), NameKey::of(&name.replace(is_joiner, "")));
    }
}

#[test]
fn what_is_not_seen_is_no_part_of_a_name() {
    for hidden in [
        "\u{3164}",
        "\u{200b}",
        "\u{feff}",
        "\u{ad}",
        "\u{115f}",
        "\u{ffa0}",
        "\u{fe0f}",
        "\u{e0061}",
        "\u{34f}",
        "\u{180e}",
        "\u{2064}",
    ] {
        for typed in [format!("Ada{hidden}"), format!("{hidden}Ada"), format!("A{hidden}da")] {
            assert_eq!(UserName::parse(&typed).unwrap().as_str(), "Ada", "{typed:?}");
            assert_eq!(made(&typed), "Ada", "{typed:?}");
            assert_eq!(room(&typed), Ok("ada".into()), "{typed:?}");
            assert_eq!(NameKey::of(&typed), NameKey::of("ada"), "{typed:?}");
        }
        let nothing = hidden.repeat(5);
        assert_eq!(UserName::parse(&nothing), Err(NameError::Invalid), "{hidden:?}");
        assert_eq!((made(&nothing), room(&nothing)), ("User007".into(), Err(RoomNameError)), "{hidden:?}");
    }
    assert_eq!(UserName::parse("a\u{202e}b"), Err(NameError::Invalid), "it would be read the other way round");
}

#[test]
fn a_letter_has_a_few_marks_and_a_mark_has_a_letter() {
    let flooded = |count: usize| {
        format!(
            "Zo{}",
            "\u{323}\u{489}\u{301}\u{32f}\u{302}\u{325}"
                .chars()
                .cycle()
                .filter(|c| *c != '\u{489}')
                .take(count)
                .collect::<String>()
        )
    };
    // The first of these marks becomes one letter with the `o`.
    assert!(UserName::parse(&flooded(MARKS_MAX)).is_ok());
    assert_eq!(UserName::parse(&flooded(MARKS_MAX + 4)), Err(NameError::Invalid));
    let cut = UserName::sanitized(&flooded(USER_NAME_MAX * 4), 0);
    assert!(UserName::parse(cut.as_str()).is_ok() && cut.as_str().chars().count() < 9, "{cut}");
    assert!(room(&flooded(USER_NAME_MAX * 4)).unwrap().chars().count() < 9);
    assert_eq!(UserName::parse("\u{301}\u{302}"), Err(NameError::Invalid));
    assert_eq!((made("\u{94d}\u{94d}Ada"), room("\u{301}\u{302}")), ("Ada".into(), Err(RoomNameError)));
}

#[test]
fn a_name_is_bounded_in_bytes_too() {
    let widest = "\u{10ffff}\u{20000}";
    assert!(made(&widest.repeat(USER_NAME_MAX)).len() <= 4 * USER_NAME_MAX);
    assert!(room(&"\u{20000}".repeat(ROOM_NAME_MAX * 2)).unwrap().len() <= 4 * ROOM_NAME_MAX);
}

#[test]
fn a_number_fits_behind_the_longest_name() {
    let longest = UserName::sanitized(&"n".repeat(USER_NAME_MAX), 0);
    assert_eq!(longest.numbered(12).to_string(), format!("{}12", "n".repeat(USER_NAME_MAX - 2)));
    assert_eq!(UserName::sanitized("Alice", 0).numbered(1).to_string(), "Alice1");
}

#[test]
fn a_chosen_name_must_be_right_as_it_is() {
    assert!(UserName::parse("Zoë_9").is_ok());
    assert!(UserName::parse(&"n".repeat(USER_NAME_MAX)).is_ok());
    assert_eq!(UserName::parse("@Bo").unwrap().as_str(), "Bo");
    for wrong in ["a", "@a", "a b", "<b>", &"n".repeat(USER_NAME_MAX + 1)] {
        assert_eq!(UserName::parse(wrong), Err(NameError::Invalid), "{wrong}");
    }
    for reserved in ["system", "SERVER", "Admin", "ｎａｔｔｅｒ", "@system", "sys\u{200b}tem", "ADMİN"] {
        assert_eq!(UserName::parse(reserved), Err(NameError::Reserved), "{reserved}");
    }
}

#[test]
fn names_that_read_the_same_have_one_key() {
    for (one, other) in [
        ("Ada", "aDA"),
        ("Café", "cafe\u{301}"),
        ("ΣΑΣ", "σασ"),
        ("ΟΔΟΣ", "οδος"),
        ("Ａda", "ada"),
        ("straße", "STRASSE"),
        ("STRAẞE", "strasse"),
        ("İnci", "inci"),
        ("INCI", "ıncı"),
        ("@Bo", "bo"),
    ] {
        assert_eq!(NameKey::of(one), NameKey::of(other), "{one} and {other}");
    }
    for (one, other) in [("Zoë", "Zoe"), ("Ada", "Ada1"), ("a_b", "ab"), ("क", "ख")] {
        assert_ne!(NameKey::of(one), NameKey::of(other), "{one} and {other}");
    }
}

#[test]
fn a_room_name_is_made_to_fit_or_refused() {
    assert_eq!(room("General"), Ok("general".into()));
    assert_eq!(room("Café & Bar"), Ok("café_bar".into()));
    assert_eq!(room("My  Room!"), Ok("my_room".into()));
    assert_eq!(room("  ¿what? "), Ok("what".into()));
    assert_eq!(room("__a__b__"), Ok("a_b".into()));
    assert_eq!(room("snake_case"), Ok("snake_case".into()));
    assert_eq!(room("日本語"), Ok("日本語".into()));
    assert_eq!(room("a-b"), Ok("a-b".into()));
    assert_eq!(room("#random"), Ok("random".into()));
    assert_eq!(room("＃random"), Ok("random".into()));
    assert_eq!(room(&"r".repeat(ROOM_NAME_MAX + 1)), Ok("r".repeat(ROOM_NAME_MAX)));
    assert_eq!(room(&("r".repeat(ROOM_NAME_MAX - 1) + " r")), Ok("r".repeat(ROOM_NAME_MAX - 1)));
    for wrong in ["x", "#x", "", "_", "___", "?!", "\u{1f9d1}\u{200d}\u{1f680}"] {
        assert_eq!(room(wrong), Err(RoomNameError), "{wrong}");
    }
}

#[test]
fn a_room_is_one_for_every_spelling_of_its_name() {
    for spelling in ["İstanbul", "I\u{307}stanbul", "istanbul", "i\u{307}stanbul", "ISTANBUL", "ıstanbul", "İSTANBUL"]
    {
        assert_eq!(room(spelling), Ok("istanbul".into()), "{spelling}");
    }
    assert_eq!(room("STRAẞE"), Ok("straße".into()));
    assert_eq!(room("ΟΔΟΣ"), Ok("οδος".into()));
    assert_eq!(room("ZOE\u{308}"), room("zoë"));
}

#[test]
fn a_caseless_name_begins_as_the_name_does() {
    assert!(caseless("ΣΑΣΑ").starts_with(&caseless("σας")));
    assert!(caseless("STRASSE").starts_with(&caseless("straß")));
}

proptest! {
    #[test]
    fn a_caseless_name_is_its_own_caseless_name(raw in "\\PC{0,12}") {
        prop_assert_eq!(caseless(&caseless(&raw)), caseless(&raw));
    }

    #[test]
    fn a_made_room_name_is_its_own_name(raw in prop_oneof![any::<String>(), "[a_\\-#ıİi\u{307}\u{301}\u{34f}\u{200c}स्म\u{323} e]{0,40}"]) {
        if let Ok(name) = RoomName::parse(&raw) {
            prop_assert_eq!(RoomName::parse(name.as_str()).unwrap(), name.clone());
            let name = name.as_str();
            prop_assert!(!name.starts_with('_') && !name.ends_with('_') && !name.contains("__"), "{}", name);
            prop_assert!(!name.chars().any(|c| is_invisible(c) && !is_joiner(c)), "{:?}", name);
        }
    }

    #[test]
    fn a_made_user_name_obeys_the_rule(raw in prop_oneof![any::<String>(), "[a_@ıİi\u{307}\u{301}\u{34f}\u{200c}स्म\u{323} e]{0,40}"], random_suffix in 0_u16..1_000, number in 0_u64..100_000) {
        let name = UserName::sanitized(&raw, random_suffix);
        for name in [name.numbered(number), name] {
            match UserName::parse(name.as_str()) {
                Ok(parsed) => prop_assert_eq!(parsed, name),
                Err(error) => prop_assert_eq!(error, NameError::Reserved, "{}", name),
            }
        }
    }

    #[test]
    fn a_key_does_not_depend_on_case(raw in "[a-zA-Zà-þΑ-Ω0-9_]{2,20}") {
        prop_assert_eq!(NameKey::of(&raw), NameKey::of(&raw.to_lowercase()));
        prop_assert_eq!(NameKey::of(&raw), NameKey::of(&raw.to_uppercase()));
    }
}
