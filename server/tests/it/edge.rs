//! The network's edge, as far as the clock and the address of a client do not matter: those are beside the code.

use crate::helpers::Natter;

#[tokio::test]
async fn a_form_is_as_large_as_a_message_can_be() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    // Each character takes twelve bytes in a form.
    let longest = ada.post("/room/general", &[("text", &"\u{1f9d1}".repeat(4_000))]).await;
    assert_eq!(longest.status(), 303);
    let most = 64 * 1024 - "text=".len();
    let refused = ada.post("/room/general", &[("text", &"x".repeat(most))]).await;
    assert_eq!(refused.status(), 422, "too long for a message, and shown again");
    for path in ["/", "/room/general", "/pm/1", "/theme"] {
        let refused = ada.post(path, &[("text", &"x".repeat(most + 1))]).await;
        assert_eq!(refused.status(), 413, "{path}");
        assert!(refused.text().await.unwrap().contains("Shorten it"), "{path}");
    }
}
