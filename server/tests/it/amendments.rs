//! Edits and deletions: who hears of them, where the words are afterwards, and the pages without a script.

use crate::helpers::{Browser, Client, Natter, location, texts};
use serde_json::{Value, json};
use std::fs;

/// Amends an entry under a `client_id` and returns the echo.
async fn amends(client: &mut Client, frame: Value) -> Value {
    let kind = frame["type"].as_str().unwrap().to_owned();
    client.send(frame).await;
    client.until(&kind).await
}

fn id(entry: &Value) -> u64 {
    entry["id"].as_u64().unwrap()
}

#[tokio::test]
async fn an_edit_is_heard_by_everybody_and_found_by_who_comes_later() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    let said = ada.said("Ahoy").await;
    let edit = json!({"type": "edit", "room": "general", "target": id(&said), "text": "Hello", "client_id": "e"});
    let echo = amends(&mut ada, edit.clone()).await;
    assert_eq!((&echo["text"], &echo["target"], &echo["prev"]), (&json!("Hello"), &said["id"], &said["id"]));
    assert_eq!(bo.until("edit").await, echo, "in a room everybody gets the same");
    assert_eq!(amends(&mut ada, edit).await, echo, "a repeat gets the same answer");

    let mut cy = natter.connect("name=Cy&frames=2").await;
    let joined = cy.until("joined").await;
    assert_eq!(texts(&joined["history"]), ["Hello", "Hello"]);
    assert_eq!(joined["history"][0]["amended"], json!({"rev": echo["id"], "ts": echo["ts"]}));
    assert_eq!(joined["head"], echo["id"]);
    let mut plain = natter.connect("name=Dee").await;
    assert_eq!(texts(&plain.until("joined").await["history"]), ["Hello"], "who does not know amendments gets none");
    let history = natter.json("/api/room/general/history").await;
    assert_eq!(texts(&history), ["Hello"]);
    assert_eq!(history[0]["amended"]["rev"], echo["id"]);
}

#[tokio::test]
async fn an_edit_meets_the_limits_of_a_message() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    let mine = id(&ada.said("mine").await);
    bo.until("message").await;
    let theirs = id(&bo.said("theirs").await);
    let edit = |target: u64, text: &str| json!({"type": "edit", "room": "general", "target": target, "text": text, "client_id": "e"});
    for (frame, code) in [
        (edit(mine, &"x".repeat(4_001)), "too_long"),
        (edit(mine, "  "), "too_long"),
        (edit(theirs, "x"), "not_yours"),
        (edit(theirs + 1, "x"), "no_such_entry"),
        (json!({"type": "delete", "room": "general", "target": theirs, "client_id": "e"}), "not_yours"),
        (json!({"type": "delete", "room": "help", "target": mine, "client_id": "e"}), "not_in_room"),
        (json!({"type": "delete", "room": "@Nobody", "target": mine, "client_id": "e"}), "no_such_user"),
    ] {
        ada.send(frame).await;
        let error = ada.until("error").await;
        assert_eq!((&error["code"], &error["client_id"]), (&json!(code), &json!("e")));
    }
    let longest = "x".repeat(4_000);
    assert_eq!(amends(&mut ada, edit(mine, &longest)).await["text"], longest);
}

#[tokio::test]
async fn a_private_amendment_is_for_the_two_alone() {
    let natter = Natter::start().await;
    let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
    let mut cy = natter.join_as("Cy").await;
    ada.send(json!({"type": "pm", "to": "Bo", "text": "psst", "client_id": "m"})).await;
    let sent = ada.until("pm_sent").await;
    bo.until("pm").await;
    let edit = json!({"type": "edit", "room": "@Bo", "target": id(&sent), "text": "psst!", "client_id": "e"});
    let echo = amends(&mut ada, edit).await;
    assert_eq!((&echo["room"], &echo["peer"], &echo["client_id"]), (&json!("@Bo"), &json!("2"), &json!("e")));
    let heard = bo.until("edit").await;
    assert_eq!((&heard["room"], &heard["peer"], &heard["client_id"]), (&json!("@Ada"), &json!("1"), &Value::Null));
    assert_eq!((&heard["text"], &heard["id"]), (&json!("psst!"), &echo["id"]));
    cy.expect_nothing().await;
}

#[tokio::test]
async fn no_byte_of_a_deleted_text_is_left_in_the_stores_files() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let words = ["first-words-9f1c", "mended-words-77ab", "again-words-03de"];
    let mut others = Vec::new();
    // Rows before and behind it, so that pages are split around the deleted ones.
    for n in 0..60 {
        others.push(ada.said(&format!("other {n} {}", "y".repeat(300))).await);
    }
    let long = |word: &str| format!("{word} {}", "z".repeat(3_900));
    let said = id(&ada.said(&long(words[0])).await);
    for word in &words[1..] {
        amends(&mut ada, json!({"type": "edit", "room": "general", "target": said, "text": long(word)})).await;
    }
    for n in 0..60 {
        others.push(ada.said(&format!("more {n} {}", "y".repeat(300))).await);
    }
    let holds = |natter: &Natter, word: &str| {
        let files = fs::read_dir(natter.data()).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
        files.into_iter().any(|bytes| bytes.windows(word.len()).any(|part| part == word.as_bytes()))
    };
    assert!(words.iter().all(|word| holds(&natter, word)));
    let deletion = amends(&mut ada, json!({"type": "delete", "room": "general", "target": said})).await;
    assert_eq!(deletion["text"], "");
    // The write-ahead log is emptied when nothing was stored for a second.
    tokio::time::timeout(std::time::Duration::from_secs(30), async {
        while words.iter().any(|word| holds(&natter, word)) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the words are overwritten");
    assert!(holds(&natter, "other 59") && holds(&natter, "more 0"));
    let history = natter.json("/api/room/general/history?limit=200").await;
    assert_eq!(history.as_array().unwrap().len(), 121);
    assert_eq!(history[60]["amended"]["deleted"], true);
    let natter = natter.crash_and_restart().await;
    assert!(!words.iter().any(|word| holds(&natter, word)));
    assert_eq!(natter.json("/api/room/general/history?limit=200").await, history);
}

#[tokio::test]
async fn what_is_amended_while_somebody_is_away_is_there_when_they_come_back() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let (bo, token) = natter.join_with_token("Bo").await;
    let (one, two) = (id(&ada.said("one").await), id(&ada.said("two").await));
    drop(bo);
    amends(&mut ada, json!({"type": "edit", "room": "general", "target": one, "text": "uno"})).await;
    let last = amends(&mut ada, json!({"type": "delete", "room": "general", "target": two})).await;
    let natter = natter.crash_and_restart().await;
    let mut bo = natter.connect(&format!("session={token}&lastMsgId={two}&epoch=&frames=2")).await;
    let resumed = bo.expect("resumed").await;
    let missed = resumed["missedMessages"]["general"].as_array().unwrap();
    let missed: Vec<_> = missed.iter().map(|entry| (&entry["type"], &entry["target"], &entry["text"])).collect();
    assert_eq!(missed, [(&json!("edit"), &json!(one), &json!("uno")), (&json!("delete"), &json!(two), &json!(""))]);
    assert_eq!(resumed["heads"]["general"], last["id"]);
    assert_eq!(
        resumed["unread"]["general"],
        json!({"count": 1}),
        "a deleted entry is not unread, and neither is an edit"
    );
}

#[tokio::test]
async fn a_page_of_history_leads_past_amendments() {
    let natter = Natter::start().await;
    let mut ada = natter.join_as("Ada").await;
    let first = id(&ada.said("first").await);
    for n in 0..9 {
        amends(&mut ada, json!({"type": "edit", "room": "general", "target": first, "text": format!("{n}")})).await;
    }
    let mut seen = Vec::new();
    let mut next = Some("/api/room/general/history?limit=3".to_owned());
    while let Some(path) = next {
        let page = reqwest::get(natter.url(&path)).await.unwrap();
        let link = page.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        next = link.and_then(|link| Some(link.strip_prefix('<')?.split_once('>')?.0.to_owned()));
        let entries: Value = serde_json::from_str(&page.text().await.unwrap()).unwrap();
        seen.extend(texts(&entries).iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    assert_eq!(seen, ["8"]);
}

#[tokio::test]
async fn a_message_is_edited_and_deleted_without_a_script() {
    let natter = Natter::start().await;
    let (ada, bo) = (natter.browser("Ada").await, natter.browser("Bo").await);
    ada.post("/room/general", &[("text", "Ahoy <b>\n\nthere")]).await;
    let entry = id(&natter.json("/api/room/general/history").await[0]);
    let (there, edit) = (format!("/room/general?around={entry}#e{entry}"), format!("/room/general/{entry}/edit"));
    let page = ada.page("/room/general").await;
    assert_eq!(page.matches(&format!("href=\"{edit}\"")).count(), 2, "to edit, and to delete");
    assert!(!bo.page("/room/general").await.contains(&edit), "only the author");
    assert_eq!(location(&bo.get(&edit).await), (303, &*there));

    let form = ada.page(&edit).await;
    assert!(form.contains(&format!("action=\"{edit}\"")) && form.contains("Ahoy &lt;b>\n\nthere</textarea>"), "{form}");
    for text in ["Hello <i>", "something else", "Hello <i>"] {
        assert_eq!(location(&ada.post(&edit, &[("text", text)]).await), (303, &*there), "a form may be sent again");
    }
    let page = bo.page("/room/general").await;
    assert!(page.contains("Hello &lt;i&gt;") && page.contains("data-edited") && !page.contains("Ahoy"), "{page}");
    let versions = format!("/room/general/{entry}/versions");
    assert!(page.contains(&format!("href=\"{versions}\"")), "{page}");
    let read = bo.page(&versions).await;
    let (newest, oldest) = (read.find("Hello &lt;i&gt;").unwrap(), read.find("Ahoy &lt;b&gt;\n\nthere").unwrap());
    assert!(newest < oldest, "{read}");
    let refused = bo.post(&edit, &[("text", "mine now")]).await;
    assert_eq!(refused.status(), 422);
    let kept = refused.text().await.unwrap();
    assert!(kept.contains("Only the author of a message can change it.") && kept.contains("mine now</textarea>"));
    assert!(!kept.contains(&format!("action=\"{edit}\"")), "what was typed can only become a message of its own");
    let empty = ada.post(&edit, &[("text", " ")]).await;
    assert_eq!(empty.status(), 422);

    assert_eq!(location(&ada.post(&edit, &[("text", "Hello <i>"), ("delete", "1")]).await), (303, &*there));
    for reader in [&ada, &bo] {
        let page = reader.page("/room/general").await;
        assert!(page.contains("Message deleted") && !page.contains("Hello") && !page.contains(&edit), "{page}");
    }
    assert_eq!(location(&ada.get(&edit).await), (303, &*there));
    assert_eq!(location(&bo.get(&versions).await), (303, &*there), "nothing is left to read");
    let stranger = Browser::new(&natter);
    assert_eq!(stranger.get(&edit).await.status(), 303);
}

#[tokio::test]
async fn edits_hide_no_message_from_a_page_and_no_unread_one_from_the_counts() {
    let natter = Natter::start_with(&["--message-rate", "0"]).await;
    let mut ada = natter.join_as("Ada").await;
    let (bo, token) = natter.join_with_token("Bo").await;
    drop(bo);
    let mut targets = Vec::new();
    for n in 0..4 {
        targets.push(id(&ada.said(&format!("@Bo, number {n}")).await));
    }
    let longest = "\u{1f9d1}".repeat(3_980);
    for n in 0..100 {
        for target in &targets[2..] {
            let text = if n < 98 { longest.clone() } else { format!("@Bo, edited {n}") };
            amends(&mut ada, json!({"type": "edit", "room": "general", "target": target, "text": text})).await;
        }
    }
    let unread = json!({"count": 4, "mentions": 4});
    let (_, resumed) = natter.resume(&token, targets[0] - 1).await;
    assert_eq!(resumed["unread"]["general"], unread);
    let natter = natter.crash_and_restart().await;
    let (_, resumed) = natter.resume(&token, targets[0] - 1).await;
    assert_eq!(resumed["unread"]["general"], unread, "also of what was read from the store");
    let page = natter.browser("Cy").await.page("/room/general").await;
    for text in ["number 0", "number 1", "edited 99"] {
        assert!(page.contains(text), "{text}");
    }
}

#[tokio::test]
async fn short_messages_that_were_moved_within_the_file_are_gone_when_it_is_written_anew() {
    let natter = Natter::start_with(&["--message-rate", "0"]).await;
    let mut ada = natter.join_as("Ada").await;
    let mut all = Vec::new();
    for n in 0..200 {
        all.push(id(&ada.said(&format!("secret-{n:04}-words")).await));
    }
    // Each edit makes a row longer, so that its neighbours move.
    for target in all.iter().step_by(3) {
        amends(&mut ada, json!({"type": "edit", "room": "general", "target": target, "text": "harmless"})).await;
    }
    for target in &all {
        amends(&mut ada, json!({"type": "delete", "room": "general", "target": target})).await;
    }
    let natter = natter
        .restart_after(|data| {
            rusqlite::Connection::open(data.join("natter.db")).unwrap().execute_batch("VACUUM").unwrap();
        })
        .await;
    for file in fs::read_dir(natter.data()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(7).any(|part| part == b"secret-"));
    }
}
