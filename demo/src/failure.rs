//! An error, in words: what happened, who can resolve it, what to do.

use leptos::prelude::*;
use wristband_spa_auth::{Blame, Error};

use crate::entries::Entry;

/// Shows an error, and announces it to screen readers.
#[component]
pub(crate) fn Failure(
    /// The action that failed.
    title: &'static str,
    /// Why it failed.
    error: Error,
) -> impl IntoView {
    let detail = Some(error.detail().to_owned()).filter(|detail| !detail.is_empty());
    let said = error.oauth().map(ToString::to_string);
    let (owner, advice) = (owner(error.blame()), error.code().advice());
    view! {
        <div role="alert" class="failure">
            <p class="failure-title">{title} <code>{error.code().as_str()}</code></p>
            <p class="failure-sentence">{sentence(&error)}</p>
            <dl class="entries">
                {detail.map(|detail| view! { <Entry name="In detail">{detail}</Entry> })}
                {said.map(|said| view! { <Entry name="The provider says">{said}</Entry> })}
                <Entry name="Whose it is">{owner}</Entry>
                <Entry name="What to do">{advice}</Entry>
            </dl>
        </div>
    }
}

/// What happened, as a sentence.
pub(crate) fn sentence(error: &Error) -> String {
    let sentence = error.code().sentence();
    let mut rest = sentence.chars();
    let first = rest.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(rest).chain(['.']).collect()
}

fn owner(blame: Blame) -> &'static str {
    match blame {
        Blame::Caller => "The app’s, or its settings’",
        Blame::Network => "The network’s",
        Blame::Provider => "The provider’s",
        Blame::User => "The person’s, or their device’s",
        // Later versions of the library may have other values.
        _ => "Nobody’s that this demo knows",
    }
}
