//! The page that checks the set-up: of the browser, of this site, and of the provider.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wristband_spa_auth::{Finding, diagnose};

use crate::button::ActionButton;
use crate::settings::Settings;

/// The page.
#[component]
pub(crate) fn Check(settings: Settings) -> impl IntoView {
    let report = RwSignal::new(None);
    let running = RwSignal::new(false);
    let check = move || {
        running.set(true);
        let settings = settings.clone();
        spawn_local(async move {
            let found = diagnose(&settings.config, &settings.vault).await;
            // The user may have gone to another page meanwhile.
            let _ = report.try_set(Some(found));
            let _ = running.try_set(false);
        });
    };
    view! {
        <article class="about">
            <h2>"Check the set-up"</h2>
            <p class="lede">
                "The browser, the files of the vault, the provider, the API and the settings, each asked as a session would "
                "ask. No token is sent, and no login is started."
            </p>
            <ActionButton label="Check" disabled=running on_press=check />
            <p aria-live="polite">{move || report.with(|report| summary(report.as_deref(), running.get()))}</p>
            {move || report.get().map(|report| view! { <Findings report /> })}
        </article>
    }
}

/// What the checks came to, in a sentence.
fn summary(report: Option<&[Finding]>, running: bool) -> String {
    let Some(report) = report.filter(|_| !running) else {
        return if running { "Checking…" } else { "Not checked yet." }.to_owned();
    };
    let count = |ok| report.iter().filter(|finding| finding.ok == ok).count();
    format!("{} passed, {} failed, {} could not be made.", count(Some(true)), count(Some(false)), count(None))
}

/// The findings: what failed first, then what could not be checked, then the rest.
#[component]
fn Findings(report: Vec<Finding>) -> impl IntoView {
    let mut report = report;
    report.sort_by_key(|finding| match finding.ok {
        Some(false) => 0,
        None => 1,
        Some(true) => 2,
    });
    view! {
        <ul class="findings">
            {report.into_iter().map(|Finding { check, ok, cause, remedy, .. }| {
                let (class, word) = match ok {
                    Some(true) => ("passed", "Passed"),
                    Some(false) => ("failed", "Failed"),
                    None => ("open", "Open"),
                };
                view! {
                    <li class=class>
                        <p class="finding-head"><span class="verdict">{word}</span><code>{check}</code></p>
                        <p>{cause}</p>
                        {(!remedy.is_empty()).then(|| view! { <p class="remedy">{remedy}</p> })}
                    </li>
                }
            }).collect_view()}
        </ul>
    }
}
