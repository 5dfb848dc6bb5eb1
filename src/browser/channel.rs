//! The `BroadcastChannel` of the app's tabs, some of which have vaults of their own. It carries that the user logged out,
//! and that the user is present. Never a token.

use web_sys::BroadcastChannel;

use super::event_listener::EventListener;
use super::global::{call, member, with};
use crate::protocol::config::Config;
use crate::session::{Presence, SessionKey};

/// The channel between the tabs of one app. It closes when dropped.
#[derive(Debug)]
pub(super) struct Channel {
    channel: BroadcastChannel,
    _listening: EventListener,
}

/// What happened in another tab.
pub(super) enum News {
    /// The user logged out of this session.
    LoggedOut(SessionKey),
    /// The user of this session is present.
    Present(SessionKey, Presence),
}

/// How the messages start that say that the user is present. All others are the key of a session that has ended.
const PRESENT: [(&str, Presence); 2] = [("active ", Presence::Active), ("stays ", Presence::Stays)];

impl News {
    fn read(message: String) -> Self {
        let present = PRESENT
            .iter()
            .find_map(|(word, presence)| Some((SessionKey::from_message(message.strip_prefix(word)?.to_owned()), *presence)));
        match present {
            Some((session, presence)) => Self::Present(session, presence),
            None => Self::LoggedOut(SessionKey::from_message(message)),
        }
    }
}

impl Channel {
    /// Opens the channel, and calls `heard` when another tab has news. `None` if the browser has no channels: then each
    /// tab finds out about a logout at its next renewal.
    pub(super) fn open(config: &Config, heard: impl Fn(News) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(&["wristband-spa-auth/", config.client_id()].concat()).ok()?;
        let listening = EventListener::new(&channel, "message", move |event| {
            // Only scripts of this origin can send here. Anything but a string is ignored.
            if let Some(message) = member(&event, "data").as_string() {
                heard(News::read(message));
            }
        });
        Some(Self { channel, _listening: listening })
    }

    pub(super) fn announce_logout(&self, session: &SessionKey) {
        self.post(session.as_str());
    }

    pub(super) fn announce_presence(&self, session: &SessionKey, presence: Presence) {
        for (word, _) in PRESENT.iter().filter(|(_, other)| *other == presence) {
            self.post(&[word, session.as_str()].concat());
        }
    }

    fn post(&self, message: &str) {
        // No tab waits for this message, so a failure to send it is ignored.
        let _ = call(&self.channel, "postMessage", with().text(message));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        let _ = call(&self.channel, "close", with());
    }
}
