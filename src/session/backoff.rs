//! How often the provider is called: delays after failures, and a rate limit without exceptions.

use core::time::Duration;

use crate::protocol::time::Instant;

const FIRST_DELAY: u64 = 1_000;
const MAX_DELAY: u64 = 60_000;

/// Spreads out the requests of many clients, which would otherwise coincide. Not for secrets.
#[derive(Debug)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The delay after this many failures in a row. It doubles up to a minute, and up to half of it is random.
    pub(super) fn delay(&mut self, failures: u32) -> Duration {
        let doubled = FIRST_DELAY.checked_shl(failures.saturating_sub(1).min(16)).unwrap_or(MAX_DELAY);
        let half = doubled.min(MAX_DELAY) / 2;
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

/// Limits the requests per minute, whatever the app and links to it cause. Requests that outsiders can
/// cause have their own budget, and so have those that keep a session alive.
#[derive(Debug, Default)]
pub(super) struct RateLimiter([Vec<Instant>; BUDGETS]);

/// What a request is for. Each purpose has its own limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Budget {
    /// Whether a tenant custom domain is known. Any link to the login route can cause one.
    Confirmation,
    CodeExchange,
    /// Keys and metadata, which are requested once if all goes well.
    Provider,
    /// Authorization requests. Any link to the login route can cause one.
    Push,
    Renewal,
    UserInfo,
}

const BUDGETS: usize = 6;
const MINUTE: u64 = 60_000;

impl Budget {
    /// At most this many requests are sent within a minute.
    fn max_per_minute(self) -> usize {
        match self {
            Self::Confirmation => 10,
            Self::CodeExchange => 20,
            Self::Provider | Self::Push => 30,
            Self::Renewal | Self::UserInfo => 60,
        }
    }
}

impl RateLimiter {
    /// Whether one more request may be sent now. If so, it is counted.
    pub(super) fn admit(&mut self, budget: Budget, now: Instant) -> bool {
        let Some(requests) = self.0.get_mut(budget as usize) else { return false };
        requests.retain(|request| now.as_millis().saturating_sub(request.as_millis()) < MINUTE);
        let admitted = requests.len() < budget.max_per_minute();
        if admitted {
            requests.push(now);
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
            let pause = jitter.delay(failures).as_millis();
            let most = (1000_u128 << (failures - 1).min(6)).min(60_000);
            assert!(pause >= most / 2 && pause <= most, "{failures}: {pause}");
        }
        assert_ne!(Jitter::new(1).delay(9), Jitter::new(2).delay(9));
    }

    #[test]
    fn law_9_a_minute_has_a_bounded_number_of_requests() {
        let budgets =
            [Budget::Confirmation, Budget::CodeExchange, Budget::Provider, Budget::Push, Budget::Renewal, Budget::UserInfo];
        let mut limiter = RateLimiter::default();
        let at = |millis| Instant::from_millis(millis);
        for budget in budgets {
            let admitted = (0..1000).filter(|millis| limiter.admit(budget, at(*millis))).count();
            assert_eq!(admitted, budget.max_per_minute(), "{budget:?}, whatever the others have spent");
            assert!(!limiter.admit(budget, at(59_999)));
            assert!(limiter.admit(budget, at(60_000)));
        }
    }
}
