//! The world: everything in it, and how time passes.

use core::time::Duration;

use wristband_spa_auth::protocol::config::{Config, ConfigBuilder, Restore, Use};
use wristband_spa_auth::session::Input;

use super::apis;
use super::chance::Chance;
use super::device::{BEGINNING, Device};
use super::events::{Event, Happening};
use super::mood::{self, Mood};
use super::proofs;
use super::provider::{APP, CALLBACK, CLIENT, ISSUER, Provider, REFUSALS, VANITY};
use super::tabs::Tab;
use super::tally::{Kind, Tally};
use super::vault::{Phase, Vault, is_token_request};
use super::{Broken, STEPS, view};

/// The settings of the simulated apps, parsed once.
pub struct Setting {
    pub configs: Vec<Config>,
}

pub struct World<'a> {
    pub setting: &'a Setting,
    pub config: usize,
    pub chance: Chance,
    pub mood: &'static Mood,
    pub tally: Tally,
    pub broken: Option<Broken>,
    /// The narrated run, if it is wanted.
    pub told: Option<Vec<String>>,
    /// How many events happened.
    pub step: u32,
    /// The true time, in milliseconds since 1970.
    pub time: i64,
    pub device: Device,
    pub provider: Provider,
    pub provider_is_down: bool,
    /// An API that answers 401 to every token.
    pub refusing_api: Option<usize>,
    /// Whether the pages of the app start a login automatically if the user is signed out.
    pub is_guarded: bool,
    /// Whether the app's host drops the query of callbacks.
    pub loses_callbacks: bool,
    /// When pages redirected to a login automatically.
    pub automatic: Vec<i64>,
    pub tabs: Vec<Tab>,
    pub vaults: Vec<Vault>,
    /// Whether all pages share one session.
    pub shared: bool,
    pub events: Vec<Event>,
    pub logins: Vec<LoginRecord>,
    /// When pages redirected to restore a session since the last sign-in.
    pub restores: Vec<i64>,
    /// When pages started a login again after a callback that finished none.
    pub recoveries: Vec<i64>,
    /// Whether the user has signed in as the attacker with a login of their own: then a session of the attacker may be restored.
    pub chose_attacker: bool,
    /// The callbacks that were seen, for bookmarks and forgers.
    pub callbacks: Vec<String>,
    /// Custom domains that the provider confirmed to some page. A pending login stores that.
    pub confirmed: Vec<String>,
    /// The last call id at the last sign-in. What was started before does not count as a loop.
    pub asks_before: u32,
    pub last_order: u32,
    pub last_call_id: u32,
    pub last_page: u32,
}

/// A login for which entropy was drawn.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoginRecord {
    /// The time of the device's clock when it was stored.
    pub stored_at: Option<i64>,
    /// How many times its code verifier was sent.
    pub exchanges: u32,
    /// Whether the last response was a temporary failure, so that the code may be sent again.
    pub may_repeat: bool,
    /// Whether the library started it, to restore a session.
    pub restoring: bool,
}

impl Setting {
    pub fn new() -> Self {
        let wristband = || Config::wristband(VANITY, CLIENT, CALLBACK);
        let open_id = || Config::openid(ISSUER, CLIENT, CALLBACK);
        let configs = [
            wristband().allow_tenant_change(false),
            wristband().default_tenant_name("acme").post_logout_url(format!("{APP}/bye")).login_url(format!("{APP}/login")),
            wristband().application_authorization(true).renewal_margin(Duration::from_secs(10)),
            apis::listed().into_iter().fold(open_id().post_logout_url(format!("{APP}/bye")), ConfigBuilder::api),
            wristband().restore(Restore::None).login_url(format!("{APP}/login")).clock_tolerance(Duration::from_secs(5)),
            wristband().application_custom_domain_active(true).default_tenant_custom_domain(super::provider::DOMAINS[0]),
            open_id().dpop(Use::Required),
        ];
        Self { configs: configs.into_iter().map(|config| config.build().unwrap()).collect() }
    }
}

impl<'a> World<'a> {
    pub fn new(setting: &'a Setting, mut chance: Chance, tally: Tally) -> Self {
        let mood = mood::draw(&mut chance);
        let config = chance.weighted(&[8, 3, 2, 5, 2, 2, 3]);
        let shared = chance.one_in(5);
        let mut provider = Provider::new(config != apis::SETTING && config != proofs::SETTING);
        provider.binds = config == proofs::SETTING;
        provider.rotates = !chance.one_in(5);
        provider.forgives_reuse = chance.one_in(4);
        provider.grants_refresh_tokens = !chance.one_in(8);
        provider.id_token_on_renewal = !chance.one_in(3);
        provider.lifetime = chance.pick(&[1800, 300, 86_400, 120, 40, 5, 1, 0]);
        provider.names_domain = chance.one_in(4);
        if chance.one_in(12) {
            provider.skew = chance.pick(&[20_000, -20_000, 7_200_000, -7_200_000]);
        }
        if chance.one_in(10) {
            provider.refuses = Some(chance.pick(&REFUSALS));
        }
        if config == apis::SETTING && chance.one_in(4) {
            provider.denies = Some(chance.pick(&apis::DENIALS));
        }
        provider.moves_auth_time = chance.one_in(6);
        let refusing_api = chance.one_in(4).then_some(1);
        let is_guarded = chance.one_in(5);
        let loses_callbacks = chance.one_in(if is_guarded { 3 } else { 40 });
        let mut device = Device::default();
        if chance.one_in(10) {
            device.wall_skew = chance.pick(&[30_000, -30_000, 3_600_000, -172_800_000, 40_000_000_000]);
        }
        let mut world = Self {
            setting,
            config,
            chance,
            mood,
            tally,
            broken: None,
            told: None,
            step: 0,
            time: BEGINNING,
            device,
            provider,
            provider_is_down: false,
            refusing_api,
            is_guarded,
            loses_callbacks,
            automatic: Vec::new(),
            tabs: Vec::new(),
            vaults: Vec::new(),
            shared,
            events: Vec::new(),
            logins: Vec::new(),
            restores: Vec::new(),
            recoveries: Vec::new(),
            chose_attacker: false,
            callbacks: Vec::new(),
            confirmed: Vec::new(),
            asks_before: 0,
            last_order: 0,
            last_call_id: 0,
            last_page: 0,
        };
        world.provider.count_habits(&mut world.tally);
        if refusing_api.is_some() {
            world.tally.count(Kind::ApiAlwaysRefuses);
        }
        if shared {
            world.tally.count(Kind::SharedSession);
        }
        world
    }

    /// Simulates from the first page to the end, and then lets everything settle.
    pub fn run(&mut self) {
        let (mood, shared, config) = (self.mood.name, self.shared, self.config);
        self.say(|| format!("{mood}; app {config}; {}", if shared { "one session for all pages" } else { "a session per page" }));
        let provider = format!("{:?}", self.told.is_some().then_some(&self.provider));
        self.say(|| provider);
        self.open_tab(APP.to_owned() + "/");
        // Most of what can go wrong needs a user who is signed in.
        if !self.chance.one_in(4) {
            self.log_in(0);
        }
        while self.step < STEPS && self.broken.is_none() && !self.chance.is_over() {
            self.chance.mark();
            self.take_a_step();
        }
        if self.broken.is_none() {
            self.settle();
        }
        self.tally.runs += 1;
        self.tally.steps += u64::from(self.step);
    }

    pub fn config(&self) -> &'a Config {
        &self.setting.configs[self.config]
    }

    /// Adds to the narration, if it is wanted.
    pub fn say(&mut self, what: impl FnOnce() -> String) {
        if let Some(told) = &mut self.told {
            let at = self.time - BEGINNING;
            told.push(format!("{:4} {:>10}.{:03} s  {}", self.step, at / 1000, at % 1000, what()));
        }
    }

    /// A law was broken. The first one counts.
    pub fn breaks(&mut self, law: &'static str, how: impl FnOnce() -> String) {
        if self.broken.is_none() {
            let how = how();
            self.say(|| format!("BROKEN: law {law}: {how}"));
            self.broken = Some(Broken { law, how });
        }
    }

    /// A session takes an input, and its effects are performed.
    pub fn input(&mut self, vault: usize, input: Input) {
        self.step += 1;
        self.say(|| format!("session {vault} <- {}", brief(&input)));
        let now = self.device.now(self.time);
        let cause = self.cause(vault, &input);
        let told = (view::name(&input), self.is_due(vault));
        self.vaults[vault].number_before = self.vaults[vault].session.number();
        let refused =
            if let Input::TokenRefused { generation, api, .. } = &input { api.map(|api| (api, *generation)) } else { None };
        let effects = self.vaults[vault].session.handle(now, input);
        self.judge_renewal_for_an_api(vault, refused, effects.iter().any(is_token_request));
        self.check_for_leaks(&effects);
        let announced = self.vaults[vault].seen.clone();
        for effect in effects {
            self.perform(vault, effect, &announced);
        }
        self.judge_state(vault, &cause, told);
        self.pages_hear(vault);
        self.guards_act(vault);
        self.set_timer(vault);
    }

    /// Whether something is due in this session, whatever happens next.
    pub fn is_due(&self, vault: usize) -> bool {
        self.vaults[vault].session.wakes_in(self.device.now(self.time)) == Some(Duration::ZERO)
    }

    /// Pages with a guard start a login when the shown state is signed out.
    fn guards_act(&mut self, vault: usize) {
        let shown = self.vaults[vault].seen.phase;
        if !self.is_guarded || !matches!(shown, Phase::SignedOut | Phase::Failed) {
            return;
        }
        for tab in 0..self.tabs.len() {
            // Once for each page that is loaded.
            let acts = self.tabs[tab].vault() == Some(vault) && self.tabs[tab].guard_acts();
            if let Some(page) = self.tabs[tab].page().filter(|_| acts) {
                self.schedule(i64::from(self.vaults.len() as u32 % 50), Happening::LogsInByItself(tab, page));
            }
        }
    }

    /// The pages of a session are notified which session it is, sooner or later.
    fn pages_hear(&mut self, vault: usize) {
        let number = self.vaults[vault].session.number();
        for tab in 0..self.tabs.len() {
            let is_behind = self.tabs[tab].vault() == Some(vault) && self.tabs[tab].believes() != number;
            if is_behind && !self.chance.one_in(3) {
                self.tabs[tab].hears_of(number);
            }
        }
    }

    fn set_timer(&mut self, vault: usize) {
        let now = self.device.now(self.time);
        let monotonic = self.device.monotonic(self.time);
        let wakes_in = self.vaults[vault].session.wakes_in(now);
        self.vaults[vault].wakes_at = wakes_in.map(|left| {
            let left = i64::try_from(left.as_millis()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
            monotonic + left
        });
    }
}

/// An input in one line. What it carries may be secret, and is narrated elsewhere.
fn brief(input: &Input) -> String {
    let mut text = format!("{input:?}");
    if let Some((end, _)) = text.char_indices().nth(220) {
        text.truncate(end);
    }
    text
}
