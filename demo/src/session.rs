//! The session: since when, until when, and how its renewal goes.

use core::time::Duration;

use leptos::prelude::*;
use wristband_spa_auth::SignedIn as Person;
use wristband_spa_auth::leptos::use_auth;

use crate::button::ActionButton;
use crate::entries::{Entry, entry};
use crate::failure::sentence;
use crate::status::tenant;
use crate::time::{Moment, minutes, now};

/// The region with the session.
#[component]
pub(crate) fn Session() -> impl IntoView {
    let auth = use_auth();
    let person = Memo::new(move |_| auth.state().with(|state| state.signed_in().cloned()));
    view! {
        <section class="card" aria-labelledby="session">
            <h2 id="session">"Session"</h2>
            <p class="countdown">{countdown(person)}</p>
            {move || person.get().map(|person| view! { <Entries person /> })}
            <RenewNow />
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
    let trouble = person.trouble.map(|error| [&sentence(&error), " It is tried again (", error.code().as_str(), ")."].concat());
    view! {
        <dl class="entries">
            {entry("Last renewal", trouble)}
            {entry("Tenant", tenant)}
            {entry("Identity provider", person.identity_provider_name)}
            {person.authenticated_at.map(|at| view! { <Entry name="Signed in at"><Moment at /></Entry> })}
            {person.expires_at.map(|at| view! { <Entry name="Access token expires"><Moment at /></Entry> })}
            <Entry name="Renewed">{renewed}</Entry>
            <Entry name="Scopes">{person.scope}</Entry>
        </dl>
    }
}

/// When the tokens will be renewed, told every second. It is no live region: nobody wants to hear that.
fn countdown(person: Memo<Option<Person>>) -> impl Fn() -> String {
    let (clock, set_clock) = signal(now());
    if let Ok(ticking) = set_interval_with_handle(move || set_clock.set(now()), Duration::from_secs(1)) {
        on_cleanup(move || ticking.clear());
    }
    move || {
        let clock = clock.get();
        let (renewing, renews_at) = person.with(|person| match person {
            Some(person) => (person.renewing, person.renews_at),
            None => (false, None),
        });
        match renews_at {
            _ if renewing => "Renewing…".to_owned(),
            // A second that has begun counts, so the last one shown is 00:01 and not 00:00.
            Some(at) if at > clock => format!("Renews in {}", minutes(at.since(clock).as_millis().div_ceil(1000) as u64)),
            Some(_) => "The renewal is due, and waits for its turn".to_owned(),
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
