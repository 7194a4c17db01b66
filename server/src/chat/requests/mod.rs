//! Requests: permissions, rate limits, and the [change](crate::journal::Change) that a request submits. The state that
//! others see changes only in [`apply`](super::apply), once the change is a fact.

mod amendments;
mod catching_up;
mod commands;
mod handshake;
mod limits;
mod membership;
mod messages;
mod names;
mod needs;
mod previews;
mod private;
mod queries;
mod reading;
mod room_lists;
mod sessions;
mod sign_in;
mod suggestions;
mod typing;
mod unread;

pub use commands::Here;
pub use needs::{Missing, Need};
pub use queries::Counts;

use crate::{
    chat::{
        Caller, ConnectionId, Kind, Now, RequestContext,
        engine::Chat,
        refusals::{Refused, refusal, unavailable},
        state::Connection,
    },
    journal::{JournalError, Range},
};
use app::{
    command::Command,
    protocol::{
        ClientFrame, EntryId, ErrorCode, GENERAL, ServerFrame, WireName,
        limits::{HISTORY_DEFAULT, HISTORY_MAX},
    },
};

impl Chat {
    /// Handles a frame of a connection.
    pub fn frame(&mut self, now: Now, connection: ConnectionId, frame: ClientFrame) {
        let Some(context) = self.context(now, connection) else { return };
        let RequestContext { caller, user, .. } = context;
        let result = match frame {
            ClientFrame::Message { room, text, client_id } => self.message(context, &room, &text, client_id),
            ClientFrame::Join { room, client_id } => {
                self.commanded(context, Here::Room(&room), Command::Join { room: &room }, client_id)
            }
            ClientFrame::Leave { room, client_id } => {
                self.commanded(context, Here::Room(&room), Command::Leave, client_id)
            }
            ClientFrame::Preview { room } => {
                self.spend(context, Kind::Query).and_then(|()| self.preview(connection, room.as_deref()))
            }
            ClientFrame::Typing { room, typing } => self.typing(context, &room, typing),
            ClientFrame::Pm { to, user_id, text, client_id } => self.pm(context, (user_id, &to), &text, client_id),
            ClientFrame::Edit { room, target, text, client_id } => {
                self.amend(context, &room, target, Some(&text), client_id)
            }
            ClientFrame::Delete { room, target, client_id } => self.amend(context, &room, target, None, client_id),
            ClientFrame::SetNick { name, client_id } => {
                self.commanded(context, Here::Room(GENERAL), Command::Nick { name: &name }, client_id)
            }
            ClientFrame::Read { room, id } => {
                self.spend(context, Kind::Query).and_then(|()| self.read_by(connection, user, &room, id))
            }
            ClientFrame::GetRooms { follow } => self.spend(context, Kind::Query).map(|()| {
                if follow {
                    self.clients.room_counts.follow(connection);
                }
                self.send_room_list(connection);
            }),
            ClientFrame::GetUsers { room } => {
                let price = self.price_of_list(&room);
                self.spend_all(context, &[(Kind::Query, price)]).and_then(|()| self.user_list(connection, &room))
            }
            ClientFrame::GetMentions => self.spend(context, Kind::Query).map(|()| {
                let mentions = self.mentions(user);
                self.send(connection, ServerFrame::Mentions { mentions });
            }),
            ClientFrame::GetHistory { room, before, after, limit } => {
                let limit = limit.unwrap_or(HISTORY_DEFAULT).clamp(1, HISTORY_MAX.min(self.settings.recent_entries));
                let range = Range { after: after.unwrap_or(0), before: before.unwrap_or(EntryId::MAX), limit };
                self.spend(context, Kind::Query).and_then(|()| self.history(connection, user, room, range))
            }
            ClientFrame::Ping { ts } => {
                self.spend(context, Kind::Query).map(|()| self.send(connection, ServerFrame::Pong { ts }))
            }
            ClientFrame::Pong => self.spend(context, Kind::Query),
        };
        if let Err(refused) = result {
            let is_abuse = refused.code == ErrorCode::RateLimited;
            self.refuse(caller, refused);
            if is_abuse {
                self.strike(now, connection);
            }
        }
    }

    /// Posts a text in a room. A person's name is refused: it would mean the room of that name, and a private text would
    /// become public.
    fn message(
        &mut self,
        context: RequestContext,
        room: &str,
        text: &str,
        client_id: Option<String>,
    ) -> Result<(), Refused> {
        if matches!(WireName::parse(room), Some(WireName::Room(_))) {
            return self.typed(context, Here::Room(room), text, client_id);
        }
        let refused = refusal(ErrorCode::BadRoom, "Messages to one person are sent with pm.");
        Err(Refused { client_id: client_id.map(Into::into), ..refused })
    }

    /// Refuses a frame whose entries could not be read from the store. The frame is charged nevertheless.
    pub fn unreadable(&mut self, now: Now, connection: ConnectionId, frame: &ClientFrame, error: &JournalError) {
        let Some(context) = self.context(now, connection) else { return };
        let counted = self.spend(context, needs::kind_of(frame));
        let client_id = frame.client_id().map(Into::into);
        self.refuse(context.caller, Refused { client_id, ..unavailable(error) });
        if counted.is_err() {
            self.strike(now, connection);
        }
    }

    /// Answers input that is not a valid frame; `reason` is a sentence.
    pub fn bad_frame(&mut self, now: Now, connection: ConnectionId, reason: String) {
        let Some(context) = self.context(now, connection) else { return };
        let caller = context.caller;
        // The reason is sent even if no token is left, since the strikes limit such input.
        drop(self.spend(context, Kind::Query));
        self.refuse(caller, refusal(ErrorCode::BadFrame, reason));
        self.strike(now, connection);
    }

    pub(in crate::chat) fn context(&self, now: Now, connection: ConnectionId) -> Option<RequestContext> {
        let Connection { user, address, .. } = self.clients.connections.get(&connection)?;
        Some(RequestContext { now, caller: Caller::Connection(connection), user: *user, address: *address })
    }
}
