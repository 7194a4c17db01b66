//! The list of rooms and conversations.

use super::{clicked_row, follow, me::Me};
use crate::{
    protocol::{Place, RoomName, Unread, UserId, caseless},
    sync::{ConversationLine, RoomLine},
    ui::{
        dialogs::new_room_button,
        head::sign,
        state::{Live, path},
        widgets::{
            close::close_popover,
            html::Html,
            icon::{Icon, icon, logo},
            list::Row,
            reactive::{flag, rows, text},
            unread::{badge, in_words},
        },
    },
};
use leptos::{ev, prelude::*};
use std::sync::Arc;

/// The list at the side of the page; on a narrow one, a drawer.
#[component]
pub(in crate::ui) fn Places(live: Live) -> impl IntoView {
    view! {
        <nav id="places" class="places" popover="auto" aria-label="Rooms and direct messages">
            <div class="places-head">
                <a class="brand" href="/room/general">
                    {logo()}
                    "Natter"
                </a>
                {close_popover("places", "icon close-drawer", "Close the list")}
            </div>
            <div class="live" data-live="place-list">
                {place_list(live)}
            </div>
            <Me live />
        </nav>
    }
}

#[cfg(feature = "hydrate")]
pub(super) fn hydrate(live: Live) {
    crate::ui::hydrate::content("place-list", || place_list(live));
}

fn place_list(live: Live) -> impl IntoView {
    let filter = RwSignal::new(String::new());
    let typed = move |event: ev::Targeted<ev::Event, leptos::web_sys::HtmlInputElement>| {
        filter.set(caseless(&event.target().value()));
    };
    let mine = move || filter.with(|filter| rooms(live, filter, true));
    let others = move || filter.with(|filter| rooms(live, filter, false));
    let people = move || filter.with(|filter| conversations(live, filter));
    view! {
        <label class="filter">
            <span class="hidden">"Filter rooms and people"</span>
            <input type="search" placeholder="Filter…" autocomplete="off" on:input:target=typed />
        </label>
        <a class="to-search" href="/search" title="Search the messages (Ctrl+Shift+F)">
            {icon(Icon::Search)}
            "Search the messages"
        </a>
        <div class="places-list" on:click=move |event: ev::MouseEvent| click(live, &event)>
            {group("Rooms", mine, true)} {group("Direct messages", people, false)}
            {group("Browse rooms", others, false)}
            <p class="more-rooms" hidden=flag(move || live.shown.more_rooms.get() == 0)>
                <span inner_html=text(move || more_rooms(live.shown.more_rooms.get()))></span>
                " "
                <a href="/rooms">"Find a room"</a>
            </p>
            // The style shows this if all groups are empty.
            <p class="nothing">"No room or person matches."</p>
        </div>
    }
}

fn group(
    name: &'static str,
    places: impl Fn() -> Vec<Row> + Copy + Send + Sync + 'static,
    takes_more: bool,
) -> impl IntoView {
    view! {
        // The style hides an empty group.
        <section class="place-group" aria-label=name>
            <div class="group-head">
                <h2>{name}</h2>
                {takes_more.then(new_room_button)}
            </div>
            <ul inner_html=rows(places)></ul>
        </section>
    }
}

/// Shows the place whose link was clicked.
fn click(live: Live, event: &ev::MouseEvent) {
    let room = clicked_row(event, "room").map(|room| Place::Room(RoomName::told(&room)));
    let peer = || Some(Place::With(UserId(clicked_row(event, "peer")?.parse().ok()?)));
    if let Some(place) = room.or_else(peer) {
        follow(event, live, || live.go(place));
    }
}

fn fits(name: &str, filter: &str) -> bool {
    filter.is_empty() || caseless(name).contains(filter)
}

/// Returns the rows of the rooms that match the filter: the person's own, or the others.
fn rooms(live: Live, filter: &str, is_member: bool) -> Vec<Row> {
    let shown = live.shown.place.get();
    let row = |room: &RoomLine| {
        let people = if room.is_member { String::new() } else { room.users.to_string() };
        let place = Place::Room(room.name.clone());
        PlaceRow {
            name: room.name.shared(),
            is_shown: shown == place,
            place,
            unread: room.unread,
            is_here: None,
            people,
            has_unsent: room.unsent > 0,
        }
        .row()
    };
    live.shown.rooms.with(|rooms| {
        let those = rooms.iter().filter(|room| room.is_member == is_member && fits(room.name.as_str(), filter));
        those.map(row).collect()
    })
}

/// Returns the rows of the conversations that match the filter.
fn conversations(live: Live, filter: &str) -> Vec<Row> {
    let shown = live.shown.place.get();
    let row = |line: &ConversationLine| {
        let place = Place::With(line.id);
        PlaceRow {
            name: Arc::clone(&line.name),
            is_shown: shown == place,
            place,
            // Every private message is meant for the person, so none counts as a mention.
            unread: Unread { count: line.unread, mentions: 0 },
            is_here: line.is_here,
            people: String::new(),
            has_unsent: line.unsent > 0,
        }
        .row()
    };
    live.shown.conversations.with(|lines| lines.iter().filter(|line| fits(&line.name, filter)).map(row).collect())
}

/// A link to a place, with its unread and unsent texts.
#[derive(Debug, Hash)]
struct PlaceRow {
    place: Place,
    name: Arc<str>,
    is_shown: bool,
    unread: Unread,
    /// The presence of a conversation's peer; `None` in a room, or if it is unknown.
    is_here: Option<bool>,
    /// The number of present members of a room that the person is not in; empty in other places.
    people: String,
    has_unsent: bool,
}

impl PlaceRow {
    fn row(self) -> Row {
        Row::lazy(self.key().0, self, Self::html)
    }

    /// Returns the identifier of the row, and the attribute that has it.
    fn key(&self) -> (String, &'static str) {
        match &self.place {
            Place::With(peer) => (peer.to_string(), "data-peer"),
            Place::Room(_) | Place::Mentions => (self.name.to_string(), "data-room"),
        }
    }

    fn html(&self) -> Html {
        let mut html = Html::default();
        let (key, data) = self.key();
        html.tag("<li").attribute(data, &key).tag(r#"><a class="place""#);
        html.attribute("href", &path(&self.place, &self.name))
            .attribute("aria-current", if self.is_shown { "page" } else { "false" })
            .tag_if(self.unread.count > 0, " data-unread")
            .tag_if(self.unread.mentions > 0, " data-mentions")
            .tag(">");
        self.mark(&mut html);
        html.tag(r#"<span class="name" dir="auto" translate="no">"#).text(&self.name).tag("</span>");
        self.state(&mut html);
        html.tag("</a></li>");
        html
    }

    /// Writes the symbol before the name: a room's sign, or a peer's presence.
    fn mark(&self, html: &mut Html) {
        match self.place {
            Place::With(_) => html
                .tag(r#"<span class="dot" aria-hidden="true""#)
                .tag_if(self.is_here == Some(true), " data-present")
                .tag("></span>"),
            Place::Room(_) | Place::Mentions => {
                html.tag(r#"<span class="sign" aria-hidden="true">"#).tag(sign(&self.place)).tag("</span>")
            }
        };
    }

    /// Writes the badges after the name, with their meaning in words for screen readers.
    fn state(&self, html: &mut Html) {
        let is_conversation = matches!(self.place, Place::With(_));
        html.tag(r#"<span class="people" aria-hidden="true""#)
            .tag_if(self.people.is_empty(), " hidden")
            .tag(">")
            .icon(Icon::People)
            .text(&self.people)
            .tag(r#"</span><span class="unsent" aria-hidden="true" title="Not sent""#)
            .tag_if(!self.has_unsent, " hidden")
            .tag(r#"></span><span class="badge" aria-hidden="true""#)
            .tag_if(self.unread.count == 0, " hidden")
            .tag_if(is_conversation || self.unread.mentions > 0, " data-mention")
            .tag(">")
            .text(&badge(self.unread))
            .tag(r#"</span><span class="hidden">"#)
            .text(&[self.presence(), in_words(self.unread), self.unsent()].join(" "))
            .tag("</span>");
    }

    fn presence(&self) -> String {
        match (self.is_here, &*self.people) {
            (Some(true), _) => "here".to_owned(),
            (Some(false), _) => "away".to_owned(),
            (None, "") => String::new(),
            (None, people) => format!("{people} here"),
        }
    }

    fn unsent(&self) -> String {
        (if self.has_unsent { "not sent" } else { "" }).to_owned()
    }
}

/// Returns the sentence about the rooms that are not listed; empty if all are.
fn more_rooms(count: usize) -> String {
    let are = match count {
        0 => return String::new(),
        1 => "is 1 more room".to_owned(),
        _ => format!("are {count} more rooms"),
    };
    format!("There {are}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_that_are_not_listed_are_counted() {
        assert_eq!(more_rooms(0), "");
        assert_eq!(more_rooms(1), "There is 1 more room.");
        assert_eq!(more_rooms(2), "There are 2 more rooms.");
    }
}
