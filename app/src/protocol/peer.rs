//! The other one of a conversation, in the path of its page and in an address of the wire: `2-Bo`, the public number,
//! which stays, and the name of today, for people to read.

use super::UserId;

/// Whom a segment of a path, or an address behind its `@`, means.
///
/// A hyphen, which no name has, makes the difference: `2-Bo`, `2-` and `2-whatever` are the user of number 2, `Bo` and `2`
/// are the user of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer<'a> {
    /// The user of this number, whatever they are called.
    Number(UserId),
    /// The user who is called so now.
    Name(&'a str),
}

impl<'a> Peer<'a> {
    /// Reads a segment; `None` when what stands before its hyphen is no number.
    #[must_use]
    pub fn parse(segment: &'a str) -> Option<Self> {
        let Some((number, _)) = segment.split_once('-') else {
            return Some(Self::Name(segment));
        };
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        number.parse().ok().filter(|_| is_number).map(|number| Self::Number(UserId(number)))
    }
}

/// The segment of a user.
#[must_use]
pub fn peer_segment(id: UserId, name: &str) -> String {
    [&id.to_string(), "-", name].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_a_hyphen_behind_it_and_a_name_has_none() {
        let two = Some(Peer::Number(UserId(2)));
        for segment in ["2-Bo", "2-", "2-whatever-it-is", "02-Bo", &peer_segment(UserId(2), "日本語")] {
            assert_eq!(Peer::parse(segment), two, "{segment}");
        }
        for segment in ["Bo", "2", "007", "日本語", ""] {
            assert_eq!(Peer::parse(segment), Some(Peer::Name(segment)), "{segment}");
        }
        for segment in ["-", "-2", "+2-Bo", "Bo-2", "two-Bo", "2 -Bo", "٢-Bo", "99999999999999999999-Bo"] {
            assert_eq!(Peer::parse(segment), None, "{segment}");
        }
    }
}
