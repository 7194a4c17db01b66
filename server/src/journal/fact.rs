//! Output of a journal: facts for everybody, answers for the requesters.
//!
//! Invariants:
//! - facts have one order for all nodes, and each is at the position after the one before;
//! - every fact is committed, and an entry's identifier is the position of its fact;
//! - an answer carries only what its requester needs, and comes after the facts up to its position.

use super::{
    JournalError,
    ids::{NodeId, Position, SessionHash, Ticket},
};
use app::protocol::{Entry, EntryId, LogId, RoomName, Timestamp, UserId, UserName};

/// A fact with its position.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Position of the fact.
    pub at: Position,
    /// Node that requested the change, and the change's ticket there.
    pub origin: (NodeId, Ticket),
    /// The fact itself.
    pub fact: Fact,
}

/// A committed change of the state that everybody sees.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A user was created, without rooms; the membership of `general` is the next fact.
    Created {
        /// Identifier of the user.
        user: UserId,
        /// Name of the user.
        name: UserName,
        /// Hash of the first session.
        session: SessionHash,
        /// Time of the request.
        at: Timestamp,
        /// `true` for a sign-in through the page's form.
        by_form: bool,
    },
    /// A user was renamed. The system lines about it are the next facts.
    Renamed {
        /// User who was renamed.
        user: UserId,
        /// New name.
        name: UserName,
    },
    /// A user was deleted.
    Forgotten {
        /// User who was deleted.
        user: UserId,
        /// Rooms that were removed because the user was the last member.
        removed: Vec<RoomName>,
    },
    /// Sessions of a user ended.
    SessionsEnded {
        /// User of the sessions.
        user: UserId,
        /// Hashes of the sessions.
        sessions: Vec<SessionHash>,
    },
    /// A user became a member of a room, whose entries so far count as read.
    Joined {
        /// User who joined.
        user: UserId,
        /// Room that was joined.
        room: RoomName,
        /// `true` if the join created the room.
        is_new: bool,
        /// Time of the request.
        at: Timestamp,
    },
    /// A user's membership of a room ended.
    Left {
        /// User who left.
        user: UserId,
        /// Room that was left.
        room: RoomName,
        /// `true` if the room was removed.
        is_removed: bool,
    },
    /// An entry was appended to a log. An amendment changes its target by [`Entry::amend`].
    Said(LogId, Entry),
    /// A user's read mark moved forward.
    Read {
        /// User of the mark.
        user: UserId,
        /// Log of the mark.
        log: LogId,
        /// Newest entry read.
        id: EntryId,
    },
    /// A user connected to a node, or loaded a page.
    Came {
        /// User who came.
        user: UserId,
        /// Node of the connection, `None` for a page.
        node: Option<NodeId>,
        /// `true` if the user was absent before.
        is_new: bool,
    },
    /// A user's last connection to a node closed. The user is still present.
    Went {
        /// User who disconnected.
        user: UserId,
        /// Node of the connection.
        node: NodeId,
        /// Newest entry up to which the user was sent everything.
        caught_up_to: EntryId,
    },
    /// A user's presence ended.
    Gone {
        /// User who is absent now.
        user: UserId,
    },
    /// A node was declared dead: all connections to it have ended.
    NodeDown {
        /// The dead node.
        node: NodeId,
    },
}

/// The outcome of a change for its requester.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The change is made, was made before, or had no effect.
    Done,
    /// The user was created with this identifier.
    Created(UserId),
    /// Nothing changed: the name is taken.
    NameTaken,
    /// The user is a member of the room.
    Joined {
        /// `true` if the join created the room.
        is_new: bool,
    },
    /// Nothing was stored: the author is not a member of the room.
    NotMember,
    /// Nothing was stored: the peer of the conversation no longer exists.
    NoPeer,
    /// The user no longer exists.
    NoSuchUser,
    /// Nothing was stored: the log has no such message or action, or it was deleted.
    NoSuchEntry,
    /// Nothing was stored: the entry to amend is somebody else's.
    NotYours,
    /// Nothing was stored: the entry has [`EDITS_MAX`](app::protocol::limits::EDITS_MAX) edits.
    TooManyEdits,
    /// Nothing was stored: the author stored this text under this `client_id` before, as this entry of this log, here in
    /// its present state.
    Repeated(LogId, Entry),
    /// Nothing was stored: the author stored another text under this `client_id`, or the same text elsewhere.
    ClientIdUsed,
    /// The user is kept, being connected or having entries.
    Stays,
}

/// An answer with its position.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// Ticket of the change.
    pub ticket: Ticket,
    /// Position of the last fact before the answer.
    pub at: Position,
    /// Outcome of the change.
    pub result: Result<Answer, JournalError>,
}

/// A batch of facts, and of answers to this node.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct News {
    /// Facts at consecutive positions.
    pub facts: Vec<Placed>,
    /// Answers in the order of submission.
    pub answers: Vec<Answered>,
}

/// A fact or an answer, to be applied in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// Fact for `Chat::applied`.
    Fact(Placed),
    /// Answer for `Chat::answered`.
    Answer(Answered),
}

impl News {
    /// Appends later news.
    pub fn extend(&mut self, mut later: Self) {
        self.facts.append(&mut later.facts);
        self.answers.append(&mut later.answers);
    }

    /// Yields all items in the order of their application: each answer after the facts up to its position.
    pub fn in_order(self) -> impl ExactSizeIterator<Item = Item> {
        let mut items = Vec::with_capacity(self.facts.len() + self.answers.len());
        let mut facts = self.facts.into_iter().peekable();
        for answer in self.answers {
            while let Some(fact) = facts.next_if(|fact| fact.at <= answer.at) {
                items.push(Item::Fact(fact));
            }
            items.push(Item::Answer(answer));
        }
        items.extend(facts.map(Item::Fact));
        items.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_after_the_facts_up_to_its_position_and_before_the_next() {
        let fact = |at| Placed { at, origin: (NodeId(1), at), fact: Fact::Gone { user: UserId(at) } };
        let answer = |ticket, at| Answered { ticket, at, result: Ok(Answer::Done) };
        let news =
            News { facts: vec![fact(5), fact(6), fact(7)], answers: vec![answer(1, 4), answer(2, 6), answer(3, 6)] };
        let order: Vec<_> = news
            .in_order()
            .map(|item| match item {
                Item::Fact(fact) => ("fact", fact.at),
                Item::Answer(answer) => ("answer", answer.ticket),
            })
            .collect();
        assert_eq!(order, [("answer", 1), ("fact", 5), ("fact", 6), ("answer", 2), ("answer", 3), ("fact", 7)]);
    }
}
