//! The lifetime of the tokens on a line, from issue to expiry.

use leptos::prelude::*;
use wristband_spa_auth::{Timestamp, UserSession};

use crate::time::{TimeOfDay, use_clock};
use crate::watch::use_watch;

/// The start and the end of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    start: Timestamp,
    end: Timestamp,
}

impl Span {
    /// From the earliest issue that is still of interest to the expiry of the current token.
    fn of(issues: &[Timestamp], end: Timestamp) -> Option<Self> {
        let lifetime = end.since(*issues.last()?);
        let earliest = end.minus(lifetime.saturating_mul(2));
        let start = *issues.iter().find(|at| **at >= earliest)?;
        (start < end).then_some(Self { start, end })
    }

    /// The position of a point, for CSS. Everything on the line is as wide as the line, and moved by a
    /// transform, which causes no layout shift.
    fn place(self, at: Timestamp) -> String {
        let whole = self.end.since(self.start).as_millis().max(1);
        let part = at.since(self.start).as_millis().min(whole);
        // Hundredths of a percent, in integers.
        let share = part * 10_000 / whole;
        format!("translateX({}.{:02}%)", share / 100, share % 100)
    }
}

/// The line. The list below it says the same, so screen readers skip the line.
#[component]
pub(crate) fn Timeline(person: Memo<Option<UserSession>>) -> impl IntoView {
    let (clock, issues) = (use_clock(), use_watch().issues());
    let ends = Memo::new(move |_| person.with(|person| person.as_ref().and_then(|person| person.expires_at)));
    let renews = Memo::new(move |_| person.with(|person| person.as_ref().and_then(|person| person.renews_at)));
    let span = Memo::new(move |_| issues.with(|issues| Span::of(issues, ends.get()?)));
    let place = move |at: Option<Timestamp>| span.get().zip(at).map(|(span, at)| span.place(at));
    let time = |at: Option<Timestamp>| at.map(|at| view! { <TimeOfDay at /> });
    let count = Memo::new(move |_| issues.with(Vec::len));
    let issue = move |index: usize| issues.with(|issues| issues.get(index).copied());
    // An issue before the start of the line is not on it.
    let is_on_line = move |index: usize| span.get().zip(issue(index)).is_some_and(|(span, at)| at >= span.start);
    view! {
        <div class="timeline" aria-hidden="true" class:unknown=move || span.get().is_none()>
            <div class="above">
                <span class="mark" style:transform=move || place(renews.get())>
                    <span class="label before">"next renewal "{move || time(renews.get())}</span>
                </span>
            </div>
            <div class="track">
                <span class="bar"><span class="ahead" style:transform=move || place(Some(clock.get()))></span></span>
                <For each=move || 0..count.get() key=|index| *index let:index>
                    <span class="mark issue" class:absent=move || !is_on_line(index) style:transform=move || place(issue(index))></span>
                </For>
                <span class="mark renewal" style:transform=move || place(renews.get())></span>
                <span class="mark now" style:transform=move || place(Some(clock.get()))></span>
            </div>
            <div class="below">
                <span>"issued "{move || time(span.get().map(|span| span.start))}</span>
                <span class="clock">"now "{move || time(Some(clock.get()))}</span>
                <span>"expires "{move || time(ends.get())}</span>
            </div>
        </div>
    }
}
