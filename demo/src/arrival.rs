//! How the page came to be opened, where a visitor's attempt led here.

use leptos::prelude::*;

/// What the window is called while the page reloads.
pub(crate) const RELOADED: &str = "reloaded-by-the-demo";
/// A state that no login was begun with.
const FORGED_STATE: &str = "forged-by-the-demo";

/// The attempt that led here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// A callback with a made-up code and state was opened.
    Forged,
    /// The page was reloaded, perhaps by way of the provider.
    Reloaded,
}

/// Looks how the page was opened, before anything changes its address, and gives that to everything below.
pub(crate) fn provide_arrival() {
    provide_context(arrival());
}

/// What [`provide_arrival`] saw.
pub(crate) fn use_arrival() -> Option<Arrival> {
    expect_context()
}

/// The page and the query of the forged callback.
pub(crate) fn forged_callback() -> String {
    ["callback?code=forged-by-the-demo&state=", FORGED_STATE].concat()
}

fn arrival() -> Option<Arrival> {
    let window = window();
    if window.name().is_ok_and(|name| name == RELOADED) {
        let _ = window.set_name("");
        return Some(Arrival::Reloaded);
    }
    let query = window.location().search().ok()?;
    query.ends_with(FORGED_STATE).then_some(Arrival::Forged)
}
