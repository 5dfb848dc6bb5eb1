//! A call to an API: the library adds the access token, which the app never sees.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wristband_spa_auth::Error;
use wristband_spa_auth::leptos::{UseAuth, use_auth};

use crate::button::ActionButton;
use crate::entries::Entry;
use crate::failure::Failure;
use crate::watch::use_watch;

/// The API's response.
#[derive(Clone, Debug)]
struct Answer {
    body: String,
    is_success: bool,
    status: String,
}

/// The region that calls the API.
#[component]
pub(crate) fn Api(
    /// The URL to fetch. If there is none, the API cannot be called.
    url: Option<String>,
) -> impl IntoView {
    let auth = use_auth();
    let under_way = use_watch().calling;
    let outcome = RwSignal::new(None);
    let has_address = url.is_some();
    let address = url.clone().unwrap_or_else(|| "None is configured: name one in config.json".to_owned());
    let call = move || {
        let Some(url) = url.clone() else { return };
        under_way.set(true);
        outcome.set(None);
        spawn_local(async move {
            let answer = fetch(auth, &url).await;
            // The user may have gone to another page meanwhile.
            let _ = outcome.try_set(Some(answer));
            let _ = under_way.try_set(false);
        });
    };
    let disabled = Signal::derive(move || !has_address || under_way.get());
    view! {
        <section class="card api" aria-labelledby="api">
            <h2 id="api">"API"</h2>
            <p class="hint">"The session adds the access token, and sends it to the listed addresses alone. This page sees the answer."</p>
            <dl class="entries">
                <Entry name="Address"><code>{address}</code></Entry>
                <Entry name="Status">
                    <span aria-live="polite" class:bad=move || is_refusal(outcome)>{move || status(outcome, under_way)}</span>
                </Entry>
            </dl>
            <ActionButton label="Call API" disabled on_press=call />
            <div class="answer">
                {move || match outcome.get() {
                    None => view! { <p class="hint">"The answer will be here."</p> }.into_any(),
                    Some(Ok(answer)) => view! { <pre tabindex="0" role="region" aria-label="The API’s answer">{answer.body}</pre> }.into_any(),
                    Some(Err(error)) => view! { <Failure title="The call failed" error /> }.into_any(),
                }}
            </div>
        </section>
    }
}

type Outcome = RwSignal<Option<Result<Answer, Error>>>;

fn is_refusal(outcome: Outcome) -> bool {
    outcome.with(|outcome| matches!(outcome, Some(Ok(answer)) if !answer.is_success))
}

fn status(outcome: Outcome, under_way: RwSignal<bool>) -> String {
    outcome.with(|outcome| match outcome {
        Some(Ok(answer)) => answer.status.clone(),
        Some(Err(_)) => "Failed".to_owned(),
        None if under_way.get() => "Calling…".to_owned(),
        None => "Not called yet".to_owned(),
    })
}

async fn fetch(auth: UseAuth, url: &str) -> Result<Answer, Error> {
    let response = auth.get(url).await?;
    let status = format!("{} {}", response.status(), response.status_text()).trim_end().to_owned();
    let text = response.text().await?;
    Ok(Answer { body: readable(text), is_success: response.ok(), status })
}

/// Formats JSON with line breaks, and leaves any other body unchanged.
fn readable(text: String) -> String {
    let lines = js_sys::JSON::parse(&text)
        .and_then(|value| js_sys::JSON::stringify_with_replacer_and_space(&value, &JsValue::NULL, &2.into()))
        .ok()
        .and_then(|lines| lines.as_string());
    lines.unwrap_or(text)
}
