//! The messages between the demo's tabs: how each got its session. They contain no token and no name.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};
use wristband_spa_auth::State;
use wristband_spa_auth::leptos::use_auth;

use crate::watch::use_watch;

const CHANNEL: &str = "wristband-spa-auth-demo";

/// How another tab got its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) is_signed_in: bool,
    pub(crate) token_requests: u32,
}

/// Tells other tabs how this one got its session, and provides their reports as context.
pub(crate) fn provide_other_tabs() {
    let heard = RwSignal::new(None);
    provide_context::<ReadSignal<Option<Report>>>(heard.read_only());
    let Ok(channel) = BroadcastChannel::new(CHANNEL) else { return };
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(report) = event.data().as_string().as_deref().and_then(read) {
            let _ = heard.try_set(Some(report));
        }
    });
    channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    // The page listens until it is closed.
    hear.forget();
    let (auth, watch) = (use_auth(), use_watch());
    let is_known = Memo::new(move |_| auth.state().with(|state| !matches!(state, State::Loading)));
    Effect::new(move |_| {
        if is_known.get() {
            let is_signed_in = auth.state().with_untracked(|state| state.signed_in().is_some());
            let report = Report { is_signed_in, token_requests: watch.count().token };
            let _ = channel.post_message(&JsValue::from_str(&write(report)));
        }
    });
}

/// The last report that [`provide_other_tabs`] received.
pub(crate) fn use_other_tabs() -> ReadSignal<Option<Report>> {
    expect_context()
}

fn write(report: Report) -> String {
    let state = if report.is_signed_in { "signed-in" } else { "signed-out" };
    format!("{state} {}", report.token_requests)
}

fn read(text: &str) -> Option<Report> {
    let (state, token_requests) = text.split_once(' ')?;
    Some(Report { is_signed_in: state == "signed-in", token_requests: token_requests.parse().ok()? })
}
