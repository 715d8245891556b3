//! Sessions from which something was taken away: what was sealed before that is refused.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;

use super::names::KeptByKey;
use super::single_flight::GRACE;
use crate::clock::UnixSeconds;
use crate::session::SessionId;

/// How many are remembered at the most.
const CAPACITY: usize = 1_000_000;

/// Which state of a session: how often it has got new tokens, and how often it was sealed anew. A
/// later one is greater.
pub(crate) type StateNumber = (u32, u32);

/// How it stands with one state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// It is taken as it is.
    Current,
    /// Something was taken away from the session a moment ago: whoever comes with it was on the way.
    Late,
    /// It is refused.
    Over,
}

/// The lowest states of a session that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MinimumState {
    /// Those below are refused.
    refused: StateNumber,
    /// Those below are late, and refused from then on.
    late: StateNumber,
    from: UnixSeconds,
}

impl MinimumState {
    /// Puts a floor under `state`, upon the one that there is.
    pub(crate) fn raised(before: Option<Self>, state: StateNumber, now: UnixSeconds) -> Self {
        let new = Self {
            refused: (0, 0),
            late: state,
            from: now.saturating_add(GRACE.as_secs()),
        };
        match before {
            None => new,
            Some(before) if before.late >= state => before,
            Some(before) if before.from <= now => Self {
                refused: before.late,
                ..new
            },
            // Who is late already gets no more time.
            Some(before) => Self {
                late: state,
                ..before
            },
        }
    }

    pub(crate) fn judge(&self, state: StateNumber, now: UnixSeconds) -> Standing {
        if state < self.refused || (state < self.late && self.from <= now) {
            Standing::Over
        } else if state < self.late {
            Standing::Late
        } else {
            Standing::Current
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let states = [self.refused.0, self.refused.1, self.late.0, self.late.1];
        let mut bytes: Vec<u8> = states.into_iter().flat_map(u32::to_be_bytes).collect();
        bytes.extend(self.from.to_be_bytes());
        bytes
    }

    /// Reads what was encoded. What cannot be read refuses every state.
    pub(crate) fn decode(bytes: &[u8]) -> Self {
        Self::read(bytes).unwrap_or(Self {
            refused: (u32::MAX, u32::MAX),
            late: (u32::MAX, u32::MAX),
            from: 0,
        })
    }

    fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut states = [0; 4];
        for state in &mut states {
            let (number, rest) = bytes.split_first_chunk()?;
            (*state, bytes) = (u32::from_be_bytes(*number), rest);
        }
        let [a, b, c, d] = states;
        Some(Self {
            refused: (a, b),
            late: (c, d),
            from: u64::from_be_bytes(bytes.try_into().ok()?),
        })
    }
}

/// The floors that one process knows, each until the session would have run out at least.
pub(crate) struct MinimumStates {
    floors: KeptByKey<MinimumState>,
    /// Until there is one, nothing needs to be looked up.
    any: AtomicBool,
}

impl MinimumStates {
    /// `max_age`: no session lasts longer.
    pub(crate) fn new(max_age: Duration) -> Self {
        Self {
            floors: KeptByKey::new(max_age, CAPACITY),
            any: AtomicBool::new(false),
        }
    }

    /// Refuses what comes before `state` of a session: from a moment after `now` on.
    pub(crate) fn raise(&self, id: SessionId, state: StateNumber, now: UnixSeconds) {
        let raised = |before| Some(MinimumState::raised(before, state, now));
        self.floors.update(id.0, raised);
        self.any.store(true, Ordering::Release);
    }

    pub(crate) fn judge(&self, id: SessionId, state: StateNumber, now: UnixSeconds) -> Standing {
        if !self.any.load(Ordering::Acquire) {
            return Standing::Current;
        }
        let floor = self.floors.get(&id.0);
        floor.map_or(Standing::Current, |floor| floor.judge(state, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standing::{Current, Late, Over};

    #[test]
    fn what_came_before_is_late_for_a_moment_and_then_refused() {
        let floors = MinimumStates::new(Duration::from_secs(60));
        let judge = |id: u8, state, now| floors.judge(SessionId([id; 16]), state, now);
        assert_eq!(judge(1, (0, 0), 100), Current);
        floors.raise(SessionId([1; 16]), (2, 0), 100);
        for before in [(0, 0), (1, 0), (1, u32::MAX)] {
            assert_eq!(judge(1, before, 129), Late, "{before:?}");
            assert_eq!(judge(1, before, 130), Over, "{before:?}");
        }
        for since in [(2, 0), (2, 1), (3, 0)] {
            assert_eq!(judge(1, since, 1000), Current, "{since:?}");
        }
        assert_eq!(judge(2, (0, 0), 1000), Current);
    }

    #[test]
    fn a_second_floor_gives_nobody_more_time() {
        let first = MinimumState::raised(None, (1, 0), 100);
        // While the first one waits,
        let second = MinimumState::raised(Some(first), (2, 0), 120);
        assert_eq!(second.judge((0, 0), 129), Late);
        assert_eq!(second.judge((1, 0), 129), Late);
        assert_eq!(second.judge((0, 0), 130), Over);
        assert_eq!(second.judge((1, 0), 130), Over);
        // and after it.
        let second = MinimumState::raised(Some(first), (2, 0), 200);
        assert_eq!(second.judge((0, 0), 200), Over);
        assert_eq!(second.judge((1, 0), 229), Late);
        assert_eq!(second.judge((1, 0), 230), Over);
        assert_eq!(second.judge((2, 0), 230), Current);
    }

    #[test]
    fn no_floor_is_lowered() {
        let high = MinimumState::raised(None, (3, 0), 100);
        assert_eq!(MinimumState::raised(Some(high), (2, 9), 500), high);
        assert_eq!(MinimumState::raised(Some(high), (3, 0), 500), high);
    }

    #[test]
    fn a_floor_is_read_back_and_what_is_none_refuses_all() {
        let floor = MinimumState {
            refused: (1, 2),
            late: (3, 4),
            from: 5,
        };
        assert_eq!(MinimumState::decode(&floor.encode()), floor);
        for bad in [&b""[..], b"x", &[0; 23], &[0; 25]] {
            assert_eq!(MinimumState::decode(bad).judge((9, 9), 0), Over, "{bad:?}");
        }
    }
}
