//! The three tokens, drawn as objects in the place where they are kept.

use leptos::prelude::*;
use wristband_spa_auth::UserSession;
use wristband_spa_auth::leptos::use_auth;

use crate::time::{Clock, left, use_clock};

/// A kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Access,
    Id,
    Refresh,
}

/// The shelf with a place for each token. The places remain when the tokens are gone.
#[component]
pub(crate) fn Shelf() -> impl IntoView {
    view! {
        <ul class="shelf">
            <Place token=Token::Access name="Access token" icon=KEY />
            <Place token=Token::Refresh name="Refresh token" icon=ARROWS />
            <Place token=Token::Id name="ID token" icon=BADGE />
        </ul>
    }
}

const KEY: &str = "M8 16a4 4 0 1 1 0-8 4 4 0 0 1 0 8Zm4-4h9m-3 0v4m-3-4v3";
const ARROWS: &str = "M5 12a7 7 0 0 1 12-5l2 2m0-5v5h-5M19 12a7 7 0 0 1-12 5l-2-2m0 5v-5h5";
const BADGE: &str = "M4 6h16v12H4ZM9 13a2 2 0 1 0 0-4 2 2 0 0 0 0 4Zm-2.5 3a2.5 2 0 0 1 5 0M15 10h3m-3 4h3";

#[component]
fn Place(token: Token, name: &'static str, icon: &'static str) -> impl IntoView {
    let auth = use_auth();
    let clock = use_clock();
    let person = Memo::new(move |_| auth.state().with(|state| state.signed_in().cloned()));
    let is_there = Memo::new(move |_| person.with(|person| person.as_ref().is_some_and(|person| holds(token, person))));
    // Two names for one animation: a change of the name restarts it.
    let turn = move || person.with(|person| person.as_ref().map(|person| if person.renewals % 2 == 0 { "even" } else { "odd" }));
    let words = move || {
        person.with(|person| match person {
            Some(person) if is_there.get() => what_it_does(token, person, clock),
            Some(_) => "none was given".to_owned(),
            None => "none".to_owned(),
        })
    };
    view! {
        <li class="token" class:there=is_there data-turn=turn>
            <svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">
                <path d=icon />
            </svg>
            <strong>{name}</strong>
            <span>{words}</span>
        </li>
    }
}

/// Whether the session has this token. Only a session with a refresh token has a time of renewal.
fn holds(token: Token, person: &UserSession) -> bool {
    token != Token::Refresh || person.renews_at.is_some() || person.renewing
}

fn what_it_does(token: Token, person: &UserSession, clock: Clock) -> String {
    match token {
        Token::Access => match person.expires_at {
            Some(at) => left(at, clock.get()).map_or_else(|| "has ended".to_owned(), |left| ["for the API · ", &left].concat()),
            None => "for the API".to_owned(),
        },
        Token::Refresh => "for the next tokens".to_owned(),
        Token::Id => "says who you are".to_owned(),
    }
}
