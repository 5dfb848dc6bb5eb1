//! How often the provider is asked: pauses after failures, and a bound that nothing gets past.

use core::time::Duration;

use crate::protocol::time::Instant;

const FIRST_PAUSE: u64 = 1_000;
const LONGEST_PAUSE: u64 = 60_000;

/// Spreads out what many clients would otherwise do at the same moment. Not for secrets.
#[derive(Debug)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The pause after so many failures in a row: it doubles up to a minute, and half of it is chance.
    pub(super) fn pause(&mut self, failures: u32) -> Duration {
        let doubled = FIRST_PAUSE.checked_shl(failures.saturating_sub(1).min(16)).unwrap_or(LONGEST_PAUSE);
        let half = doubled.min(LONGEST_PAUSE) / 2;
        Duration::from_millis(half + self.next() % (half + 1))
    }

    /// The splitmix64 generator.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Bounds the requests of a minute, whatever the app does.
#[derive(Debug, Default)]
pub(super) struct Breaker(Vec<Instant>);

const MOST_PER_MINUTE: usize = 60;
const MINUTE: u64 = 60_000;

impl Breaker {
    /// Whether one more request may be made now. If so, it is counted.
    pub(super) fn admit(&mut self, now: Instant) -> bool {
        self.0.retain(|request| now.as_millis().saturating_sub(request.as_millis()) < MINUTE);
        let admitted = self.0.len() < MOST_PER_MINUTE;
        if admitted {
            self.0.push(now);
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_9_pauses_grow_to_a_minute_and_differ() {
        let mut jitter = Jitter::new(1);
        for failures in 1..200 {
            let pause = jitter.pause(failures).as_millis();
            let most = (1000_u128 << (failures - 1).min(6)).min(60_000);
            assert!(pause >= most / 2 && pause <= most, "{failures}: {pause}");
        }
        assert_ne!(Jitter::new(1).pause(9), Jitter::new(2).pause(9));
    }

    #[test]
    fn law_9_a_minute_has_a_bounded_number_of_requests() {
        let mut breaker = Breaker::default();
        let at = |millis| Instant::from_millis(millis);
        let admitted = (0..1000).filter(|millis| breaker.admit(at(*millis))).count();
        assert_eq!(admitted, MOST_PER_MINUTE);
        assert!(!breaker.admit(at(59_999)));
        assert!(breaker.admit(at(60_000)));
    }
}
