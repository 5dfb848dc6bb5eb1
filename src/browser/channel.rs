//! The `BroadcastChannel` of the app's tabs. Its only message: the user logged out. Never a token.

use web_sys::BroadcastChannel;

use super::event_listener::EventListener;
use super::global::{call, member, with};
use crate::protocol::config::Config;
use crate::session::SessionKey;

/// The channel between the tabs of one app. It closes when dropped.
#[derive(Debug)]
pub(super) struct Channel {
    channel: BroadcastChannel,
    _listening: EventListener,
}

impl Channel {
    /// Opens the channel, and calls `logged_out` when the user logs out in another tab. `None` if the browser
    /// has no channels: then each tab finds out at its next renewal.
    pub(super) fn open(config: &Config, logged_out: impl Fn(SessionKey) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(&["wristband-spa-auth/", config.client_id()].concat()).ok()?;
        let listening = EventListener::new(&channel, "message", move |event| {
            // Only scripts of this origin can send here. Anything but a string is ignored.
            if let Some(session) = member(&event, "data").as_string() {
                logged_out(SessionKey::from_message(session));
            }
        });
        Some(Self { channel, _listening: listening })
    }

    pub(super) fn announce_logout(&self, session: &SessionKey) {
        // No tab waits for this message, so a failure to send it is ignored.
        let _ = call(&self.channel, "postMessage", with().text(session.as_str()));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        let _ = call(&self.channel, "close", with());
    }
}
