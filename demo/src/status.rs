//! Whether the user is signed in, in one line.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;
use wristband_spa_auth::leptos::{SignedIn, use_auth};
use wristband_spa_auth::{Logout, Reason, State, UserSession as Person};

use crate::button::ActionButton;
use crate::log_in::TENANT_FIELD;
use crate::router::{Route, use_router};
use crate::user_info::use_user_info;

/// The status line, with a button that logs out or leads to the login form.
#[component]
pub(crate) fn Status() -> impl IntoView {
    let auth = use_auth();
    let router = use_router();
    let state = auth.state();
    let name = move || state.with(State::name);
    let is_home = Memo::new(move |_| router.route() != Route::About);
    view! {
        <div class="status" data-state=name>
            <span class="lamp" aria-hidden="true"></span>
            <div class="status-words">
                <p role="status" aria-live="polite" class="status-line">{line}</p>
                <p class="reason">{move || state.with(reason)}</p>
            </div>
            // One of the two buttons is always shown, so that nothing moves when the user signs in or out.
            <SignedIn><LogOut /></SignedIn>
            {move || (state.with(|state| state.signed_in().is_none()) && is_home.get()).then(|| view! { <ToLogin /> })}
        </div>
    }
}

/// Scrolls to the form, which is far down on a narrow screen.
#[component]
fn ToLogin() -> impl IntoView {
    let go = move |event: MouseEvent| {
        event.prevent_default();
        if let Some(field) = document().get_element_by_id(TENANT_FIELD).and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
            let _ = field.focus();
        }
    };
    view! { <a class="button" href=["#", TENANT_FIELD].concat() on:click=go>"To the login"</a> }
}

fn line() -> String {
    use_auth().state().with(|state| match state {
        State::Loading => "Finding out…".to_owned(),
        State::SignedIn(person) => signed_in(person),
        _ => "Signed out".to_owned(),
    })
}

fn signed_in(person: &Person) -> String {
    // Screen readers read the line aloud. It waits for the user info, so that they read it once, with the name.
    let Some(user_info) = use_user_info().get() else { return "Finding out…".to_owned() };
    let email = user_info.ok().and_then(|user_info| user_info.email().map(str::to_owned));
    let who = email.as_deref().unwrap_or(&person.user_id);
    match tenant(person) {
        Some(tenant) => ["Signed in as ", who, " (", tenant, ")"].concat(),
        None => ["Signed in as ", who].concat(),
    }
}

/// The tenant, by the best name available.
pub(crate) fn tenant(person: &Person) -> Option<&str> {
    let name = person.tenant.name.as_ref().map(|name| name.as_str());
    let domain = person.tenant.custom_domain.as_ref().map(|domain| domain.as_str());
    name.or(domain).or(person.tenant_id.as_deref())
}

/// A longer description of the state. Every state has one, so that nothing moves when the state changes.
pub(crate) fn reason(state: &State) -> &'static str {
    match state {
        State::Loading => "Looking for a session.",
        State::SignedIn(_) => "Every check has passed. No token was stored.",
        State::SignedOut(Reason::Expired) => "The session has ended: at the provider, or with a reload.",
        State::SignedOut(Reason::Idle) => "Nobody used the demo for a while.",
        State::SignedOut(Reason::SignedOut) => "You logged out.",
        State::SignedOut(_) => "Nobody is signed in here, in this browser.",
        _ => "The sign-in failed.",
    }
}

#[component]
fn LogOut() -> impl IntoView {
    let auth = use_auth();
    let asked = RwSignal::new(false);
    let disabled = Signal::derive(move || asked.get() && auth.busy().get());
    let log_out = move || {
        asked.set(true);
        auth.logout(Logout::new());
    };
    view! { <ActionButton label="Log out" disabled on_press=log_out /> }
}
