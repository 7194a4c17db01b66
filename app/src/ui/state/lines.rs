//! The lines of the list: the rows of the log, with headings of days, the divider above the new entries, and entries
//! grouped by author.

use crate::{
    calendar,
    protocol::{Entry, EntryId, EntryKind, Place, Timestamp, UserId},
    sync::{Client, Gap, Row},
};
use std::sync::Arc;

/// Longest pause in milliseconds within a group of entries by one author. A later entry has its own head.
const GOES_ON_MS: u64 = 5 * 60 * 1_000;

/// Interval in milliseconds at which UTC offsets may change: laws move clocks only at the start of a quarter of an
/// hour.
const CLOCK_CHANGES_MS: u64 = 15 * 60 * 1_000;

/// A line of the list.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ui) enum Line {
    /// The heading of a day above its first entry; the day counts from 1970-01-01.
    Day(i64, EntryId),
    /// The divider above the first new entry.
    New(EntryId),
    /// A gap, in which entries are missing.
    Gap(Gap),
    /// An entry; `true` if it continues the group of the entry above and has no head.
    Entry(Arc<Entry>, bool),
}

impl Line {
    /// Returns an identifier that is unique within the list.
    pub(in crate::ui) fn key(&self) -> String {
        match self {
            Self::Day(day, id) => format!("day {day} {id}"),
            Self::New(id) => format!("new {id}"),
            Self::Gap(gap) => format!("gap {} {}", gap.after, gap.before),
            Self::Entry(entry, _) => entry.id.to_string(),
        }
    }
}

/// Returns the lines of the shown place. `utc_offset` returns the offset of the person's clock at a moment, in minutes.
/// Mentions come from different places, so none continues the group of the one above.
pub(in crate::ui) fn of_client(client: &Client, utc_offset: impl Fn(Timestamp) -> i32) -> Vec<Line> {
    let mut lines = lines(client.rows(), client.divider(), utc_offset);
    if *client.place() == Place::Mentions {
        for line in &mut lines {
            if let Line::Entry(_, goes_on) = line {
                *goes_on = false;
            }
        }
    }
    lines
}

/// Returns the lines for rows. `divider` is the last entry before the person's absence; `utc_offset` returns the offset
/// of their clock at a moment, in minutes.
fn lines(rows: Vec<Row>, divider: Option<EntryId>, utc_offset: impl Fn(Timestamp) -> i32) -> Vec<Line> {
    let mut lines = Vec::with_capacity(rows.len() + 8);
    let mut above: Option<Arc<Entry>> = None;
    let mut day = None;
    let mut divider = divider;
    let mut quarter = (u64::MAX, 0);
    for row in rows {
        let entry = match row {
            Row::Gap(gap) => {
                above = None;
                lines.push(Line::Gap(gap));
                continue;
            }
            Row::Entry(entry) => entry,
        };
        let its_quarter = entry.ts.as_millis() / CLOCK_CHANGES_MS;
        if quarter.0 != its_quarter {
            quarter = (its_quarter, utc_offset(entry.ts));
        }
        let its_day = calendar::day(entry.ts, quarter.1);
        if day.replace(its_day) != Some(its_day) {
            lines.push(Line::Day(its_day, entry.id));
            above = None;
        }
        if divider.take_if(|read| entry.id > *read).is_some() {
            lines.push(Line::New(entry.id));
            above = None;
        }
        let goes_on = above.is_some_and(|above| goes_on(&above, &entry));
        lines.push(Line::Entry(Arc::clone(&entry), goes_on));
        above = Some(entry);
    }
    lines
}

/// Returns `true` if a message by `author` at a moment would continue the group of the log's last entry.
pub(in crate::ui) fn goes_on_behind(last: &Entry, author: UserId, name: &str, at_ms: u64) -> bool {
    last.kind == EntryKind::Message
        && last.user_id == Some(author)
        && *last.from == *name
        && at_ms.saturating_sub(last.ts.as_millis()) < GOES_ON_MS
}

fn goes_on(above: &Entry, entry: &Entry) -> bool {
    above.kind == EntryKind::Message
        && entry.kind == EntryKind::Message
        && above.user_id == entry.user_id
        && above.from == entry.from
        && entry.ts.as_millis().saturating_sub(above.ts.as_millis()) < GOES_ON_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn row(id: EntryId, who: u64, minute: u64) -> Row {
        Row::Entry(Arc::new(Entry {
            id,
            prev: id - 1,
            ts: Timestamp::from_millis(minute * MINUTE),
            from: format!("U{who}").into(),
            user_id: Some(UserId(who)),
            text: "x".into(),
            kind: EntryKind::Message,
            client_id: None,
            amended: None,
            target: None,
        }))
    }

    fn shape(rows: Vec<Row>, divider: Option<EntryId>, offset: i32) -> String {
        let lines = lines(rows, divider, |_| offset);
        let word = |line: &Line| match line {
            Line::Day(..) => "day".to_owned(),
            Line::New(_) => "new".to_owned(),
            Line::Gap(_) => "gap".to_owned(),
            Line::Entry(entry, false) => entry.id.to_string(),
            Line::Entry(entry, true) => format!("+{}", entry.id),
        };
        lines.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn who_goes_on_within_five_minutes_has_no_head_again() {
        assert_eq!(
            shape(vec![row(1, 1, 0), row(2, 1, 4), row(3, 1, 9), row(4, 2, 9), row(5, 2, 9)], None, 0),
            "day 1 +2 3 4 +5"
        );
    }

    #[test]
    fn a_day_begins_where_it_does_at_the_persons_place() {
        let late = 23 * 60 + 30;
        let rows = || vec![row(1, 1, late), row(2, 1, late + 1)];
        assert_eq!(shape(rows(), None, 0), "day 1 +2");
        assert_eq!(shape(rows(), None, 29), "day 1 day 2");
    }

    #[test]
    fn a_day_that_comes_again_because_a_clock_was_set_back_is_another_line() {
        let rows = vec![row(1, 1, 24 * 60), row(2, 1, 0), row(3, 1, 24 * 60)];
        let lines = lines(rows, None, |_| 0);
        let keys: std::collections::BTreeSet<_> = lines.iter().map(Line::key).collect();
        assert_eq!(keys.len(), lines.len());
    }

    #[test]
    fn what_is_new_begins_behind_what_was_read() {
        let rows = || vec![row(5, 1, 0), row(6, 1, 0), row(7, 1, 0)];
        assert_eq!(shape(rows(), Some(5), 0), "day 5 new 6 +7");
        assert_eq!(shape(rows(), Some(7), 0), "day 5 +6 +7", "nothing is");
        assert_eq!(shape(rows(), Some(2), 0), "day new 5 +6 +7", "more than is here");
    }

    #[test]
    fn behind_a_gap_everybody_has_a_head() {
        let gap = Row::Gap(Gap { after: 1, before: 3 });
        assert_eq!(shape(vec![row(1, 1, 0), gap, row(3, 1, 0)], None, 0), "day 1 gap 3");
    }
}
