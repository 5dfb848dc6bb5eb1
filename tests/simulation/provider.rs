//! The provider: two tenants, two users in each, and everything that was ever granted to them.

use super::keys;
use super::proofs::Proofs;
use super::tally::{Kind, Tally};
use super::text::{self, parameter};

pub const VANITY: &str = "app-org.us.wristband.dev";
pub const ISSUER: &str = "https://id.example/realm";
pub const CLIENT: &str = "spa-client";
pub const APP: &str = "https://app.example";
pub const CALLBACK: &str = "https://app.example/callback";
pub const TENANTS: [&str; 2] = ["acme", "globex"];
/// The tenants' custom domains. No other domain belongs to a tenant.
pub const DOMAINS: [&str; 2] = ["login.acme.example", "login.globex.example"];

/// A person who plants a session of their own in the user's browser.
pub const ATTACKER: u8 = 2;

/// The provider's configuration. It can change during a run.
#[derive(Debug)]
pub struct Provider {
    pub is_wristband: bool,
    /// Whether it binds tokens to the key of a proof.
    pub binds: bool,
    pub proofs: Proofs,
    /// How far its clock is ahead of the true time, in milliseconds.
    pub skew: i64,
    pub rotates: bool,
    /// Whether a replaced refresh token may be used once more, instead of ending its family.
    pub forgives_reuse: bool,
    pub grants_refresh_tokens: bool,
    pub id_token_on_renewal: bool,
    /// The OAuth error with which it refuses to renew, although the refresh token is valid.
    pub refuses: Option<&'static str>,
    /// The OAuth error with which it refuses the token of an API that has one of its own.
    pub denies: Option<&'static str>,
    /// Whether the user signs in at the provider again and again, so that `auth_time` moves.
    pub moves_auth_time: bool,
    /// In seconds. Zero if the response has no lifetime.
    pub lifetime: u32,
    /// Whether it names the tenant's domain in callbacks.
    pub names_domain: bool,
    /// The published keys. The last one signs.
    pub keys: core::ops::RangeInclusive<usize>,
    /// The user who is signed in to each tenant in this browser.
    pub cookies: [Option<u8>; 2],
    pub codes: Vec<Code>,
    pub families: Vec<Family>,
    /// The family of each refresh token.
    pub refresh: Vec<usize>,
    pub access: Vec<AccessToken>,
    pub issued: Vec<Issued>,
}

/// Reasons not to renew that are permanent.
pub const REFUSALS: [&str; 9] = [
    "interaction_required",
    "login_required",
    "consent_required",
    "invalid_request",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_client",
    "mfa_required",
];

/// Why a code must never reach the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poison {
    Forged,
    WrongIssuer,
    WrongTenant,
}

#[derive(Debug)]
pub struct Code {
    pub login: u32,
    challenge: String,
    /// The thumbprint of the key that it is bound to.
    pub key: Option<String>,
    pub person: u8,
    pub tenant: u8,
    pub used: bool,
    pub ends: i64,
    pub poison: Option<Poison>,
}

/// What is known about an access token.
#[derive(Clone, Copy, Debug)]
pub struct AccessToken {
    pub family: usize,
    pub ends: i64,
    /// The API that it is for, if it was asked for one.
    pub api: Option<usize>,
}

/// All refresh tokens that go back to one sign-in.
#[derive(Debug)]
pub struct Family {
    pub current: u32,
    pub ended: bool,
    /// The thumbprint of the key that its tokens are bound to.
    pub key: Option<String>,
    pub person: u8,
    pub tenant: u8,
    pub auth_time: i64,
    /// When the user first signed in.
    pub signed_in_at: i64,
    pub login: u32,
    pub code: u32,
}

/// What is known about an ID token. The token carries its number as `jti`.
#[derive(Debug)]
pub struct Issued {
    pub family: usize,
    /// Whether it came with a renewal.
    pub renewal: bool,
    pub lie: Option<Kind>,
    pub issued_at: i64,
    pub expires: i64,
}

impl Provider {
    pub fn new(is_wristband: bool) -> Self {
        Self {
            is_wristband,
            binds: false,
            proofs: Proofs::default(),
            skew: 0,
            rotates: true,
            forgives_reuse: false,
            grants_refresh_tokens: true,
            id_token_on_renewal: true,
            refuses: None,
            denies: None,
            moves_auth_time: false,
            lifetime: 1800,
            names_domain: false,
            keys: 0..=0,
            cookies: [None; 2],
            codes: Vec::new(),
            families: Vec::new(),
            refresh: Vec::new(),
            access: Vec::new(),
            issued: Vec::new(),
        }
    }

    pub fn issuer(&self) -> &'static str {
        if self.is_wristband { "https://app-org.us.wristband.dev" } else { ISSUER }
    }

    /// Seconds since 1970 by this provider's clock.
    pub fn clock(&self, time: i64) -> i64 {
        (time + self.skew).div_euclid(1000)
    }

    /// The tenant that is served at this host; the application's own host serves any.
    pub fn tenant_at(&self, host: &str) -> Option<Option<u8>> {
        let numbered = |index: Option<usize>| index.map(|index| u8::try_from(index).ok());
        if host == VANITY || (!self.is_wristband && host == "id.example") {
            return Some(None);
        }
        let label = host.strip_suffix(VANITY).and_then(|label| label.strip_suffix(['-', '.']));
        let by_name = TENANTS.iter().position(|name| Some(*name) == label);
        numbered(by_name.or_else(|| DOMAINS.iter().position(|domain| *domain == host)))
    }

    /// Issues a code to a user who came with this authorization request.
    pub fn issue_code(&mut self, request: &str, person: u8, tenant: u8, time: i64) -> u32 {
        let query = text::query(request);
        let login = parameter(query, "state").and_then(text::login_number).unwrap_or(0);
        let challenge = parameter(query, "code_challenge").unwrap_or_default().to_owned();
        let key = parameter(query, "dpop_jkt").map(str::to_owned);
        self.push_code(Code { login, challenge, key, person, tenant, used: false, ends: time + 300_000, poison: None })
    }

    /// Makes up a code that the provider does not know.
    pub fn forge_code(&mut self) -> u32 {
        let challenge = String::new();
        self.push_code(Code {
            login: 0,
            challenge,
            key: None,
            person: 0,
            tenant: 0,
            used: true,
            ends: 0,
            poison: Some(Poison::Forged),
        })
    }

    fn push_code(&mut self, code: Code) -> u32 {
        self.codes.push(code);
        u32::try_from(self.codes.len() - 1).unwrap()
    }

    /// Starts a family: a new sign-in, from this code.
    pub fn begin_family(&mut self, code: u32, time: i64) -> usize {
        let Code { person, tenant, login, .. } = self.codes[code as usize];
        let auth_time = self.clock(time);
        self.families.push(Family {
            current: u32::MAX,
            ended: false,
            key: None,
            person,
            tenant,
            auth_time,
            signed_in_at: auth_time,
            login,
            code,
        });
        self.families.len() - 1
    }

    pub fn issue_refresh_token(&mut self, family: usize) -> u32 {
        let number = u32::try_from(self.refresh.len()).unwrap();
        self.refresh.push(family);
        self.families[family].current = number;
        number
    }

    /// The family of a refresh token, if the provider knows it.
    pub fn family_of(&self, refresh_token: u32) -> Option<usize> {
        self.refresh.get(refresh_token as usize).copied()
    }

    /// Whether an attacker who finds this refresh token could still use it.
    pub fn is_alive(&self, refresh_token: u32) -> bool {
        let family = self.family_of(refresh_token).map(|family| &self.families[family]);
        family.is_some_and(|family| !family.ended && family.current == refresh_token)
    }

    /// Whether the code verifier matches the challenge that came with the login.
    pub fn proves(&self, code: u32, challenge: &str) -> bool {
        self.codes[code as usize].challenge == challenge
    }

    pub fn rotate_keys(&mut self) {
        let next = (self.keys.end() + 1) % keys::NEVER_PUBLISHED;
        // Sometimes the old key stays published for a while; at the end of the range there is none.
        self.keys = if next == 0 { 0..=0 } else { next.saturating_sub(1)..=next };
    }

    pub fn count_habits(&self, tally: &mut Tally) {
        let habits = [
            (self.rotates, Kind::Rotation),
            (!self.rotates, Kind::NoRotation),
            (self.forgives_reuse, Kind::GraceForReuse),
            (!self.grants_refresh_tokens, Kind::NoRefreshToken),
            (!self.id_token_on_renewal, Kind::NoIdTokenOnRenewal),
            (self.refuses.is_some(), Kind::RefusesToRenew),
            (self.moves_auth_time, Kind::MovesAuthTime),
            (self.lifetime == 0, Kind::NoLifetime),
            (self.denies.is_some(), Kind::DeniesAnApi),
            (self.lifetime > 0 && self.lifetime < 60, Kind::ShortLifetime),
            (self.skew != 0, Kind::ProviderSkewed),
            (self.binds, Kind::TokensBound),
        ];
        habits.into_iter().filter(|(is_so, _)| *is_so).for_each(|(_, kind)| tally.count(kind));
    }
}
