//! The client's side of the WebSocket protocol (RFC 6455), as far as a load needs it: text frames in both directions.

/// Appends a text frame, masked with zeros as the cheapest mask: the server has to unmask it all the same.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    put(out, 0x81, text);
}

/// Appends the answer to a ping.
pub(crate) fn put_pong(out: &mut Vec<u8>, payload: &[u8]) {
    put(out, 0x8a, payload);
}

fn put(out: &mut Vec<u8>, head: u8, payload: &[u8]) {
    out.push(head);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ 0..126), _) => out.push(0x80 | length),
        (_, Ok(length)) => {
            out.push(0x80 | 126);
            out.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// A frame of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    Text(&'a [u8]),
    Ping(&'a [u8]),
    Other,
}

/// Returns the first frame of some bytes and its length in all, `None` before it is complete.
pub(crate) fn first(bytes: &[u8]) -> Option<(Frame<'_>, usize)> {
    let (head, length) = (*bytes.first()?, *bytes.get(1)?);
    let (length, begin): (usize, usize) = match length & 0x7f {
        126 => (usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
        127 => (usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?, 10),
        length => (usize::from(length), 2),
    };
    let payload = bytes.get(begin..begin.checked_add(length)?)?;
    let frame = match head & 0x0f {
        1 => Frame::Text(payload),
        9 => Frame::Ping(payload),
        _ => Frame::Other,
    };
    Some((frame, begin + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server_frame(payload: &[u8]) -> Vec<u8> {
        let mut masked = Vec::new();
        put_text(&mut masked, payload);
        let head = masked.len() - payload.len() - 4;
        masked[1] &= 0x7f;
        [&masked[..head], payload].concat()
    }

    #[test]
    fn a_frame_of_any_length_is_found_once_it_is_complete() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![7; length];
            let mut bytes = server_frame(&payload);
            let whole = bytes.len();
            assert!((0..whole).step_by(1 + whole / 50).all(|cut| first(&bytes[..cut]).is_none()), "{length}");
            bytes.push(0x81);
            assert_eq!(first(&bytes), Some((Frame::Text(&payload), whole)));
        }
    }

    #[test]
    fn a_ping_is_told_from_a_text() {
        assert_eq!(first(&[0x89, 1, 5]), Some((Frame::Ping(&[5]), 3)));
        assert_eq!(first(&[0x8a, 0]), Some((Frame::Other, 2)));
    }
}
