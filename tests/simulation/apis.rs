//! APIs, of which some have an access token of their own.

use wristband_spa_auth::protocol::config::Api;
use wristband_spa_auth::session::{Input, TokenGeneration};

use super::laws;
use super::network::{News, Refusal};
use super::tally::Kind;
use super::text::{ACCESS, parameter, secret_number};
use super::vault::Vault;
use super::world::World;

/// The setting that lists APIs, and how many.
pub const SETTING: usize = 3;
pub const APIS: usize = 4;
/// The resource of the third, and the audience of the fourth.
const RESOURCE: &str = "https://own.example/";
const AUDIENCE: &str = "reports";

/// The errors with which a provider refuses the token of one API.
pub const DENIALS: [&str; 5] = ["invalid_target", "invalid_scope", "invalid_grant", "consent_required", "access_denied"];

/// The APIs of the setting: two share the first access token, two have one of their own.
pub fn listed() -> [Api; APIS] {
    let at = |path: &str| Api::new(format!("https://api.example/{path}/"));
    [at("a"), at("b"), at("c").resource(RESOURCE), at("d").audience(AUDIENCE).scope("read")]
}

/// The API that this token request names.
pub fn named_in(form: &str) -> Option<usize> {
    match (parameter(form, "resource"), parameter(form, "audience")) {
        (Some(_), _) => Some(2),
        (None, Some(AUDIENCE)) => Some(3),
        _ => None,
    }
}

/// When the token of an API was issued, and until when it is new, on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Issue {
    at: i64,
    new_for: i64,
    /// Known from the first answer with the token.
    pub generation: Option<TokenGeneration>,
}

impl World<'_> {
    /// The API for which the app wants a token.
    pub fn some_api(&mut self) -> Option<usize> {
        if self.config != SETTING {
            return None;
        }
        let api = self.chance.below(APIS as u32 + 1) as usize;
        (api < APIS).then_some(api)
    }

    /// The API as a call names it. Settings that list none still number theirs.
    pub fn own_token(&self, api: Option<usize>) -> Option<usize> {
        api.filter(|api| self.config == SETTING && (2..APIS).contains(api))
    }

    /// Law 6: the token that answers a call is the one of its API.
    pub fn judge_api_of_token(&mut self, asked_for: Option<usize>, token: &str) {
        let expected = self.own_token(asked_for);
        let access = secret_number(ACCESS, token).and_then(|token| self.provider.access.get(token as usize));
        let Some(found) = access.map(|access| access.api) else { return };
        if expected.is_some() {
            self.tally.count(Kind::OwnTokenAnswered);
        }
        if found != expected {
            self.breaks(laws::TARGET, || format!("a call to API {asked_for:?} was given the token of {found:?}"));
        }
    }

    /// Law 9: an API refused a token, and the session was renewed for it.
    pub fn judge_renewal_for_an_api(&mut self, vault: usize, refused: Option<(usize, TokenGeneration)>, is_renewed: bool) {
        let Some((api, generation)) = refused.filter(|_| is_renewed) else { return };
        self.tally.count(Kind::RenewedForAnApi);
        let monotonic = self.device.monotonic(self.time);
        let own = self.own_token(Some(api));
        let record = &mut self.vaults[vault];
        // Without the token that was refused, the app asks for a first one.
        let is_current = |issue: &Issue| issue.generation == Some(generation);
        if own.is_some_and(|api| !record.own_tokens[api].as_ref().is_some_and(is_current)) {
            return;
        }
        let first = Issue::of(record.seen.issued, record.seen.ends.map(|end| end - record.seen.issued));
        let issue = own.map_or(Some(first), |api| record.own_tokens[api]);
        let is_new = issue.is_some_and(|issue| monotonic - issue.at < issue.new_for);
        let again = record.renewed_for.iter().any(|(of, with, at)| *of == api && *with != generation && monotonic - at < laws::NEW);
        record.renewed_for.push((api, generation, monotonic));
        if again && is_new && !self.device.guard_is_weak && self.device.asleep == 0 {
            self.breaks(laws::API, || format!("session {vault} is renewed once more for API {api}, which refused a new token"));
        }
    }
}

impl Issue {
    /// If a token lives for a minute, an API may say that it has expired.
    fn of(at: i64, lifetime: Option<i64>) -> Self {
        Self { generation: None, at, new_for: lifetime.map_or(laws::NEW, |lifetime| (lifetime / 2).min(laws::NEW)) }
    }
}

impl Vault {
    /// A response to a token request for one API. What it says about this API says nothing about the session.
    pub fn own_token_answered(&mut self, monotonic: i64, api: usize, input: &Input, news: &News) {
        let arrived = matches!(input, Input::Fetched { outcome: Ok(response), .. } if response.status == 200);
        if arrived && news.refusal == Refusal::None {
            let lifetime = (news.lifetime > 0).then_some(i64::from(news.lifetime) * 1000);
            self.own_tokens[api] = Some(Issue::of(monotonic, lifetime));
            self.renewal_answered(monotonic, input, news);
        }
    }
}
