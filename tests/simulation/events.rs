//! What is in transit, and how it arrives.

use wristband_spa_auth::session::{Input, SessionKey};

use super::network::{News, Parcel};
use super::tally::Kind;
use super::vault::{Refused, Seen, Vault};
use super::world::World;

/// Something that will happen at this true time.
pub struct Event {
    pub due: i64,
    pub order: u32,
    pub what: Happening,
}

#[derive(Debug)]
pub enum Happening {
    /// A request reaches the provider.
    Arrives(Box<Parcel>),
    /// A response, or the lack of one, reaches a session.
    Answers(usize, Input, News),
    /// The device delivers something to a session.
    Brings(usize, Input),
    /// Another tab announces that the user logged out.
    Announces(usize, SessionKey, Box<Seen>),
    /// A tab navigates to a URL.
    Departs(usize, u32, String),
    /// A page starts a login automatically.
    LogsInByItself(usize, u32),
    /// An API answers 401 to a call of this page.
    Refuses(usize, u32, Refused),
    /// A session asks one of its pages to start again.
    Reopens(usize),
    /// A tab on another site is redirected to this URL.
    Redirects(usize, u32, String),
}

/// More wake-ups than this within a minute are a storm.
const MOST_WAKES: usize = 130;

impl World<'_> {
    pub fn schedule(&mut self, delay: i64, what: Happening) {
        self.last_order += 1;
        self.events.push(Event { due: self.time + delay, order: self.last_order, what });
    }

    /// Delivers to a session the result of an effect that the device performed.
    pub fn bring(&mut self, vault: usize, input: Input) {
        let slow = self.chance.one_in(self.mood.device);
        if slow {
            self.tally.count(Kind::StorageSlow);
        }
        let delay = if slow { self.chance.millis(20_000) } else { 0 };
        self.schedule(delay, Happening::Brings(vault, input));
    }

    /// When the next scheduled event is due.
    fn next_due(&self) -> Option<(i64, Option<usize>)> {
        let awake = self.vaults.iter().enumerate().filter(|(_, vault)| vault.alive && !vault.frozen);
        let wakes = awake.filter_map(|(index, vault)| Some((self.device.true_time(vault.wakes_at?), Some(index))));
        self.events.iter().map(|event| (event.due, None)).chain(wakes).min_by_key(|(due, vault)| (*due, vault.is_some()))
    }

    /// Lets time pass until the next scheduled event, but not beyond `latest`. Returns whether
    /// an event happened.
    pub fn pass_to_next(&mut self, latest: i64) -> bool {
        match self.next_due() {
            Some((due, vault)) if due <= latest => {
                self.time = self.time.max(due);
                match vault {
                    Some(vault) => self.wake(vault),
                    None => self.happen(),
                }
                true
            }
            _ => {
                self.time = self.time.max(latest);
                self.step += 1;
                false
            }
        }
    }

    /// The timer fires.
    fn wake(&mut self, vault: usize) {
        if self.chance.one_in(self.mood.device) {
            // Browsers delay the timers of background pages.
            self.tally.count(Kind::TimerLate);
            self.time += self.chance.millis(120_000);
        }
        let monotonic = self.device.monotonic(self.time);
        let record = &mut self.vaults[vault];
        record.wakes_at = None;
        if Vault::count_in_window(&mut record.wakes, monotonic, 60_000) > MOST_WAKES {
            self.breaks(super::laws::STORM, || format!("session {vault} was woken more than {MOST_WAKES} times within a minute"));
        }
        self.input(vault, Input::Tick);
    }

    /// The earliest event happens.
    fn happen(&mut self) {
        let earliest = self.events.iter().enumerate().min_by_key(|(_, event)| (event.due, event.order));
        let Some(index) = earliest.map(|(index, _)| index) else { return };
        let event = self.events.swap_remove(index);
        match event.what {
            Happening::Arrives(parcel) => {
                self.step += 1;
                self.arrive(*parcel);
            }
            Happening::Answers(vault, input, news) if self.is_awake(vault) => self.answer_arrives(vault, input, &news),
            Happening::Brings(vault, input) if self.is_awake(vault) => self.input(vault, input),
            Happening::Reopens(vault) if self.is_awake(vault) => self.reopens(vault),
            Happening::Announces(vault, session, who) if self.is_awake(vault) => self.announced(vault, session, &who),
            Happening::Answers(vault, ..) | Happening::Brings(vault, _) | Happening::Reopens(vault) if self.vaults[vault].alive => {
                // A page in the back/forward cache is suspended. The event is delivered when it is shown again.
                self.step += 1;
                self.vaults[vault].parked.push(event.what);
            }
            Happening::LogsInByItself(tab, page) => self.logs_in_by_itself(tab, page),
            Happening::Refuses(tab, page, refused) => self.api_refuses(tab, page, refused),
            Happening::Departs(tab, page, address) => self.departs(tab, page, &address),
            Happening::Redirects(tab, page, address) => self.is_redirected(tab, page, address),
            Happening::Answers(..) | Happening::Brings(..) | Happening::Reopens(_) | Happening::Announces(..) => {}
        }
    }

    pub fn is_awake(&self, vault: usize) -> bool {
        self.vaults[vault].alive && !self.vaults[vault].frozen
    }

    fn announced(&mut self, vault: usize, session: SessionKey, who: &Seen) {
        self.tally.count(Kind::Announced);
        let before = self.vaults[vault].seen.clone();
        let is_due = self.is_due(vault);
        self.input(vault, Input::SignedOutElsewhere { session });
        let same = before.person == who.person && before.tenant == who.tenant && before.tenant_name == who.tenant_name;
        if same && self.vaults[vault].is_signed_in() {
            self.breaks(super::laws::LOGOUT, || format!("session {vault} did not follow a logout of {who:?}"));
        }
        // A session that cannot be renewed may have expired just now.
        if !same && before.renewable && !is_due && before.phase != self.vaults[vault].seen.phase {
            self.breaks(super::laws::PROOF, || format!("session {vault} of {before:?} followed a logout of {who:?}"));
        }
    }
}
