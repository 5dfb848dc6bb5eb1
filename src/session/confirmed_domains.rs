//! Which tenant custom domains the application said it knows, and which it does not.

use core::time::Duration;

use crate::protocol::tenant::TenantCustomDomain;
use crate::protocol::time::{Deadline, Now};

/// What the application says of a domain is taken for this long.
const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// Links can name any number of domains; the oldest give way.
const MAX_DOMAINS: usize = 16;

/// What the application answered, in memory alone. What is read from storage was never confirmed.
#[derive(Debug, Default)]
pub(super) struct ConfirmedDomains(Vec<Known>);

#[derive(Debug)]
struct Known {
    domain: TenantCustomDomain,
    is_valid: bool,
    until: Deadline,
}

impl ConfirmedDomains {
    /// Whether the application knows the domain, if that was asked lately.
    pub(super) fn get(&self, domain: &TenantCustomDomain, now: Now) -> Option<bool> {
        self.0.iter().find(|known| known.domain == *domain && !known.until.reached(now)).map(|known| known.is_valid)
    }

    pub(super) fn insert(&mut self, domain: &TenantCustomDomain, is_valid: bool, now: Now) {
        self.0.retain(|known| known.domain != *domain && !known.until.reached(now));
        if self.0.len() >= MAX_DOMAINS {
            self.0.remove(0);
        }
        self.0.push(Known { domain: domain.clone(), is_valid, until: Deadline::after(now, LIFETIME) });
    }
}
