//! Private messages, and the participants of a conversation.

use super::support::{ada, connect, frame, general, sent};
use app::{
    protocol::{ClientFrame, Place, UserId},
    sync::{Client, Effect, Input, Row},
};

/// Returns the private entries with Bo, whose number is 2, by identifier and author, and Bo's current name.
fn private(ada: &Client) -> (Vec<(u64, u64)>, String) {
    let with_bo = Place::With(UserId(2));
    let line = |row: &Row| match row {
        Row::Entry(entry) => (entry.id, entry.user_id.map_or(0, |author| author.0)),
        Row::Gap(gap) => panic!("{gap:?}"),
    };
    (ada.rows_of(&with_bo).iter().map(line).collect(), ada.name_of(&with_bo).to_string())
}

#[test]
fn private_lines_are_there_once_in_order_under_todays_name_whichever_way_they_came() {
    let mut ada = ada();
    frame(&mut ada, 1, r#"{"type":"pm","from":"Bo","user_id":"2","text":"live","ts":1,"id":5,"prev":0}"#);
    assert_eq!(private(&ada), (vec![(5, 2)], "Bo".to_owned()));
    ada.handle(2, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    ada.handle(3, Input::Woke);
    ada.handle(3, Input::Opened);
    let entry = |id: u64, prev: u64, user: u64| {
        format!(r#"{{"id":{id},"prev":{prev},"ts":1,"from":"Old","user_id":"{user}","text":"x","type":"message"}}"#)
    };
    let resumed = format!(
        r#"{{"type":"resumed","user_id":"1","name":"Ada","rooms":["general"],"missedMessages":{{}},"heads":{{}},
            "missed_pms":{{"Cy":[{},{}]}},"conversations":[{{"id":"2","name":"Cy","head":9,"read":5}}],"epoch":"e1"}}"#,
        entry(8, 5, 1),
        entry(9, 8, 2)
    );
    frame(&mut ada, 4, &resumed);
    assert_eq!(private(&ada), (vec![(5, 2), (8, 1), (9, 2)], "Cy".to_owned()));
    frame(&mut ada, 4, r#"{"type":"nick_changed","old_name":"Cy","new_name":"Di","room":"general","count":2}"#);
    assert_eq!(private(&ada).1, "Di");
    frame(&mut ada, 5, r#"{"type":"pm","from":"Di","user_id":"2","text":"x","ts":1,"id":10,"prev":9}"#);
    let effects = {
        ada.handle(6, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
        ada.handle(60_000, Input::Woke)
    };
    assert!(matches!(&effects[0], Effect::Connect(cursor) if cursor.last_id == 10), "what was told alone is seen");
}

#[test]
fn a_private_line_whose_predecessor_is_missing_is_asked_for() {
    let mut ada = ada();
    frame(&mut ada, 1, r#"{"type":"pm","from":"Bo","user_id":"2","text":"x","ts":1,"id":5,"prev":0}"#);
    let gap = r#"{"type":"pm","from":"Bo","user_id":"2","text":"x","ts":1,"id":9,"prev":7}"#;
    let effects = frame(&mut ada, 2, gap);
    let asked = ClientFrame::GetHistory { room: "@2-Bo".to_owned(), before: Some(9), after: Some(5), limit: Some(200) };
    assert!(sent(&effects).contains(&&asked), "{effects:?}");
    let page = r#"{"type":"history","room":"@2-Bo","more":false,"messages":
        [{"id":7,"prev":5,"ts":1,"from":"Bo","user_id":"2","text":"x","type":"message"}]}"#;
    frame(&mut ada, 3, page);
    assert_eq!(private(&ada).0.len(), 3);
}

#[test]
fn a_private_text_goes_to_whom_it_was_written_though_another_has_the_name_by_now() {
    let mut ada = ada();
    let them = |id: u64, name: &str| Input::Talk(UserId(id), name.into());
    ada.handle(1, them(2, "Bo"));
    let lost = Input::Closed { jitter: 0.0, wait_ms: None, code: None };
    ada.handle(2, lost);
    let place = Place::With(UserId(2));
    ada.handle(3, Input::Say { place, text: "psst".into(), client_id: "c".into(), at: 3 });
    // Meanwhile Bo took another name, and somebody else took his.
    ada.handle(4, them(3, "Bo"));
    let effects = connect(&mut ada, 60_000);
    let pm =
        ClientFrame::Pm { to: "Bo".into(), user_id: Some(UserId(2)), text: "psst".into(), client_id: Some("c".into()) };
    assert!(sent(&effects).contains(&&pm), "{effects:?}");
}

#[test]
fn in_a_conversation_are_oneself_and_the_other_one_who_may_be_away() {
    let mut ada = ada();
    let list = |users: &str| format!(r#"{{"type":"user_list","room":"general","users":[{users}],"count":2}}"#);
    let (me, bo) = (r#"{"id":"1","name":"Ada"}"#, r#"{"id":"2","name":"Bo"}"#);
    frame(&mut ada, 1, &list(&format!("{me},{bo}")));
    ada.handle(2, Input::Talk(UserId(2), "Bo".into()));
    let seen = |ada: &Client| {
        let names =
            |users: &[app::protocol::UserInfo]| users.iter().map(|user| user.name.to_string()).collect::<Vec<_>>();
        (names(ada.users().0), names(ada.away()))
    };
    assert_eq!(seen(&ada), (vec!["Ada".to_owned(), "Bo".to_owned()], vec![]));
    let gone =
        r#"{"type":"user_left","room":"general","user":"Bo","users":[{"id":"1","name":"Ada"}],"count":1,"away":true}"#;
    frame(&mut ada, 3, gone);
    assert_eq!(seen(&ada), (vec!["Ada".to_owned()], vec!["Bo".to_owned()]));
    assert_eq!(ada.users().1, 1);
}

#[test]
fn who_writes_in_a_conversation_is_shown_there_and_nowhere_else() {
    let mut ada = ada();
    let typing = |ada: &Client| ada.typing().map(ToString::to_string).collect::<Vec<_>>();
    let told = |typing| format!(r#"{{"type":"typing","room":"@Bo","user":"Bo","user_id":"2","typing":{typing}}}"#);
    frame(&mut ada, 1, &told(true));
    assert!(typing(&ada).is_empty(), "elsewhere");
    ada.handle(2, Input::Talk(UserId(2), "Bo".into()));
    assert_eq!(typing(&ada), ["Bo"], "they began before the person looked");
    frame(&mut ada, 3, r#"{"type":"nick_changed","old_name":"Bo","new_name":"Cy","room":"general","count":2}"#);
    assert_eq!(typing(&ada), ["Cy"], "whoever they are called now");
    ada.handle(4, Input::Talk(UserId(3), "Di".into()));
    assert!(typing(&ada).is_empty());
    ada.handle(5, Input::Show(Place::With(UserId(2))));
    frame(&mut ada, 6, &told(false));
    assert!(typing(&ada).is_empty());
    frame(&mut ada, 7, &told(true));
    ada.handle(8, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    connect(&mut ada, 60_000);
    assert!(typing(&ada).is_empty(), "nobody would say that they stopped");
}

#[test]
fn writing_in_a_conversation_is_told_to_the_one_it_is_with_whatever_they_are_called() {
    let mut ada = ada();
    ada.handle(1, Input::Talk(UserId(2), "Bo".into()));
    frame(&mut ada, 2, r#"{"type":"nick_changed","old_name":"Bo","new_name":"Cy","room":"general","count":2}"#);
    let said = |typing| ClientFrame::Typing { room: "@2-Cy".into(), typing };
    assert!(sent(&ada.handle(3, Input::Typing(true))).contains(&&said(true)));
    assert!(sent(&ada.handle(4, Input::Show(general()))).contains(&&said(false)), "they went elsewhere");
}

#[test]
fn a_conversation_that_is_opened_without_a_connection_is_loaded_when_it_is_back() {
    let mut ada = ada();
    ada.handle(1, Input::Closed { jitter: 0.0, wait_ms: None, code: None });
    ada.handle(2, Input::Talk(UserId(2), "Bo".into()));
    assert!(ada.is_unknown());
    let newest = ClientFrame::GetHistory { room: "@2-Bo".to_owned(), before: None, after: None, limit: None };
    assert!(sent(&connect(&mut ada, 60_000)).contains(&&newest));
    frame(&mut ada, 60_001, r#"{"type":"history","room":"@2-Bo","messages":[],"more":false}"#);
    assert!(!ada.is_unknown());
}

#[test]
fn a_text_to_somebody_of_whom_nothing_is_known_goes_to_them_and_never_to_a_room() {
    let mut ada = ada();
    let say = Input::Say { place: Place::With(UserId(7)), text: "alone".into(), client_id: "m".into(), at: 1 };
    let effects = ada.handle(1, say);
    let [ClientFrame::Pm { user_id, text, .. }] = sent(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((user_id, &**text), (&Some(UserId(7)), "alone"));
}
