//! The tabs of the browser: what they show, their history, and the life of their pages.

use wristband_spa_auth::protocol::secret::Secret;
use wristband_spa_auth::session::{Input, Session, SessionNumber, Transport};

use super::events::Happening;
use super::network::News;
use super::provider::APP;
use super::tally::Kind;
use super::text::{self, parameter};
use super::vault::{Question, Vault};
use super::world::{LoginRecord, World};

#[derive(Debug, Default)]
pub struct Tab {
    pub place: Place,
    /// What the back button leads to, the nearest last.
    back: Vec<Entry>,
}

#[derive(Debug, Default)]
pub enum Place {
    #[default]
    Closed,
    App(Page),
    /// At the provider, by this URL.
    Away(u32, String),
}

/// A page of the app that was loaded.
#[derive(Debug)]
pub struct Page {
    number: u32,
    address: String,
    vault: usize,
    /// The session that the page last heard of.
    believes: Option<SessionNumber>,
    /// Whether its guard has not logged in yet.
    guard_waits: bool,
}

#[derive(Debug)]
enum Entry {
    Address(String),
    /// A page in the back/forward cache.
    Frozen(Page),
}

impl Tab {
    pub fn page(&self) -> Option<u32> {
        if let Place::App(page) = &self.place { Some(page.number) } else { None }
    }

    pub fn vault(&self) -> Option<usize> {
        if let Place::App(page) = &self.place { Some(page.vault) } else { None }
    }

    pub fn address(&self) -> Option<&str> {
        if let Place::App(page) = &self.place { Some(&page.address) } else { None }
    }

    pub fn believes(&self) -> Option<SessionNumber> {
        if let Place::App(page) = &self.place { page.believes } else { None }
    }

    /// Whether the guard of this page logs in now. It does so once.
    pub fn guard_acts(&mut self) -> bool {
        if let Place::App(page) = &mut self.place { core::mem::take(&mut page.guard_waits) } else { false }
    }

    /// The page is notified of another session.
    pub fn hears_of(&mut self, session: Option<SessionNumber>) {
        if let Place::App(page) = &mut self.place {
            page.believes = session;
        }
    }

    /// The address bar changes. No page is loaded.
    pub fn show(&mut self, address: String) {
        if let Place::App(page) = &mut self.place {
            page.address = address;
        }
    }
}

impl World<'_> {
    /// A new tab at this URL.
    pub fn open_tab(&mut self, address: String) {
        self.tally.count(Kind::TabOpened);
        let free = self.tabs.iter().position(|tab| matches!(tab.place, Place::Closed));
        let tab = free.unwrap_or(self.tabs.len());
        match free {
            Some(tab) => self.tabs[tab] = Tab::default(),
            None => self.tabs.push(Tab::default()),
        }
        self.load(tab, address);
    }

    /// The tab loads this URL.
    pub fn load(&mut self, tab: usize, address: String) {
        self.say(|| format!("tab {tab} loads {address}"));
        self.last_page += 1;
        if !address.starts_with(APP) {
            self.tabs[tab].place = Place::Away(self.last_page, address);
            return self.provider_shows(tab);
        }
        let vault = self.vault_for_a_page();
        self.tabs[tab].place = Place::App(Page { number: self.last_page, address, vault, believes: None, guard_waits: true });
        self.opens(tab, Question::Opened);
        if self.tabs[tab].address().is_some_and(|address| address.contains("/login?")) {
            self.log_in_from_url(tab);
        }
    }

    /// The session for a page that is loaded now.
    fn vault_for_a_page(&mut self) -> usize {
        if let Some(vault) = self.vaults.iter().position(|vault| self.shared && vault.alive) {
            return vault;
        }
        let seed = self.vaults.len() as u64;
        // Some sessions survive navigation, and fetch the keys then.
        let mut session = Session::new(self.config().clone(), seed).surviving_navigation(seed % 2 == 1);
        // It can be wrong about its keys: a vault can end at any time.
        session.keeps_keys(self.shared && seed % 4 < 2);
        self.vaults.push(Vault::new(session));
        self.vaults.len() - 1
    }

    /// The session is notified that the page of this tab was opened.
    fn opens(&mut self, tab: usize, what: Question) {
        let Place::App(Page { address, vault, .. }) = &self.tabs[tab].place else { return };
        let (address, vault) = (address.clone(), *vault);
        let query = text::query(&address);
        let login = parameter(query, "state").and_then(text::login_number);
        let code = parameter(query, "code").and_then(|code| text::secret_number(text::CODE, code));
        if let Some((login, code)) = login.zip(code) {
            let opened = &mut self.vaults[vault].opened;
            opened.retain(|(other, with, _)| (*other, *with) != (login, code));
            opened.push((login, code, self.step + 1));
        }
        let wants_hint = self.vaults[vault].session.wants_hint(&address);
        let hint = self.device.storage.open(self.device.now(self.time)).filter(|_| wants_hint);
        self.judge_storage();
        let hinted = hint.is_some();
        let (entropy, online) = (self.entropy(), !self.device.offline);
        self.vaults[vault].online = online;
        let resumed = what == Question::Resumed;
        self.ask(tab, what, hinted, |call_id| Input::Opened {
            call_id,
            address: Secret::new(address),
            hint,
            online,
            resumed,
            entropy,
        });
    }

    /// A page of this session starts again. If there is none left, the session is notified that nothing
    /// will come.
    pub fn reopens(&mut self, vault: usize) {
        match self.tabs.iter().position(|tab| tab.vault() == Some(vault)) {
            Some(tab) => self.opens(tab, Question::Opened),
            None => self.input(vault, Input::PageRestoredFromCache { online: !self.device.offline }),
        }
    }

    pub fn entropy(&mut self) -> wristband_spa_auth::protocol::secret::Entropy {
        self.logins.push(LoginRecord::default());
        text::entropy(u32::try_from(self.logins.len() - 1).unwrap())
    }

    /// A page navigates to a URL that its session chose.
    pub fn departs(&mut self, tab: usize, page: u32, address: &str) {
        self.step += 1;
        if self.tabs[tab].page() == Some(page) {
            self.leave(tab, true);
            self.load(tab, address.to_owned());
        }
    }

    /// The provider redirects the browser.
    pub fn is_redirected(&mut self, tab: usize, page: u32, address: String) {
        self.step += 1;
        if matches!(&self.tabs[tab].place, Place::Away(number, _) if *number == page) {
            let lost = self.loses_callbacks && address.contains("state=");
            if lost {
                self.tally.count(Kind::CallbackLost);
            }
            self.load(tab, if lost { APP.to_owned() + "/" } else { address });
        }
    }

    /// The page of a tab is left. The browser may keep it in its back/forward cache.
    pub fn leave(&mut self, tab: usize, may_come_back: bool) {
        let freezes = may_come_back && self.chance.one_in(3);
        let place = core::mem::take(&mut self.tabs[tab].place);
        let Place::App(page) = place else {
            if let (Place::Away(_, address), true) = (place, may_come_back) {
                self.tabs[tab].back.push(Entry::Address(address));
            }
            return;
        };
        let vault = page.vault;
        if !self.shared {
            self.vaults[vault].alive = freezes;
            self.vaults[vault].frozen = freezes;
        } else if self.tabs.iter().all(|tab| tab.vault() != Some(vault)) && !self.chance.one_in(2) && !freezes {
            // The last page is gone; sometimes the session lives on until the next one.
            self.vaults[vault].alive = may_come_back;
        }
        if freezes {
            self.tally.count(Kind::PageFrozen);
            self.tabs[tab].back.push(Entry::Frozen(page));
        } else if may_come_back {
            self.tabs[tab].back.push(Entry::Address(page.address));
        }
    }

    /// The user closes a tab. Its cached pages are gone as well.
    pub fn close(&mut self, tab: usize) {
        self.tally.count(Kind::TabClosed);
        self.leave(tab, false);
        for entry in core::mem::take(&mut self.tabs[tab].back) {
            if let (Entry::Frozen(page), false) = (entry, self.shared) {
                self.vaults[page.vault].alive = false;
            }
        }
    }

    /// The browser ends the vault of an open page, and all its pages get another one.
    pub fn lose_vault(&mut self, tab: usize) {
        let Some(lost) = self.tabs[tab].vault() else { return };
        self.tally.count(Kind::VaultLost);
        self.vaults[lost].alive = false;
        let vault = self.vault_for_a_page();
        self.say(|| format!("session {lost} is lost under its pages, which find session {vault}"));
        for tab in 0..self.tabs.len() {
            if let Place::App(page) = &mut self.tabs[tab].place
                && page.vault == lost
            {
                page.vault = vault;
                self.opens(tab, Question::Resumed);
            }
        }
    }

    pub fn reload(&mut self, tab: usize) {
        self.tally.count(Kind::TabReloaded);
        let address = match &self.tabs[tab].place {
            Place::App(page) => page.address.clone(),
            Place::Away(_, address) => address.clone(),
            Place::Closed => return,
        };
        let back = self.tabs[tab].back.len();
        self.leave(tab, false);
        self.tabs[tab].back.truncate(back);
        self.load(tab, address);
    }

    /// The user presses the back button.
    pub fn go_back(&mut self, tab: usize) {
        let Some(entry) = self.tabs[tab].back.pop() else { return };
        self.tally.count(Kind::TabWentBack);
        self.leave(tab, false);
        match entry {
            Entry::Address(address) => self.load(tab, address),
            Entry::Frozen(page) if !self.vaults[page.vault].alive => self.load(tab, page.address),
            Entry::Frozen(page) => self.thaw(tab, page),
        }
    }

    /// A page is restored from the back/forward cache. Its connections did not survive.
    fn thaw(&mut self, tab: usize, page: Page) {
        self.tally.count(Kind::PageThawed);
        let vault = page.vault;
        self.say(|| format!("tab {tab} shows the page of session {vault} again"));
        self.tabs[tab].place = Place::App(page);
        self.vaults[vault].frozen = false;
        self.vaults[vault].stuck_since = None;
        for happening in core::mem::take(&mut self.vaults[vault].parked) {
            let happening = match happening {
                Happening::Answers(vault, Input::Fetched { request, .. }, _) => {
                    let outcome = Err(Transport::Failed);
                    Happening::Answers(vault, Input::Fetched { request, outcome }, News::default())
                }
                other => other,
            };
            self.schedule(0, happening);
        }
        self.vaults[vault].online = !self.device.offline;
        self.input(vault, Input::PageRestoredFromCache { online: !self.device.offline });
    }

    /// The provider's page, or its redirect.
    fn provider_shows(&mut self, tab: usize) {
        let Place::Away(number, address) = &self.tabs[tab].place else { return };
        let (number, address) = (*number, address.clone());
        let Some((host, path)) = text::host_and_path(&address) else { return };
        let tenant = self.provider.tenant_at(host).flatten();
        let chosen = |world: &mut Self| tenant.unwrap_or_else(|| u8::from(world.chance.one_in(3)));
        let mut to = None;
        if path.ends_with("/authorize") {
            let tenant = if self.provider.is_wristband { chosen(self) } else { 0 };
            let prompt = parameter(text::query(&address), "prompt");
            match (self.provider.cookies[usize::from(tenant)], prompt) {
                (None, Some("none")) => to = Some(self.callback(&address, None, tenant)),
                (Some(person), prompt) if prompt != Some("login") => to = Some(self.callback(&address, Some(person), tenant)),
                // The user has to type something, or gives up.
                _ if self.chance.one_in(4) => {}
                _ => {
                    let delay = if self.chance.one_in(20) { 4_000_000 } else { self.chance.millis(60_000) };
                    return self.person_signs_in(tab, delay);
                }
            }
        } else if path.ends_with("/logout") {
            match tenant {
                Some(tenant) => self.provider.cookies[usize::from(tenant)] = None,
                None => self.provider.cookies = [None; 2],
            }
            to = address.contains("%2Fbye").then(|| format!("{APP}/bye"));
        } else if path == "/login" {
            let tenant = super::provider::TENANTS[usize::from(chosen(self))];
            to = Some(format!("{APP}/login?tenant_name={tenant}&login_hint=a%40b.example"));
        }
        if let Some(to) = to {
            self.remember_callback(&to);
            let delay = 30 + i64::from(self.chance.below(500));
            self.schedule(delay, Happening::Redirects(tab, number, to));
        }
    }

    /// The user at the provider's page signs in, or not.
    pub fn person_signs_in(&mut self, tab: usize, delay: i64) {
        let Place::Away(number, address) = &self.tabs[tab].place else { return };
        let (number, address) = (*number, address.clone());
        let Some((host, path)) = text::host_and_path(&address) else { return };
        if !path.ends_with("/authorize") {
            return;
        }
        let tenant = self.provider.tenant_at(host).flatten();
        let tenant = tenant.unwrap_or_else(|| if self.provider.is_wristband { u8::from(self.chance.one_in(3)) } else { 0 });
        let person = u8::from(self.chance.one_in(3));
        self.provider.cookies[usize::from(tenant)] = Some(person);
        let to = self.callback(&address, Some(person), tenant);
        self.remember_callback(&to);
        self.schedule(delay, Happening::Redirects(tab, number, to));
    }

    fn remember_callback(&mut self, address: &str) {
        if address.contains("state=") {
            self.callbacks.push(address.to_owned());
        }
    }
}
