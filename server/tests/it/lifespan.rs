//! The start, the stop, and the reasons for which a server does not start.

use crate::helpers::{Natter, PATIENCE, refused_start};
use std::{fs, net::TcpListener, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::timeout,
};

/// All settings with their defaults. A new one belongs here, in README.md if people need it, and in docs/limits.md if
/// it is a limit.
const SETTINGS: [(&str, Option<&str>); 28] = [
    ("listen", Some("127.0.0.1:3000")),
    ("data", Some("natter-data")),
    ("public-url", None),
    ("grace", Some("30")),
    ("max-connections", Some("10000")),
    ("queue-memory", Some("256")),
    ("cache-memory", Some("64")),
    ("message-rate", Some("10")),
    ("typing-rate", Some("5")),
    ("join-rate", Some("5")),
    ("query-rate", Some("50")),
    ("rooms-per-user", Some("50")),
    ("rooms-per-day", Some("20")),
    ("archive-after", Some("30")),
    ("forget-after", Some("365")),
    ("reserve-names", Some("30")),
    ("proxies", None),
    ("allow-host", None),
    ("max-tcp", Some("16384")),
    ("max-tcp-per-address", Some("4096")),
    ("max-connections-per-user", Some("32")),
    ("max-connections-per-address", Some("1024")),
    ("connect-rate", Some("2")),
    ("drain", Some("0")),
    ("head-timeout", Some("10")),
    ("body-timeout", Some("10")),
    ("answer-timeout", Some("30")),
    ("idle-timeout", Some("60")),
];

/// Returns the settings in a help text: flag, variable and default.
fn described(help: &str) -> Vec<(&str, Option<&str>, Option<&str>)> {
    let flags = help.split("\n      --").skip(1);
    flags
        .map(|flag| {
            let within = |start: &str| flag.lines().find_map(|line| line.trim().strip_prefix(start)?.strip_suffix(']'));
            (flag.split_whitespace().next().unwrap(), within("[env: "), within("[default: "))
        })
        .collect()
}

#[tokio::test]
async fn the_help_names_every_setting_with_its_default() {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_natter"));
    let help = command.arg("--help").env_clear().output().await.unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let variables = SETTINGS.map(|(flag, _)| format!("NATTER_{}=", flag.replace('-', "_").to_uppercase()));
    let expected = SETTINGS.iter().zip(&variables);
    let expected: Vec<_> = expected.map(|((flag, default), name)| (*flag, Some(name.as_str()), *default)).collect();
    assert_eq!(described(&help), expected);
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
        // The last message is accepted once its echo is here; nothing else is pending at the stop.
        for n in 0..20 {
            assert_eq!(ada.expect("message").await["text"], n.to_string());
        }
        natter.signal(signal);
        for client in [&mut ada, &mut bo] {
            let (code, reason) = client.expect_close().await;
            assert_eq!(code, 1001);
            // For two clients the window after the minimum is a millisecond.
            assert!(["500", "501"].contains(&reason.as_str()), "milliseconds to wait: {reason:?}");
        }
        assert_eq!(natter.ended().await.code(), Some(0));
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
    assert_eq!(natter.ended().await.code(), Some(0));
}

/// Checks that the message is one sentence, and nothing else.
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
    // Nobody, root included, can create a folder in `/proc`.
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
    assert_eq!(natter.ended().await.code(), Some(130), "a second signal does not wait");
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let mut natter = Natter::start().await;
    // A client that does not answer the close keeps the first stop waiting.
    let _silent = natter.join_as("Silent").await;
    // Two signals of one kind that arrive together would be one.
    natter.signal("TERM");
    natter.signal("INT");
    assert_eq!(natter.ended().await.code(), Some(130));
}
