//! What the app's tabs tell each other: that somebody logged out. Never a token.

use web_sys::BroadcastChannel;

use super::global::{call, member, with};
use super::listening::Listening;
use crate::protocol::config::Config;
use crate::session::SessionKey;

/// The channel between the tabs of one app. It closes when dropped.
#[derive(Debug)]
pub(super) struct Channel {
    channel: BroadcastChannel,
    _listening: Listening,
}

impl Channel {
    /// Opens the channel, and calls back when somebody logged out in another tab. `None` where
    /// the browser has no channels: then each tab finds out by itself, at its next renewal.
    pub(super) fn open(config: &Config, logged_out: impl Fn(SessionKey) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(&["wristband-spa-auth/", config.client_id()].concat()).ok()?;
        let listening = Listening::to(&channel, "message", move |event| {
            // Only pages of this origin can send here, and what they send is still only a text.
            if let Some(session) = member(&event, "data").as_string() {
                logged_out(SessionKey::from_message(session));
            }
        });
        Some(Self { channel, _listening: listening })
    }

    pub(super) fn announce_logout(&self, session: &SessionKey) {
        // A message that cannot be sent is one that nobody waits for.
        let _ = call(&self.channel, "postMessage", with().text(session.as_str()));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        let _ = call(&self.channel, "close", with());
    }
}
