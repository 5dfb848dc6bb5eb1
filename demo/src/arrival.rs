//! Which of the visitor's attempts led to this page load, if any.

use leptos::prelude::*;
use wristband_spa_auth::State;
use wristband_spa_auth::leptos::use_auth;

use crate::router::Router;

/// A `state` of no login.
const FORGED_STATE: &str = "forged-by-the-demo";
/// The query of the URL while the page reloads. If the library has to redirect to the provider, it
/// returns to the same URL. So the query survives the reload, without any storage.
const RELOADED: &str = "?reloaded";

/// The attempt that led here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// A callback with a made-up code and state was opened.
    Forged,
    /// The page was reloaded, possibly with a redirect to the provider.
    Reloaded,
}

/// Reads the URL before the library cleans it. Afterwards a forged callback looks like any other page load.
pub(crate) fn is_forged() -> bool {
    window().location().search().is_ok_and(|query| query.ends_with(FORGED_STATE))
}

/// Determines the attempt once it is known whether the user is signed in, and provides it as context.
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

/// The attempt that [`provide_arrival`] found. `None` until it is known.
pub(crate) fn use_arrival() -> ReadSignal<Option<Arrival>> {
    expect_context()
}

/// Opens a callback that no provider has sent.
pub(crate) fn open_forged_callback(router: Router) {
    let callback = ["callback?code=forged-by-the-demo&state=", FORGED_STATE].concat();
    let _ = window().location().assign(&router.address_of(&callback));
}

/// Reloads the page.
pub(crate) fn reload(router: Router) {
    router.rename_to(RELOADED);
    let _ = window().location().reload();
}
