//! Searches for tokens in every place that a script of this page can read.

use js_sys::{Array, Function, JSON, JsString, Object, Promise, Reflect, RegExp, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::button::ActionButton;

/// What access tokens and ID tokens look like.
const JWT: &str = r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}";

const PLACES: [&str; 6] =
    ["localStorage", "sessionStorage", "Cookies", "IndexedDB", "Address, history, window.name", "This page’s wasm memory"];

/// What the search found in a place.
#[derive(Clone, Debug)]
struct Found {
    /// How much the place contains.
    held: String,
    tokens: u32,
}

/// The attempt, and what it found in each place.
#[component]
pub(crate) fn Reach() -> impl IntoView {
    let found = RwSignal::new(None::<Vec<Found>>);
    let under_way = RwSignal::new(false);
    let read = move || {
        under_way.set(true);
        spawn_local(async move {
            let all = search().await;
            let _ = found.try_set(Some(all));
            let _ = under_way.try_set(false);
        });
    };
    let tokens = move || found.with(|found| found.as_ref().map(|found| found.iter().map(|found| found.tokens).sum::<u32>()));
    let conclusion = move || match tokens() {
        None => "Not tried yet.".to_owned(),
        Some(0) => "Nothing was found. What this script cannot reach, a script of an attacker cannot reach either.".to_owned(),
        Some(many) => format!(
            "{many} in the shape of a token. The session runs in this page, whose memory every script can read: \
             that is why there is a vault."
        ),
    };
    let row = move |index: usize| found.with(|found| found.as_ref().and_then(|found| found.get(index).cloned()));
    view! {
        <div class="attempt reach" role="group" aria-labelledby="try-reach">
            <div class="reach-words">
                <h3 id="try-reach">"A script that looks for tokens"</h3>
                <p class="expected">"This page’s own script looks wherever a script can, for anything in the shape of an access token or an ID token."</p>
                <ActionButton label="Read the tokens" disabled=under_way on_press=read />
                <p class="outcome" class:tried=move || tokens().is_some() class:bad=move || tokens().is_some_and(|tokens| tokens > 0)>{conclusion}</p>
            </div>
            <table>
                <caption class="unseen">"Where a script can look"</caption>
                <thead><tr><th scope="col">"Place"</th><th scope="col">"Holds"</th><th scope="col">"Tokens"</th></tr></thead>
                <tbody>
                    {PLACES.into_iter().enumerate().map(|(index, place)| view! {
                        <tr>
                            <th scope="row">{place}</th>
                            <td>{move || row(index).map_or_else(|| "—".to_owned(), |found| found.held)}</td>
                            <td class:bad=move || row(index).is_some_and(|found| found.tokens > 0)>
                                {move || row(index).map_or_else(|| "—".to_owned(), |found| found.tokens.to_string())}
                            </td>
                        </tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

/// Searches all places, in the order of [`PLACES`].
async fn search() -> Vec<Found> {
    let window: JsValue = window().into();
    let document: JsValue = document().into();
    let cookies = text(&member(&document, "cookie"));
    let count = cookies.split(';').filter(|cookie| !cookie.trim().is_empty()).count();
    let (records, number) = databases().await;
    let address = [
        text(&member(&member(&window, "location"), "href")),
        json(&member(&member(&window, "history"), "state")),
        text(&member(&window, "name")),
    ];
    vec![
        storage(&member(&window, "localStorage")),
        storage(&member(&window, "sessionStorage")),
        Found { held: entries(count), tokens: tokens(&cookies) },
        Found { held: entries(number), tokens: tokens(&records) },
        Found {
            held: format!("{} characters", address.iter().map(|text| text.chars().count()).sum::<usize>()),
            tokens: tokens(&address.join("\n")),
        },
        memory(),
    ]
}

fn storage(storage: &JsValue) -> Found {
    let names = storage.dyn_ref::<Object>().map_or(0, |storage| Object::keys(storage).length());
    Found { held: entries(names as usize), tokens: tokens(&json(storage)) }
}

/// Searches every byte of this module's memory. Every module exports its memory.
fn memory() -> Found {
    let buffer = member(&wasm_bindgen::memory(), "buffer");
    let bytes = Uint8Array::new(&buffer);
    let held = format!("{} KB", bytes.length() / 1024);
    // As a JavaScript string: a copy in this module's memory would be found too.
    let decoder = web_sys::TextDecoder::new_with_label("latin1").map(JsValue::from).unwrap_or_default();
    let text = called(&decoder, "decode", &[bytes.into()]).unwrap_or_default();
    Found { held, tokens: tokens_in(&text) }
}

/// All records of all databases of this origin, as JSON, and how many there are.
async fn databases() -> (String, usize) {
    let factory = member(&window(), "indexedDB");
    let Some(list) = called(&factory, "databases", &[]).and_then(|list| list.dyn_into::<Promise>().ok()) else {
        return <_>::default();
    };
    let mut all = Vec::new();
    for database in Array::from(&JsFuture::from(list).await.unwrap_or_default()) {
        let Some(open) = called(&factory, "open", &[member(&database, "name")]) else { continue };
        let Some(database) = settled(open).await else { continue };
        let names = member(&database, "objectStoreNames");
        for name in Array::from(&names) {
            let store = called(&database, "transaction", std::slice::from_ref(&name))
                .and_then(|transaction| called(&transaction, "objectStore", &[name]));
            let Some(request) = store.and_then(|store| called(&store, "getAll", &[])) else { continue };
            all.extend(Array::from(&settled(request).await.unwrap_or_default()));
        }
        called(&database, "close", &[]);
    }
    (all.iter().map(json).collect(), all.len())
}

/// The result of a request to a database.
async fn settled(request: JsValue) -> Option<JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        for (name, heard) in [("onsuccess", resolve), ("onerror", reject)] {
            let _ = Reflect::set(&request, &name.into(), &heard);
        }
    });
    JsFuture::from(promise).await.ok()?;
    Some(member(&request, "result"))
}

fn tokens(text: &str) -> u32 {
    tokens_in(&text.into())
}

fn tokens_in(text: &JsValue) -> u32 {
    text.dyn_ref::<JsString>().and_then(|text| text.match_(&RegExp::new(JWT, "g"))).map_or(0, |found| Array::from(&found).length())
}

fn entries(count: usize) -> String {
    match count {
        1 => "1 entry".to_owned(),
        many => format!("{many} entries"),
    }
}

fn json(value: &JsValue) -> String {
    JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn text(value: &JsValue) -> String {
    value.as_string().unwrap_or_default()
}

fn member(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

fn called(of: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let function = member(of, name).dyn_into::<Function>().ok()?;
    Reflect::apply(&function, of, &arguments.iter().collect()).ok()
}
