//! The start, the stop, and what keeps a server from starting.

use crate::helpers::{Natter, PATIENCE, command, refused_start};
use std::{fs, net::TcpListener, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::timeout,
};

#[tokio::test]
async fn the_help_names_every_setting_with_its_default() {
    let folder = tempfile::tempdir().unwrap();
    let help = command(folder.path()).arg("--help").output().await.unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for part in [
        "--listen",
        "NATTER_LISTEN",
        "127.0.0.1:3000",
        "--data",
        "NATTER_DATA",
        "natter-data",
        "--public-url",
        "NATTER_PUBLIC_URL",
        "--grace",
        "NATTER_GRACE",
        "30",
        "--max-connections",
        "NATTER_MAX_CONNECTIONS",
        "10000",
        "--message-rate",
        "NATTER_MESSAGE_RATE",
        "--typing-rate",
        "--join-rate",
        "--rooms-per-user",
        "50",
        "--forget-after",
        "NATTER_FORGET_AFTER",
        "--reserve-names",
        "NATTER_RESERVE_NAMES",
        "--proxies",
        "NATTER_PROXIES",
    ] {
        assert!(help.contains(part), "{part} is missing in:\n{help}");
    }
}

#[tokio::test]
async fn the_environment_sets_what_the_command_line_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("made/on/demand");
    let mut process = tokio::process::Command::new(env!("CARGO_BIN_EXE_natter"))
        .env("NATTER_LISTEN", "127.0.0.1:0")
        .env("NATTER_DATA", &data)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    timeout(PATIENCE, stdout.read_line(&mut line)).await.unwrap().unwrap();
    assert!(line.contains(data.to_str().unwrap()), "{line}");
    assert!(data.join("natter.db").exists());
}

#[tokio::test]
async fn a_stop_stores_and_tells_what_was_accepted_and_says_goodbye() {
    for signal in ["TERM", "INT"] {
        let mut natter = Natter::start().await;
        let (mut ada, mut bo) = (natter.join_as("Ada").await, natter.join_as("Bo").await);
        ada.expect("user_joined").await;
        for n in 0..20 {
            ada.say(&n.to_string()).await;
        }
        // The last one is accepted once its echo is here; the stop comes with nothing else to wait for.
        for n in 0..20 {
            assert_eq!(ada.expect("message").await["text"], n.to_string());
        }
        natter.signal(signal);
        for client in [&mut ada, &mut bo] {
            let (code, reason) = client.expect_close().await;
            assert_eq!(code, 1001);
            assert!(reason.parse().is_ok_and(|wait| (500..600).contains(&wait)), "milliseconds to wait: {reason:?}");
        }
        let (status, took) = natter.ended().await;
        assert_eq!(status.code(), Some(0));
        assert!(took < Duration::from_secs(5), "{took:?}");
        assert!(!natter.data().join("natter.db-wal").exists(), "a store that was closed in order is one file");
    }
}

#[tokio::test]
async fn a_stop_does_not_wait_for_who_never_answers() {
    let mut natter = Natter::start().await;
    let mut silent = Vec::new();
    for n in 0..5 {
        silent.push(natter.join_as(&format!("Silent{n}")).await);
    }
    let _half_a_request = {
        let mut socket = tokio::net::TcpStream::connect(&natter.address).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut socket, b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
        socket
    };
    natter.signal("TERM");
    let (status, took) = natter.ended().await;
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// One sentence, and nothing else.
fn assert_one_line(said: &str, part: &str) {
    assert!(said.starts_with("natter: ") && said.lines().count() == 1 && said.contains(part), "{said}");
}

#[tokio::test]
async fn a_busy_port_is_said_to_be_busy() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let address = busy.local_addr().unwrap().to_string();
    let (code, said) = {
        let mut process = tokio::process::Command::new(env!("CARGO_BIN_EXE_natter"));
        let output = process.args(["--listen", &address, "--data"]).arg(folder.path()).output().await.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(code, Some(1));
    assert_one_line(&said, &format!("Cannot listen on {address}"));
}

#[tokio::test]
async fn a_folder_in_use_is_left_alone() {
    let natter = Natter::start().await;
    let (code, said) = refused_start(natter.data(), &[]).await;
    assert_eq!(code, Some(1));
    assert_one_line(&said, "in use by another Natter");
    natter.join_as("Ada").await.said("undisturbed").await;
}

#[tokio::test]
async fn a_folder_that_is_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    let (code, said) = refused_start(&file, &[]).await;
    assert_eq!(code, Some(1));
    assert_one_line(&said, "cannot be used");
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_refused() {
    // Nobody, root included, can make a folder in `/proc`.
    let (code, said) = refused_start("/proc/natter".as_ref(), &[]).await;
    assert_eq!(code, Some(1));
    assert_one_line(&said, "cannot be used");
}

#[tokio::test]
async fn a_damaged_or_newer_store_is_refused_and_left_as_it_is() {
    let mut natter = Natter::start().await;
    natter.join_as("Ada").await.said(&"x".repeat(4_000)).await;
    natter.signal("TERM");
    natter.ended().await;
    let store = natter.data().join("natter.db");
    let whole = fs::read(&store).unwrap();

    let truncated = whole[..whole.len() / 2].to_vec();
    let mut scribbled = whole.clone();
    scribbled[4_096..8_192].fill(0xa5);
    let mut newer = whole;
    newer[60..64].copy_from_slice(&999_u32.to_be_bytes());
    for (bytes, part) in [
        (truncated, "corrupt"),
        (scribbled, "corrupt"),
        (b"some notes, no store at all".to_vec(), "corrupt"),
        (newer, "newer Natter"),
    ] {
        fs::write(&store, &bytes).unwrap();
        let (code, said) = refused_start(natter.data(), &[]).await;
        assert_eq!(code, Some(1), "{said}");
        assert_one_line(&said, part);
        assert!(fs::read(&store).unwrap() == bytes, "nothing was changed");
    }
}

#[tokio::test]
async fn before_a_stop_it_says_so_and_works_on_for_as_long_as_is_set() {
    let mut natter = Natter::start_with(&["--drain", "3600"]).await;
    let mut ada = natter.join_as("Ada").await;
    natter.until_ready_is(200).await;
    natter.signal("TERM");
    natter.until_ready_is(503).await;
    ada.said("still here").await;
    natter.join_as("Bo").await.said("and new").await;
    natter.signal("TERM");
    assert_eq!(natter.ended().await.0.code(), Some(130), "a second signal does not wait");
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut natter = Natter::start().await;
    // Somebody who does not answer the close keeps the first stop waiting.
    let _silent = natter.join_as("Silent").await;
    // Two of one kind that come together would be one.
    natter.signal("TERM");
    natter.signal("INT");
    let (status, _) = natter.ended().await;
    assert_eq!(status.code(), Some(130));
}
