//! The peer of a conversation in the path of its page and in its name on the wire: `2-Bo` consists of the public
//! number, which never changes, and the current name, for people to read.

use super::UserId;

/// The user for whom a path segment, or the part of a log's name after its `@`, stands.
///
/// Names contain no hyphen, so it makes the difference: `2-Bo`, `2-` and `2-whatever` are user number 2, `Bo` and `2`
/// are the users of these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer<'a> {
    /// The user of this number, under any name.
    Number(UserId),
    /// The user of this current name.
    Name(&'a str),
}

impl<'a> Peer<'a> {
    /// Parses a segment; `None` if the part before its hyphen is not a number.
    #[must_use]
    pub fn parse(segment: &'a str) -> Option<Self> {
        let Some((number, _)) = segment.split_once('-') else {
            return Some(Self::Name(segment));
        };
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        number.parse().ok().filter(|_| is_number).map(|number| Self::Number(UserId(number)))
    }
}

/// Returns the name in a segment, for people to read: `Bo` of `2-Bo` and of `Bo`. The part before the hyphen need not be a
/// number.
#[must_use]
pub fn name_in(segment: &str) -> &str {
    segment.split_once('-').map_or(segment, |(_, name)| name)
}

/// Returns the segment of a user, such as `2-Bo`.
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
        assert_eq!(["2-Bo", "Bo", "2-"].map(name_in), ["Bo", "Bo", ""]);
        for segment in ["-", "-2", "+2-Bo", "Bo-2", "two-Bo", "2 -Bo", "٢-Bo", "99999999999999999999-Bo"] {
            assert_eq!(Peer::parse(segment), None, "{segment}");
        }
    }
}
