//! Limits of TCP connections, in all and from one IP address.

use crate::{chat::Address, tally::Tally};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Files that the server needs beside connections: the store and its readers, the log, the listener.
pub const OWN_FILES: u64 = 128;

/// The maximum numbers of TCP connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Maximum of all connections.
    pub all: usize,
    /// Maximum from one address.
    pub per_address: usize,
}

impl Caps {
    /// Returns the limits that fit the limit of open files, so that connections are refused by their number and never
    /// for lack of a file. One address can take at most half of all places: however small the limit, the other half is
    /// for others.
    #[must_use]
    pub fn fitted(self, files: u64) -> Self {
        let room = usize::try_from(files.saturating_sub(OWN_FILES)).unwrap_or(usize::MAX).max(2);
        let all = self.all.min(room);
        Self { all, per_address: self.per_address.min(all.div_ceil(2)) }
    }
}

/// The limit that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All places are taken.
    All,
    /// The address has reached its limit.
    Address,
}

impl Full {
    /// All limits, in the order of [`index`](Self::index).
    pub const ALL: [Self; 2] = [Self::All, Self::Address];

    /// Returns the limit's index in [`ALL`](Self::ALL).
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Returns the limit's name in the metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Address => "address",
        }
    }
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: Tally<Address>,
}

/// The places for connections.
#[derive(Debug)]
pub struct Places {
    caps: Caps,
    taken: Mutex<Taken>,
}

/// A taken place, which is free again when it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    address: Option<Address>,
}

impl Places {
    /// Creates places that are all free.
    #[must_use]
    pub fn new(caps: Caps) -> Arc<Self> {
        Arc::new(Self { caps, taken: Mutex::default() })
    }

    /// Takes a place for a connection from an address, or `None` for a proxy or this machine, which can stand for any
    /// number of people.
    ///
    /// # Errors
    /// Returns the limit that is reached.
    pub fn take(self: &Arc<Self>, address: Option<Address>) -> Result<Place, Full> {
        let mut taken = self.taken();
        if taken.all >= self.caps.all {
            return Err(Full::All);
        }
        if let Some(address) = address {
            if taken.by_address.count(&address) >= self.caps.per_address {
                return Err(Full::Address);
            }
            taken.by_address.add(address);
        }
        taken.all += 1;
        Ok(Place { places: Arc::clone(self), address })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Some(address) = self.address {
            taken.by_address.subtract(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    fn address(text: &str) -> Option<Address> {
        Some(text.parse::<IpAddr>().unwrap().into())
    }

    #[test]
    fn an_address_takes_its_share_and_the_others_take_the_rest() {
        let places = Places::new(Caps { all: 5, per_address: 2 });
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        let mut held: Vec<Place> = (0..2).map(|_| places.take(one).unwrap()).collect();
        assert_eq!(places.take(one).unwrap_err(), Full::Address);
        held.extend((0..2).map(|_| places.take(other).unwrap()));
        held.push(places.take(None).unwrap());
        assert_eq!(places.take(None).unwrap_err(), Full::All);
        assert_eq!(places.take(address("192.0.2.3")).unwrap_err(), Full::All);
        held.remove(0);
        held.push(places.take(one).unwrap());
        held.clear();
        let taken = places.taken();
        assert!(taken.all == 0 && taken.by_address.is_empty(), "what is given back leaves nothing: {taken:?}");
    }

    #[test]
    fn a_proxy_may_take_all_of_it() {
        let places = Places::new(Caps { all: 5, per_address: 2 });
        let _held: Vec<Place> = (0..5).map(|_| places.take(None).unwrap()).collect();
        assert_eq!(places.take(None).unwrap_err(), Full::All);
    }

    #[test]
    fn the_caps_fit_under_the_limit_of_open_files() {
        let set = Caps { all: 20_000, per_address: 4_096 };
        assert_eq!(set.fitted(u64::MAX), set);
        assert_eq!(set.fitted(20_000 + OWN_FILES), set);
        assert_eq!(set.fitted(20_000 + OWN_FILES - 1).all, 19_999);
        assert_eq!(set.fitted(1_024), Caps { all: 896, per_address: 448 });
        assert_eq!(set.fitted(0), Caps { all: 2, per_address: 1 });
    }
}
