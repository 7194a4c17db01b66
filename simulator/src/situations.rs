//! Rare situations that the schedules must reach: a test that never gets there proves nothing about them.
//!
//! Each is counted where it happens. A run of [`WHOLE_RUN`] schedules fails if one was never reached.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

/// Number of schedules that must reach each situation.
pub(crate) const WHOLE_RUN: u64 = 20_000;

macro_rules! situations {
    ($($name:ident $text:literal)*) => {
        /// A situation. See the [module](self).
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum Situation { $(#[doc = $text] $name,)* }

        /// Descriptions of the situations.
        const TEXTS: &[&str] = &[$($text),*];
    };
}

situations! {
    ResendAfterCrash "a text is sent again after a crash between its commit and the answer"
    GapBetweenEntries "a log has a gap between entries"
    RenameAndPrivateText "a rename and a private text of the same user are in flight"
    TwoTakeovers "a tab takes sending over before the last one that did has heard so"
    TextFenced "a node is fenced while a text is on its way"
    GoneMeetsCame "a user is to be gone who is connected again by then"
    TextRefused "the store refuses a text"
    NameTakenElsewhere "two users take one name at once"
    RepeatedBatch "a batch is sent again after its answer was lost"
    OldBatch "a copy of an old batch arrives late"
    LostWake "a node learns of facts by its poll alone"
    SessionAhead "a session comes to a node that does not know it yet"
    CursorAhead "a cursor comes to a node that is behind it"
    StillBehind "a node is still behind when the wait is over"
    Hop "a tab comes to another node with a text on its way"
    Frozen "a node is buried while it is frozen"
    Buried "the users of a dead node come back to another one"
    StartsOver "a node without the store gives up its connections"
    NobodyLeft "all nodes are down at once"
    Forgotten "a tab comes back whose user is forgotten"
    EditAfterDeletion "an edit comes after the deletion of its entry"
    AmendmentBehindGap "an entry is amended that a page does not have"
    TooSlow "a connection that does not read is closed"
}

static COUNTS: [AtomicU64; TEXTS.len()] = [const { AtomicU64::new(0) }; TEXTS.len()];

/// Counts a situation.
pub(crate) fn reached(situation: Situation) {
    COUNTS[situation as usize].fetch_add(1, Ordering::Relaxed);
}

/// Returns the counts of this process.
pub(crate) fn counts() -> impl Iterator<Item = (&'static str, u64)> {
    TEXTS.iter().zip(&COUNTS).map(|(text, count)| (*text, count.load(Ordering::Relaxed)))
}

/// The counts of all processes together.
#[derive(Debug, Default)]
pub(crate) struct Totals(BTreeMap<String, u64>);

/// Prefix of the lines in which a process reports its counts.
const MARK: &str = "reached\t";

/// Yields the lines in which a process reports its counts.
pub(crate) fn lines() -> impl Iterator<Item = String> {
    counts().map(|(text, count)| format!("{MARK}{count}\t{text}"))
}

impl Totals {
    /// Adds the line of a process. Returns `false` if it is not a count.
    pub(crate) fn take(&mut self, line: &str) -> bool {
        let Some((count, text)) = line.strip_prefix(MARK).and_then(|rest| rest.split_once('\t')) else {
            return false;
        };
        *self.0.entry(text.to_owned()).or_default() += count.parse::<u64>().unwrap_or(0);
        true
    }

    /// Prints all counts, and returns the situations that were never reached.
    pub(crate) fn print(&self) -> Vec<&str> {
        let counts: Vec<_> = TEXTS.iter().map(|text| (*text, self.0.get(*text).copied().unwrap_or(0))).collect();
        for (text, count) in &counts {
            println!("{count:>9}  {text}");
        }
        counts.into_iter().filter(|(_, count)| *count == 0).map(|(text, _)| text).collect()
    }
}
