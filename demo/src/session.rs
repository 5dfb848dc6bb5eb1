//! The session: when it started, when its token expires, and how its renewals go.

use leptos::prelude::*;
use wristband_spa_auth::UserSession as Person;
use wristband_spa_auth::leptos::use_auth;

use crate::button::ActionButton;
use crate::entries::{Entry, entry};
use crate::failure::sentence;
use crate::fold::Fold;
use crate::status::tenant;
use crate::time::{Moment, left, use_clock};
use crate::timeline::Timeline;

/// The region with the session.
#[component]
pub(crate) fn Session() -> impl IntoView {
    let auth = use_auth();
    let person = Memo::new(move |_| auth.state().with(|state| state.signed_in().cloned()));
    view! {
        <section class="card session" aria-labelledby="session">
            <div class="session-head">
                <h2 id="session">"Session"</h2>
                <p class="countdown">{countdown(person)}</p>
                <RenewNow />
            </div>
            <Timeline person />
            <Fold title="More of the session">{move || person.get().map(|person| view! { <Entries person /> })}</Fold>
        </section>
    }
}

#[component]
fn Entries(person: Person) -> impl IntoView {
    let renewed = match person.renewals {
        0 => "Not yet".to_owned(),
        1 => "Once".to_owned(),
        times => format!("{times} times"),
    };
    let tenant = tenant(&person).map(str::to_owned);
    let trouble = match person.renewal_error {
        Some(error) => [&sentence(&error), " It is tried again (", error.code().as_str(), ")."].concat(),
        None => "None".to_owned(),
    };
    view! {
        <dl class="facts">
            {entry("Tenant", tenant)}
            {entry("Identity provider", person.identity_provider_name)}
            {person.authenticated_at.map(|at| view! { <Entry name="Signed in at"><Moment at /></Entry> })}
            {person.expires_at.map(|at| view! { <Entry name="Access token expires"><Moment at /></Entry> })}
            <Entry name="Renewed">{renewed}</Entry>
            <Entry name="Scopes">{person.scope}</Entry>
            <Entry name="Trouble">{trouble}</Entry>
        </dl>
    }
}

/// The time until the tokens are renewed, updated every second. It is not a live region: reading it aloud would be too much.
fn countdown(person: Memo<Option<Person>>) -> impl Fn() -> String {
    let clock = use_clock();
    move || {
        let (renewing, renews_at) = person.with(|person| match person {
            Some(person) => (person.renewing, person.renews_at),
            None => (false, None),
        });
        match renews_at {
            _ if renewing => "Renewing…".to_owned(),
            Some(at) => left(at, clock.get())
                .map_or_else(|| "The renewal is due, and waits for its turn".to_owned(), |left| ["Renews in ", &left].concat()),
            None => "Not renewed by itself".to_owned(),
        }
    }
}

#[component]
fn RenewNow() -> impl IntoView {
    let auth = use_auth();
    let asked = RwSignal::new(false);
    let disabled = Signal::derive(move || {
        let renewing = auth.state().with(|state| state.signed_in().is_some_and(|person| person.renewing));
        renewing || (asked.get() && auth.busy().get())
    });
    let renew = move || {
        asked.set(true);
        auth.renew();
    };
    view! { <ActionButton label="Renew now" disabled on_press=renew /> }
}
