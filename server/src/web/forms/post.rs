//! The forms of a page: a text for its room or conversation, a room to join or to leave, a new name.

use super::typed_lines;
use crate::{
    chat::{Here, Outcome},
    web::{
        State,
        errors::WebError,
        extract::{ClientAddress, FormWithViewer, LogPath, PeerPath, Unsent},
        page_target::PageTarget,
        pages::{Part, Renderer, chat_page},
    },
};
use app::{
    command::{self, Command, Speech},
    protocol::UserId,
    ui::{About, Draft},
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The fields of the forms.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web) struct Post {
    #[serde(default)]
    text: String,
    join: Option<String>,
    nick: Option<String>,
    leave: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
}

impl Unsent for Post {
    fn unsent(&self) -> Option<String> {
        Some(typed_lines(&self.text)).filter(|text| !text.is_empty())
    }
}

/// The field that tells the purpose of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Text,
    Join,
    Nick,
    Leave,
}

/// The typed text, with its field.
#[derive(Debug)]
struct Typed {
    field: Field,
    typed: String,
}

impl Typed {
    /// Returns the command of the field; `None` for a text.
    ///
    /// # Errors
    /// Returns a sentence if the field is empty.
    fn command(&self) -> Result<Option<Command<'_>>, &'static str> {
        let typed = self.typed.trim();
        match self.field {
            Field::Text => Ok(None),
            Field::Join if typed.is_empty() => Err("Enter a room name."),
            Field::Join => Ok(Some(Command::Join { room: typed })),
            Field::Nick if typed.is_empty() => Err("Enter a name."),
            Field::Nick => Ok(Some(Command::Nick { name: typed })),
            Field::Leave => Ok(Some(Command::Leave)),
        }
    }

    /// Returns the draft of a refused form. The fields for a room and a name can be in a drawer, which is closed when
    /// the page loads, so their problem is also shown as a notice.
    fn draft(self, problem: String) -> Draft {
        let about = match self.field {
            Field::Text | Field::Leave => About::Text,
            Field::Join => About::Join,
            Field::Nick => About::Nick,
        };
        let notice = (about != About::Text).then(|| problem.clone());
        Draft { text: self.typed, about, problem: Some(problem), notice, ..Draft::default() }
    }

    /// Returns the conversation that shows a private message of a command; `None` for everything else.
    fn shown_at(&self, state: &State, user: UserId) -> Option<PageTarget> {
        match command::parse(&self.typed).filter(|_| self.field == Field::Text) {
            Some(Ok(Command::Say(Speech::Person { to, .. }))) => {
                PeerPath::found(state, user, to).map(|path| path.target())
            }
            _ => None,
        }
    }
}

impl Post {
    fn typed(self) -> (Typed, Option<String>) {
        let (field, typed) = match (self.join, self.nick, self.leave) {
            (Some(room), ..) => (Field::Join, room),
            (None, Some(name), _) => (Field::Nick, name),
            (None, None, Some(_)) => (Field::Leave, String::new()),
            (None, None, None) => (Field::Text, typed_lines(&self.text)),
        };
        // Only texts have a client id.
        let client_id = self.client_id.filter(|id| field == Field::Text && !id.is_empty());
        let client_id = client_id.map(|id| client_id_of(&id, &typed));
        (Typed { field, typed }, client_id)
    }
}

/// Returns the client id of a form's text. A form that is sent twice is one text; but a page that stays open when its
/// form opens another tab sends its next text from the same form.
fn client_id_of(form: &str, text: &str) -> String {
    let hash = Sha256::new().chain_update(form).chain_update([0]).chain_update(text).finalize();
    hash.iter().take(16).fold("form-".to_owned(), |id, byte| id + &format!("{byte:02x}"))
}

/// Stores a text for a room or a conversation, or executes a command, and redirects to the page that shows the result.
pub(in crate::web) async fn post<P: LogPath>(
    renderer: Renderer,
    FormWithViewer { path, viewer, form }: FormWithViewer<P, Post>,
) -> Result<Response, WebError> {
    let target = path.target();
    let (typed, client_id) = form.typed();
    let result = match typed.command() {
        Ok(command) => posted(&renderer, viewer.user, &target, &typed.typed, command, client_id).await,
        Err(problem) => {
            let draft = typed.draft(problem.to_owned());
            return chat_page(renderer, viewer.user, StatusCode::UNPROCESSABLE_ENTITY, &target, Part::Newest, draft)
                .await;
        }
    };
    match result {
        Ok(Outcome::Told(notice)) => {
            let draft = Draft { notice: Some(notice), ..Draft::default() };
            chat_page(renderer, viewer.user, StatusCode::OK, &target, Part::Newest, draft).await
        }
        Ok(Outcome::Joined(room)) => Ok(PageTarget::Room(room).redirect().into_response()),
        Ok(Outcome::Left(_)) => Ok(PageTarget::general().redirect().into_response()),
        Ok(Outcome::Stored | Outcome::SignedIn(_) | Outcome::SignedOut(_)) => {
            let shown_at = typed.shown_at(&renderer.state, viewer.user);
            Ok(shown_at.as_ref().unwrap_or(&target).redirect().into_response())
        }
        Err(error) => {
            let report = error.report();
            let draft = typed.draft(report.sentence);
            let mut response = chat_page(renderer, viewer.user, report.status, &target, Part::Newest, draft).await?;
            response.headers_mut().extend(report.headers);
            Ok(response)
        }
    }
}

async fn posted(
    renderer: &Renderer,
    user: UserId,
    target: &PageTarget,
    text: &str,
    command: Option<Command<'_>>,
    client_id: Option<String>,
) -> Result<Outcome, WebError> {
    let (hub, ClientAddress(address)) = (&renderer.state.hub, renderer.address);
    let here = match target {
        PageTarget::Room(room) => Here::Room(room.as_str()),
        PageTarget::Conversation { peer, name } => Here::With(*peer, name),
    };
    let reply = match command {
        Some(command) => hub.execute(user, address, here, command).await?,
        None => hub.post(user, address, here, text, client_id).await?,
    };
    Ok(reply?)
}
