//! The links to single entries.

use crate::helpers::{Browser, Natter, location};

#[tokio::test]
async fn a_link_to_an_entry_shows_it_among_its_neighbours() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    let mut ids = Vec::new();
    for n in 1..=120 {
        ids.push(bo.said(&format!("line {n} ends")).await["id"].as_u64().unwrap());
    }
    let id = ids[59];
    let link = format!("/room/general/{id}");
    assert!(!ada.page("/room/general").await.contains("line 60 ends"));
    let there = ada.get(&link).await;
    let window = format!("/room/general?around={id}");
    assert_eq!(location(&there), (303, &*format!("{window}#e{id}")));
    let page = ada.page(&window).await;
    for n in [36, 60, 85] {
        assert!(page.contains(&format!("line {n} ends")), "{n}");
    }
    assert!(!page.contains("line 35 ends") && !page.contains("line 86 ends"));
    assert!(page.contains(&format!("id=\"e{id}\"")) && page.contains(&format!("href=\"{link}\"")));
    assert!(page.contains("Back to the newest"));
    let end = ada.page(&format!("/room/general?around={}", ids[119])).await;
    assert!(end.contains("line 120 ends") && !end.contains("Back to the newest"), "these are the newest");
}

#[tokio::test]
async fn a_link_to_an_entry_that_is_not_there_leads_to_its_place() {
    let natter = Natter::start().await;
    let ada = natter.browser("Ada").await;
    let mut bo = natter.join_as("Bo").await;
    bo.join("den").await;
    let elsewhere = bo.said("in general").await["id"].clone();
    for id in ["7777777", "18446744073709551615", &elsewhere.to_string()] {
        let missing = ada.get(&format!("/room/den?around={id}")).await;
        assert_eq!(missing.status(), 404, "{id}");
        let page = missing.text().await.unwrap();
        assert!(page.contains("no such message here") && page.contains("href=\"/room/den\""), "{page}");
    }
    for path in ["/room/general/x", "/room/general/-1", "/room/general/18446744073709551616", "/room/nowhere/1"] {
        assert_eq!(ada.get(path).await.status(), 404, "{path}");
    }
    assert_eq!(ada.get("/room/general?around=x").await.status(), 200, "what cannot be read counts as absent");
}

#[tokio::test]
async fn a_link_leads_through_the_door_to_its_entry() {
    let natter = Natter::start().await;
    let mut bo = natter.join_as("Bo").await;
    let id = bo.said("read this").await["id"].clone();
    let cy = Browser::new(&natter);
    let door = cy.get(&format!("/room/general/{id}")).await;
    assert_eq!(location(&door), (303, &*format!("/?room=general&entry={id}")));
    let shared = cy.get(&format!("/room/general?around={id}")).await;
    assert_eq!(location(&shared), location(&door), "the address that the link has become");
    let form = cy.page(&format!("/?room=general&entry={id}")).await;
    assert!(form.contains(&format!("name=\"entry\" value=\"{id}\"")), "{form}");
    let entry = id.to_string();
    // A refusal keeps it.
    let refused = cy.post("/", &[("name", "Bo"), ("room", "general"), ("entry", &entry)]).await;
    assert!(refused.text().await.unwrap().contains(&format!("name=\"entry\" value=\"{id}\"")));
    let entered = cy.post("/", &[("name", "Cy"), ("room", "general"), ("entry", &entry)]).await;
    assert_eq!(location(&entered), (303, &*format!("/room/general?around={id}#e{id}")));
    let front = cy.get(&format!("/?room=general&entry={id}")).await;
    assert_eq!(location(&front), (303, &*format!("/room/general?around={id}#e{id}")));
}

#[tokio::test]
async fn a_link_to_a_private_entry_shows_it_to_the_two_alone() {
    let natter = Natter::start().await;
    let (ada, bo, cy) = (natter.browser("Ada").await, natter.browser("Bo").await, natter.browser("Cy").await);
    ada.post("/pm/2-Bo", &[("text", "for you alone")]).await;
    let page = bo.page("/pm/1-Ada").await;
    let link = page.split("href=\"/pm/1-Ada/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert_eq!(
        location(&bo.get(&format!("/pm/1-Formerly/{link}")).await),
        (303, &*format!("/pm/1-Ada?around={link}#e{link}"))
    );
    assert!(bo.page(&format!("/pm/1-Ada?around={link}")).await.contains("for you alone"));
    for path in ["/pm/1-Ada", "/pm/2-Bo", "/pm/3-Cy", "/room/general"] {
        let other = cy.get(&format!("{path}?around={link}")).await;
        assert_eq!(other.status(), 404, "{path}");
        assert!(!other.text().await.unwrap().contains("for you alone"), "{path}");
    }
}
