//! The name of a session.

use core::fmt;
use core::str::FromStr;

use crate::clock::FineTime;
use crate::types::Reason;

/// Names a session among all. It opens nothing by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub(crate) [u8; 16]);

impl SessionId {
    /// Makes that of a session which begins now: twelve random bytes, and before them when in its second it
    /// begins, in nanoseconds.
    pub(crate) fn new(random: [u8; 12], began: FineTime) -> Self {
        let mut id = [0; 16];
        let (nanos, rest) = id.split_at_mut(4);
        nanos.copy_from_slice(&began.nanos.to_be_bytes());
        rest.copy_from_slice(&random);
        Self(id)
    }

    /// Returns when in its second the session began, where [`new`](Self::new) made it.
    pub(crate) fn nanos(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }
}

/// 32 hexadecimal digits, for an audit log or a list of sessions.
impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// From what `Display` wrote.
impl FromStr for SessionId {
    type Err = Reason;

    fn from_str(text: &str) -> Result<Self, Reason> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u128::from_str_radix(text, 16) {
            Ok(id) if is_hex => Ok(Self(id.to_be_bytes())),
            _ => Err(Reason("must be 32 hexadecimal digits")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_when_in_its_second_a_session_began() {
        let (seconds, nanos) = (1, 999_999_999);
        let id = SessionId::new([7; 12], FineTime { seconds, nanos });
        assert_eq!(id.nanos(), nanos);
        assert_eq!(id.0[4..], [7; 12]);
    }

    #[test]
    fn a_session_id_comes_back_from_its_text() {
        let id = SessionId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(id.to_string(), "000102030405060708090a0b0c0d0eff");
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in [
            "",
            "00",
            "+00102030405060708090a0b0c0d0eff",
            "zz0102030405060708090a0b0c0d0eff",
        ] {
            assert!(bad.parse::<SessionId>().is_err(), "{bad}");
        }
    }
}
