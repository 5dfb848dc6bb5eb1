//! The log: what happened, in plain words, newest first.

use leptos::prelude::*;

use crate::fold::Fold;
use crate::time::TimeOfDay;
use crate::watch::{Event, use_watch};

/// The region with the log. It is not a live region: reading every line aloud would be too much.
#[component]
pub(crate) fn Log() -> impl IntoView {
    let events = use_watch().events();
    let rows = Memo::new(move |_| events.with(std::collections::VecDeque::len));
    view! {
        <section class="card log" aria-labelledby="log">
            <Fold id="log" title="What happened">
                <p class="hint">"Every request that was made, and every change of the session. Newest first."</p>
                // The rows stay in place and only their content changes, so nothing jumps while the user reads.
                <ol class="events" tabindex="0" aria-label="Events, newest first">
                    <For each=move || 0..rows.get() key=|row| *row let:row>
                        <Row event=Memo::new(move |_| events.with(|events| events.get(row).cloned())) />
                    </For>
                </ol>
            </Fold>
        </section>
    }
}

#[component]
fn Row(event: Memo<Option<Event>>) -> impl IntoView {
    let kind = move || event.with(|event| event.as_ref().map(|event| event.kind.as_str()));
    let words = move || event.with(|event| event.as_ref().map(|event| event.words.clone()));
    let part = move |index: usize| {
        event.with(|event| event.as_ref().and_then(|event| event.request.as_ref()).map(|request| request[index].clone()))
    };
    let sent = move || event.with(|event| event.as_ref().map(|event| event.parameters.clone()));
    view! {
        <li data-kind=kind>
            {move || event.with(|event| event.as_ref().map(|event| view! { <TimeOfDay at=event.at /> }))}
            <p>{words}</p>
            <p class="request"><code>{move || part(0)}</code>" "<span>{move || part(1)}</span></p>
            <p class="sent">{sent}</p>
        </li>
    }
}
