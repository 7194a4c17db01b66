//! The rules of a fair queue: the order in which requests get their turns.
//!
//! Invariants:
//! - all slots are used before a request waits, and no more than all;
//! - a newcomer waits for at most one turn of each other key, and for those of the same key before it;
//! - if the queue is full, the newest request of the longest line makes room for a key with a shorter one.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    hash::Hash,
};

/// Identifier of a working or waiting request.
pub(super) type Ticket = u64;

/// Limits of waiting requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caps {
    /// Limit for one key.
    pub(crate) per_key: usize,
    /// Limit for all keys together.
    pub(crate) in_all: usize,
}

/// The reason for which a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// The limit of the key is reached.
    Key,
    /// The limit of all keys is reached, and no line is longer than this one would be.
    All,
}

/// A request that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entered {
    pub(super) ticket: Ticket,
    /// `true` if the request has a turn already.
    pub(super) works: bool,
    /// Waiting request that was evicted for this one.
    pub(super) instead_of: Option<Ticket>,
}

/// The state of the queue. See the [module](self).
#[derive(Debug)]
pub(super) struct Turns<K> {
    slots: usize,
    caps: Caps,
    working: HashSet<Ticket>,
    /// Waiting requests by key. No line is empty.
    lines: HashMap<K, Line>,
    /// Keys of the lines, in the order of their turns.
    order: BTreeMap<u64, K>,
    waiting: usize,
    /// Next number for a ticket or a turn; both share one sequence.
    next: u64,
}

#[derive(Debug)]
struct Line {
    /// Place of the line in the order.
    turn: u64,
    tickets: VecDeque<Ticket>,
}

impl<K: Copy + Eq + Hash> Turns<K> {
    pub(super) fn new(slots: usize, caps: Caps) -> Self {
        Self {
            slots,
            caps,
            working: HashSet::new(),
            lines: HashMap::new(),
            order: BTreeMap::new(),
            waiting: 0,
            next: 0,
        }
    }

    /// Returns the number of waiting requests.
    pub(super) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// Accepts a request, to work or to wait.
    pub(super) fn enter(&mut self, key: K) -> Result<Entered, Full> {
        if self.working.len() < self.slots {
            let ticket = self.number();
            self.working.insert(ticket);
            return Ok(Entered { ticket, works: true, instead_of: None });
        }
        let ahead = self.lines.get(&key).map_or(0, |line| line.tickets.len());
        if ahead >= self.caps.per_key {
            return Err(Full::Key);
        }
        let instead_of = if self.waiting < self.caps.in_all { None } else { Some(self.evict(ahead + 1)?) };
        let (ticket, turn) = (self.number(), self.number());
        let order = &mut self.order;
        let line = self.lines.entry(key).or_insert_with(|| {
            order.insert(turn, key);
            Line { turn, tickets: VecDeque::new() }
        });
        line.tickets.push_back(ticket);
        self.waiting += 1;
        Ok(Entered { ticket, works: false, instead_of })
    }

    /// Removes a request that is done or gave up. Returns the request that works in its place, if any.
    pub(super) fn leave(&mut self, key: &K, ticket: Ticket) -> Option<Ticket> {
        if self.working.remove(&ticket) {
            let next = self.take_turn()?;
            self.working.insert(next);
            return Some(next);
        }
        // An evicted request is in no line any more.
        let line = self.lines.get_mut(key)?;
        let at = line.tickets.iter().position(|waiting| *waiting == ticket)?;
        line.tickets.remove(at);
        self.waiting -= 1;
        if line.tickets.is_empty() {
            self.order.remove(&line.turn);
            self.lines.remove(key);
        }
        None
    }

    /// Removes the first request of the next line, and moves that line to the end of the order.
    fn take_turn(&mut self) -> Option<Ticket> {
        let (_, key) = self.order.pop_first()?;
        let turn = self.number();
        let line = self.lines.get_mut(&key)?;
        let ticket = line.tickets.pop_front()?;
        self.waiting -= 1;
        if line.tickets.is_empty() {
            self.lines.remove(&key);
        } else {
            line.turn = turn;
            self.order.insert(turn, key);
        }
        Some(ticket)
    }

    /// Removes the newest request of the longest line, if that is longer than `len`.
    fn evict(&mut self, len: usize) -> Result<Ticket, Full> {
        let longest = self.lines.values_mut().max_by_key(|line| (line.tickets.len(), line.turn));
        let longest = longest.filter(|line| line.tickets.len() > len).ok_or(Full::All)?;
        let newest = longest.tickets.pop_back().ok_or(Full::All)?;
        self.waiting -= 1;
        Ok(newest)
    }

    const fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPS: Caps = Caps { per_key: 100, in_all: 150 };

    fn waits(turns: &mut Turns<char>, key: char) -> Ticket {
        let entered = turns.enter(key).unwrap();
        assert!(!entered.works);
        entered.ticket
    }

    /// Returns the waiting requests in the order of their turns.
    fn order(turns: &mut Turns<char>, mut working: Ticket) -> Vec<Ticket> {
        let mut order = Vec::new();
        while let Some(next) = turns.leave(&'?', working) {
            order.push(next);
            working = next;
        }
        order
    }

    #[test]
    fn as_many_work_at_once_as_there_are_slots_whoever_they_are() {
        let mut turns = Turns::new(2, CAPS);
        let [first, second] = [0; 2].map(|_| turns.enter('a').unwrap());
        assert!(first.works && second.works);
        let third = waits(&mut turns, 'b');
        assert_eq!(turns.leave(&'a', second.ticket), Some(third));
        assert!(!turns.enter('a').unwrap().works);
    }

    #[test]
    fn a_key_waits_for_one_turn_of_another_however_many_wait_for_that() {
        let mut turns = Turns::new(1, CAPS);
        let working = turns.enter('f').unwrap().ticket;
        let flood: Vec<_> = (0..100).map(|_| waits(&mut turns, 'f')).collect();
        let (a, b) = (waits(&mut turns, 'a'), waits(&mut turns, 'b'));
        let later = waits(&mut turns, 'a');
        let order = order(&mut turns, working);
        assert_eq!(order[..6], [flood[0], a, b, flood[1], later, flood[2]]);
        assert_eq!((order.len(), turns.waiting()), (103, 0));
        assert!(turns.lines.is_empty() && turns.order.is_empty() && turns.working.is_empty());
    }

    #[test]
    fn so_many_of_a_key_wait_and_one_more_does_not() {
        let mut turns = Turns::new(1, CAPS);
        turns.enter('a').unwrap();
        let waiting: Vec<_> = (0..100).map(|_| waits(&mut turns, 'a')).collect();
        assert_eq!(turns.enter('a'), Err(Full::Key));
        waits(&mut turns, 'b');
        assert_eq!(turns.leave(&'a', waiting[50]), None);
        waits(&mut turns, 'a');
        assert_eq!(turns.enter('a'), Err(Full::Key));
    }

    #[test]
    fn the_longest_line_makes_room_when_as_many_wait_as_may() {
        let mut turns = Turns::new(1, Caps { per_key: 3, in_all: 4 });
        let working = turns.enter('f').unwrap().ticket;
        let [first, second, third] = [0; 3].map(|_| waits(&mut turns, 'f'));
        let a = waits(&mut turns, 'a');
        assert_eq!(turns.waiting(), 4);
        let b = turns.enter('b').unwrap();
        assert_eq!((b.works, b.instead_of, turns.waiting()), (false, Some(third), 4));
        assert_eq!(turns.leave(&'f', third), None, "whoever lost the place leaves none behind");
        let c = turns.enter('c').unwrap();
        assert_eq!(c.instead_of, Some(second));
        assert_eq!([turns.enter('d'), turns.enter('a')], [Err(Full::All); 2], "every line is as short as a new one");
        assert_eq!(order(&mut turns, working), [first, a, b.ticket, c.ticket]);
    }

    #[test]
    fn a_key_that_waits_no_more_is_forgotten() {
        let mut turns = Turns::new(1, CAPS);
        let working = turns.enter('a').unwrap().ticket;
        let waiting = waits(&mut turns, 'b');
        assert_eq!(turns.leave(&'b', waiting), None);
        assert!(turns.lines.is_empty() && turns.order.is_empty());
        assert_eq!((turns.leave(&'a', working), turns.leave(&'a', working)), (None, None));
        assert!(turns.enter('c').unwrap().works);
    }
}
