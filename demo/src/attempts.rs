//! Attempts to break the session: what should happen, and then what did.

use js_sys::{Object, Reflect};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast as _;
use wristband_spa_auth::State;
use wristband_spa_auth::leptos::use_auth;

use crate::arrival::{self, Arrival, use_arrival};
use crate::button::ActionButton;
use crate::failure::sentence;
use crate::fold::{Fold, reveal};
use crate::inspect;
use crate::other_tab::{Report, use_other_tabs};
use crate::reach::Reach;
use crate::router::use_router;
use crate::watch::{Count, use_watch};

/// The outcome of an attempt, in words.
type Outcome = RwSignal<Option<String>>;

/// The region with all attempts.
#[component]
pub(crate) fn Attempts() -> impl IntoView {
    let said = RwSignal::new(String::new());
    view! {
        <section class="attempts" aria-labelledby="attempts">
            <Fold id="attempts" title="Try to break it">
                <p class="hint">"What comes of each attempt is told from what really happened, not from what should."</p>
                <div class="grid">
                    <Offline said />
                    <Expiry said />
                    <SecondTab said />
                    <Reload said />
                    <Forgery said />
                </div>
                <Reach />
            </Fold>
            // Screen readers read the outcome of the user's own action aloud.
            <p class="unseen" aria-live="polite">{said}</p>
        </section>
    }
}

/// One attempt.
#[component]
fn Attempt(
    id: &'static str,
    title: &'static str,
    expected: &'static str,
    outcome: Outcome,
    said: RwSignal<String>,
    /// Whether the attempt leaves the page, which then shows the outcome after the next load.
    #[prop(optional)]
    comes_back: bool,
    children: Children,
) -> impl IntoView {
    let card = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let Some(outcome) = outcome.get() else { return };
        said.set(outcome);
        if let Some(card) = card.get_untracked().filter(|_| comes_back) {
            reveal(&card);
        }
    });
    let words = move || outcome.get().unwrap_or_else(|| "Not tried yet.".to_owned());
    view! {
        <div class="attempt" role="group" aria-labelledby=id node_ref=card>
            <h3 id=id>{title}</h3>
            <p class="expected">{expected}</p>
            {children()}
            <p class="outcome" class:tried=move || outcome.with(Option::is_some)>{words}</p>
        </div>
    }
}

#[component]
fn Offline(said: RwSignal<String>) -> impl IntoView {
    let (auth, watch) = (use_auth(), use_watch());
    let outcome = Outcome::new(None);
    let offline = Memo::new(move |_| auth.state().with(|state| state.signed_in().is_some_and(|person| person.offline)));
    let since = StoredValue::new(Count::default());
    // The outcome comes from the session's state, not from what the button did.
    Effect::new(move |before: Option<bool>| {
        let is_offline = offline.get();
        match before {
            Some(false) if is_offline => {
                since.set_value(watch.count());
                outcome.set(Some("The session waits. Nobody was signed out, and nothing is asked of the provider.".to_owned()));
            }
            Some(true) if !is_offline => {
                let requests = requests(watch.count().all - since.get_value().all);
                outcome.set(Some(["Back online, and still signed in: ", &requests, " made meanwhile."].concat()));
            }
            _ => {}
        }
        is_offline
    });
    let toggle = move || pretend_online(offline.get_untracked());
    let label = Signal::derive(move || if offline.get() { "Back online" } else { "Go offline" });
    view! {
        <Attempt id="try-offline"
            title="A network that goes away" expected="The session waits. It signs nobody out, and sends nobody to a page that cannot be reached." outcome said>
            <ActionButton label disabled=false on_press=toggle />
        </Attempt>
    }
}

/// Makes the browser report that it is online or offline: in `navigator.onLine`, which the library
/// reads, and by the event of a change.
fn pretend_online(online: bool) {
    let property = Object::new();
    let _ = Reflect::set(&property, &"value".into(), &online.into());
    let _ = Reflect::set(&property, &"configurable".into(), &true.into());
    let navigator: Object = window().navigator().unchecked_into();
    Object::define_property(&navigator, &"onLine".into(), &property);
    if let Ok(event) = web_sys::Event::new(if online { "online" } else { "offline" }) {
        let _ = window().dispatch_event(&event);
    }
}

#[component]
fn Expiry(said: RwSignal<String>) -> impl IntoView {
    let (auth, watch) = (use_auth(), use_watch());
    let (outcome, under_way) = (Outcome::new(None), RwSignal::new(false));
    let expire = move || {
        under_way.set(true);
        let before = watch.count();
        spawn_local(async move {
            let words = match inspect::expire(auth).await {
                Ok(()) => {
                    let requests = requests(watch.count().token - before.token);
                    ["One renewal: ", &requests, " to the token endpoint. All tokens are new, and the session is the same."]
                        .concat()
                }
                Err(error) => [&sentence(&error), " The session goes on (", error.code().as_str(), ")."].concat(),
            };
            // The user may have gone to another page meanwhile.
            let _ = outcome.try_set(Some(words));
            let _ = under_way.try_set(false);
        });
    };
    view! {
        <Attempt id="try-expiry"
            title="A token that is refused" expected="The access token counts as refused, as after a 401. The vault renews it once, however many wait for it." outcome said>
            <ActionButton label="Expire now" disabled=under_way on_press=expire />
        </Attempt>
    }
}

#[component]
fn SecondTab(said: RwSignal<String>) -> impl IntoView {
    let router = use_router();
    let (outcome, waits) = (Outcome::new(None), RwSignal::new(false));
    let reports = use_other_tabs();
    Effect::new(move |_| {
        let Some(report) = reports.get() else { return };
        if waits.get_untracked() {
            waits.set(false);
            outcome.set(Some(of_second_tab(&report)));
        }
    });
    let open = move || {
        waits.set(true);
        outcome.set(Some("Waiting to hear from it.".to_owned()));
        if !matches!(window().open_with_url_and_target(&router.folder(), "_blank"), Ok(Some(_))) {
            waits.set(false);
            outcome.set(Some("The browser did not open it: it may block new windows here.".to_owned()));
        }
    };
    view! {
        <Attempt id="try-tab"
            title="A second tab" expected="It is signed in too, by the same vault where there is one. Two tabs never use the same refresh token." outcome said>
            <ActionButton label="Open a second tab" disabled=false on_press=open />
        </Attempt>
    }
}

fn of_second_tab(report: &Report) -> String {
    match (report.is_signed_in, report.token_requests) {
        (true, 0) => "The second tab says: signed in, without a request to the token endpoint. It has the same session.".to_owned(),
        (true, many) => {
            ["The second tab says: signed in, with a session of its own, by ", &requests(many), " to the token endpoint."].concat()
        }
        (false, _) => "The second tab says: signed out.".to_owned(),
    }
}

#[component]
fn Reload(said: RwSignal<String>) -> impl IntoView {
    let router = use_router();
    let outcome = arrived(Arrival::Reloaded, after_reload);
    let reload = move || arrival::reload(router);
    view! {
        <Attempt id="try-reload"
            title="A reload" expected="A vault outlives the page. Without one the memory is empty, and the provider is asked once, without a page that asks you." outcome said comes_back=true>
            <ActionButton label="Reload" disabled=false on_press=reload />
        </Attempt>
    }
}

fn after_reload(count: Count) -> String {
    match count.token {
        0 => "Still signed in, without a request to the token endpoint: the vault outlived the page.".to_owned(),
        many => {
            let requests = requests(many);
            ["The memory went with the page. The browser went to the provider and back: ", &requests, " to the token endpoint."]
                .concat()
        }
    }
}

#[component]
fn Forgery(said: RwSignal<String>) -> impl IntoView {
    let router = use_router();
    let outcome = arrived(Arrival::Forged, after_forgery);
    let forge = move || arrival::open_forged_callback(router);
    view! {
        <Attempt id="try-forgery"
            title="A forged callback" expected="A callback with a made-up code and state is refused. The code reaches no one, and your session goes on." outcome said comes_back=true>
            <ActionButton label="Forge a callback" disabled=false on_press=forge />
        </Attempt>
    }
}

fn after_forgery(count: Count) -> String {
    match count.token {
        0 => "Refused (state_unknown): no login here was begun with that state. The address bar is clean, the code was sent \
             nowhere, and the session lives on."
            .to_owned(),
        // This must not happen. If it does, the demo says so.
        many => ["The callback was refused, and yet there were ", &requests(many), " to the token endpoint."].concat(),
    }
}

/// The outcome of an attempt that left the page. Shown once the user is signed in again.
fn arrived(attempt: Arrival, words: fn(Count) -> String) -> Outcome {
    let (auth, watch, arrival) = (use_auth(), use_watch(), use_arrival());
    let outcome = Outcome::new(None);
    Effect::new(move |_| {
        let is_back = arrival.get() == Some(attempt) && auth.state().with(|state| matches!(state, State::SignedIn(_)));
        if is_back && outcome.with_untracked(Option::is_none) {
            outcome.set(Some(words(watch.count())));
        }
    });
    outcome
}

fn requests(count: u32) -> String {
    match count {
        0 => "no request".to_owned(),
        1 => "one request".to_owned(),
        many => format!("{many} requests"),
    }
}
