//! How the page came to be opened, where a visitor's attempt led here.

use leptos::prelude::*;
use wristband_spa_auth::State;
use wristband_spa_auth::leptos::use_auth;

use crate::router::Router;

/// A state that no login was begun with.
const FORGED_STATE: &str = "forged-by-the-demo";
/// What the address says while the page reloads. The library comes back to the same address, should
/// it have to go to the provider; so this is the one thing that outlives the page, and is no storage.
const RELOADED: &str = "?reloaded";

/// The attempt that led here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// A callback with a made-up code and state was opened.
    Forged,
    /// The page was reloaded, perhaps by way of the provider.
    Reloaded,
}

/// Looks at the address before the library changes it. Without this, a forged callback looks like any other.
pub(crate) fn is_forged() -> bool {
    window().location().search().is_ok_and(|query| query.ends_with(FORGED_STATE))
}

/// Finds out what led here once it is known who is signed in, and gives that to everything below.
pub(crate) fn provide_arrival(router: Router, is_forged: bool) {
    let auth = use_auth();
    let arrival = RwSignal::new(is_forged.then_some(Arrival::Forged));
    provide_context::<ReadSignal<Option<Arrival>>>(arrival.read_only());
    Effect::new(move |_| {
        let is_known = auth.state().with(|state| !matches!(state, State::Loading));
        if is_known && window().location().search().is_ok_and(|query| query == RELOADED) {
            router.rename_to("");
            arrival.set(Some(Arrival::Reloaded));
        }
    });
}

/// What [`provide_arrival`] found out; nothing before it is known.
pub(crate) fn use_arrival() -> ReadSignal<Option<Arrival>> {
    expect_context()
}

/// Opens a callback that nobody was sent to.
pub(crate) fn open_forged_callback(router: Router) {
    let callback = ["callback?code=forged-by-the-demo&state=", FORGED_STATE].concat();
    let _ = window().location().assign(&router.address_of(&callback));
}

/// Reloads the page.
pub(crate) fn reload(router: Router) {
    router.rename_to(RELOADED);
    let _ = window().location().reload();
}
