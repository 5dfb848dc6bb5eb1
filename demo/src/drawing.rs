//! A drawing of where the tokens are: the page, the vault, the provider and the API, and what they
//! send to each other.

use leptos::prelude::*;
use wristband_spa_auth::leptos::use_auth;
use wristband_spa_auth::{State, VaultKind};

use crate::inspect;
use crate::settings::Places;
use crate::status;
use crate::token::Shelf;
use crate::user_info::use_user_info;
use crate::watch::{Way, use_watch};

/// The region with the drawing.
#[component]
pub(crate) fn Drawing(
    /// The names of the places.
    places: Places,
) -> impl IntoView {
    let auth = use_auth();
    let watch = use_watch();
    let home = inspect::home(auth);
    let Places { app, provider, api } = places;
    let session =
        move |test: fn(&wristband_spa_auth::UserSession) -> bool| auth.state().with(|state| state.signed_in().is_some_and(test));
    let is_loading = move || auth.state().with(|state| matches!(state, State::Loading));
    let asks = Signal::derive(move || auth.busy().get() || watch.calling.get() || is_loading());
    let renews = Signal::derive(move || session(|person| person.renewing) || is_loading());
    let calls = Signal::derive(move || watch.calling.get());
    let is_offline = move || session(|person| person.offline);
    view! {
        <section class="plan" aria-labelledby="plan">
            <div class="plan-words">
                <h2 id="plan">"Where the tokens are"</h2>
                <p class:warning=move || home.get() == Some(VaultKind::Page)>{move || in_words(home.get())}</p>
            </div>
            <div class="drawing" data-home=move || home.get().map(VaultKind::as_str) data-offline=move || is_offline().then_some("")>
                <div class="place page">
                    <h3>"This page"</h3>
                    <Host name=app />
                    <p>"Scripts, storage, the address bar: what an attacker’s script could read is on this side."</p>
                    <Known />
                </div>
                <Link name="ask" words="asks" back="state, never a token" ways=&[Way::Told] active=asks />
                <div class="vault">
                    <div class="room">
                        <h3>{move || title(home.get())}</h3>
                        <Shelf />
                    </div>
                </div>
                <Link name="to-provider" words="code, refresh token" back="new tokens" ways=&[Way::Provider] active=renews />
                <div class="place provider">
                    <h3>"Provider"</h3>
                    <Host name=provider />
                    <p>"Checks who you are, and gives tokens."</p>
                </div>
                <Link name="to-api" words="access token" back="answers" ways=&[Way::Api] active=calls />
                <div class="place service">
                    <h3>"API"</h3>
                    <Host name=api />
                    <p>"Wants an access token."</p>
                </div>
            </div>
        </section>
    }
}

/// The name of a host, which is broken between its labels if it is too long for its place, but not within the port.
#[component]
fn Host(name: String) -> impl IntoView {
    let (host, port) = match name.rsplit_once(':') {
        Some((host, port)) => (host.to_owned(), Some([":", port].concat())),
        None => (name, None),
    };
    let labels = host.split_inclusive('.').map(|label| view! { {label.to_owned()}<wbr /> }).collect_view();
    view! { <code>{labels}{port.map(|port| view! { <span class="port">{port}</span> })}</code> }
}

/// What the page knows. Every line has its place before it has a value.
#[component]
fn Known() -> impl IntoView {
    let auth = use_auth();
    let answer = use_user_info();
    let person = Memo::new(move |_| auth.state().with(|state| state.signed_in().cloned()));
    let info = move |read: fn(&wristband_spa_auth::UserInfo) -> Option<String>| {
        answer.with(|answer| match answer {
            Some(Ok(info)) => read(info),
            _ => None,
        })
    };
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "—".to_owned());
    let name = move || or_dash(info(|info| info.full_name().or_else(|| info.email()).map(str::to_owned)));
    let tenant = move || or_dash(person.with(|person| person.as_ref().and_then(status::tenant).map(str::to_owned)));
    let role = move || or_dash(info(|info| info.roles().next().map(|role| role.display_name.unwrap_or(role.name).to_owned())));
    view! {
        <dl class="known">
            <div><dt>"Who"</dt><dd>{name}</dd></div>
            <div><dt>"Tenant"</dt><dd>{tenant}</dd></div>
            <div><dt>"Role"</dt><dd>{role}</dd></div>
        </dl>
    }
}

/// A connection between two places, with what is sent over it.
#[component]
fn Link(
    name: &'static str,
    /// What is sent.
    words: &'static str,
    /// What comes back.
    back: &'static str,
    ways: &'static [Way],
    /// Whether a response is pending.
    active: Signal<bool>,
) -> impl IntoView {
    let hops = use_watch().hops();
    let mine = move || hops.with(|hops| hops.iter().copied().filter(|hop| ways.contains(&hop.way)).collect::<Vec<_>>());
    view! {
        <div class=["link ", name].concat()>
            <span class="there-words">{words}</span>
            <span class="wire" class:active=active aria-hidden="true">
                <For each=mine key=|hop| hop.id let:hop>
                    <span class="hop" class:one-way=hop.way == Way::Told class:refusal=hop.is_refusal></span>
                </For>
            </span>
            <span class="back-words">{back}</span>
        </div>
    }
}

fn title(home: Option<VaultKind>) -> &'static str {
    match home {
        Some(VaultKind::Page) => "Vault, in this page",
        Some(VaultKind::Shared) => "Vault, in a SharedWorker",
        Some(VaultKind::Worker) => "Vault, in a Worker",
        _ => "Vault",
    }
}

fn in_words(home: Option<VaultKind>) -> &'static str {
    match home {
        Some(VaultKind::Page) => {
            "In this page’s own memory, where every script that gets into the page could read them. With the vault’s files \
             beside the app they would be out of its reach."
        }
        Some(VaultKind::Shared) => {
            "In a worker of their own, which all tabs share. No script of this page can read its memory, and nothing is \
             written to the disk. The page asks, and is told the state."
        }
        Some(VaultKind::Worker) => {
            "In a worker of their own. No script of this page can read its memory, and nothing is written to the disk. \
             The page asks, and is told the state."
        }
        _ => "Finding out where they are kept.",
    }
}
