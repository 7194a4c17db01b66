//! The faults of a schedule, and the frequency of each step. Each seed draws its own mixture: an even mixture in all
//! schedules would hide bugs that need much of one step and none of another.

use crate::random::Random;

/// A step of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    DeliverUp,
    DeliverDown,
    Pump,
    Write,
    Follow,
    Complete,
    Read,
    Pass,
    News,
    Act,
    OpenOrClose,
    Visit,
    Start,
    CutWire,
    HalfOpen,
    Stop,
    Crash,
    StoreFails,
    SetCalendar,
    Freeze,
    CutOff,
    LateCopy,
}

/// Steps of every schedule, with their weights.
const ORDINARY: [(Step, usize); 13] = [
    (Step::DeliverUp, 180),
    (Step::DeliverDown, 200),
    (Step::Pump, 80),
    (Step::Write, 100),
    (Step::Follow, 50),
    (Step::Complete, 90),
    (Step::Read, 30),
    (Step::Pass, 70),
    (Step::News, 50),
    (Step::Act, 160),
    (Step::OpenOrClose, 20),
    (Step::Visit, 12),
    (Step::Start, 15),
];
/// Faults that a schedule can have, with their weights.
const FAULTS: [(Step, usize); 7] = [
    (Step::CutWire, 20),
    (Step::HalfOpen, 10),
    (Step::Stop, 3),
    (Step::Crash, 8),
    (Step::StoreFails, 10),
    (Step::SetCalendar, 10),
    (Step::LateCopy, 15),
];
/// Faults that a schedule with several nodes can have, with their weights.
const OF_NODES: [(Step, usize); 2] = [(Step::Freeze, 8), (Step::CutOff, 6)];

/// An action of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Say,
    Amend,
    Join,
    Leave,
    Rename,
    LookAtGap,
    RetryNow,
    Sleep,
    LoseNetwork,
    Read,
    Type,
    RetryFailed,
    Discard,
    GoElsewhere,
    Watch,
}

/// Actions of people, with their weights.
const ACTS: [(Act, usize); 15] = [
    (Act::Say, 90),
    (Act::Amend, 40),
    (Act::Join, 16),
    (Act::Leave, 16),
    (Act::Rename, 16),
    (Act::LookAtGap, 20),
    (Act::RetryNow, 10),
    (Act::Sleep, 10),
    (Act::LoseNetwork, 10),
    (Act::Read, 10),
    (Act::Type, 10),
    (Act::RetryFailed, 20),
    (Act::Discard, 10),
    (Act::GoElsewhere, 30),
    (Act::Watch, 10),
];

/// The weights of a schedule. See the [module](self).
#[derive(Debug)]
pub(crate) struct Faults {
    weights: Vec<(Step, usize)>,
    acts: Vec<(Act, usize)>,
    /// Percentage of the store's answers that are lost; below it, those of lost wake-ups of nodes, and of tabs that
    /// connect to another node.
    pub(crate) lost_answers: usize,
    pub(crate) lost_wakes: usize,
    pub(crate) hops: usize,
    /// Percentage of seconds in which a node looks for new facts and applies them.
    pub(crate) follows: usize,
}

impl Faults {
    pub(crate) fn draw(random: &mut Random, nodes: usize) -> Self {
        let mut weights = Vec::with_capacity(ORDINARY.len() + FAULTS.len() + OF_NODES.len());
        for (step, weight) in ORDINARY {
            let factor = random.pick(&[1, 4, 4, 4, 10]).unwrap_or(4);
            weights.push((step, weight * factor));
        }
        let of_nodes: &[_] = if nodes > 1 { &OF_NODES } else { &[] };
        for (step, weight) in FAULTS.iter().chain(of_nodes) {
            let factor = random.pick(&[0, 0, 2, 4, 4, 12]).unwrap_or(0);
            weights.push((*step, weight * factor));
        }
        let acts = ACTS.map(|(act, weight)| (act, weight * random.pick(&[0, 1, 1, 1, 2, 6]).unwrap_or(1))).to_vec();
        let mut often = || random.pick(&[0, 0, 10, 30, 70]).unwrap_or(0);
        Self { weights, acts, lost_answers: often(), lost_wakes: often(), hops: 20 + often(), follows: 100 - often() }
    }

    /// Ends the losses.
    pub(crate) const fn heal(&mut self) {
        (self.lost_answers, self.lost_wakes) = (0, 0);
    }

    pub(crate) fn next(&self, random: &mut Random) -> Step {
        drawn(&self.weights, random).unwrap_or(Step::Pass)
    }

    pub(crate) fn next_act(&self, random: &mut Random) -> Act {
        drawn(&self.acts, random).unwrap_or(Act::Say)
    }
}

/// Draws one of several values by weight.
fn drawn<T: Copy>(weights: &[(T, usize)], random: &mut Random) -> Option<T> {
    let mut at = random.below(weights.iter().map(|(_, weight)| weight).sum());
    for (thing, weight) in weights {
        if at < *weight {
            return Some(*thing);
        }
        at -= weight;
    }
    None
}
