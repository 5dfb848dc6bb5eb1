//! A page with the Rust library. Tests use `window.auth`, as on the page with the npm package.

mod face;
mod shown;

use js_sys::{Array, Function, JSON, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use wristband_spa_auth::{Auth, Code, ConfigBuilder, Error, Value, VaultOptions, configure, diagnose};

use face::{closure, set};

fn main() {
    spawn_local(async {
        if let Err(error) = run().await {
            // The tests see every uncaught error.
            wasm_bindgen::throw_val(error);
        }
    });
}

async fn run() -> Result<(), JsValue> {
    let window = js_sys::global();
    let root = Reflect::get(&window, &"root".into())?.as_string().unwrap_or_default();
    let settings_url = [&root, "config.json"].concat();
    let response: web_sys::Response =
        JsFuture::from(call::<Promise>(&window, "fetch", &[settings_url.into()])?).await?.unchecked_into();
    let settings = JsFuture::from(response.json()?).await?;
    let starts = Reflect::get(&settings, &"starts".into())?.as_f64().unwrap_or(1.0) as u32;
    set(&window, "apiUrl", &Reflect::get(&settings, &"apiUrl".into())?);
    let (own, checked) = (settings.clone(), settings.clone());
    let start = closure(move |more, _| future_to_promise(begin(settings.clone(), more)).into());
    set(&window, "start", &start);
    let open_at_once = closure(move |more, _| match open(&own, &more) {
        Ok(auth) => face::of(auth),
        Err(error) => wasm_bindgen::throw_val(error),
    });
    set(&window, "openAtOnce", &open_at_once);
    set(&window, "diagnose", &closure(move |more, _| future_to_promise(report(checked.clone(), more)).into()));
    let started: Array = (0..starts).map(|_| start.call0(&JsValue::UNDEFINED)).collect::<Result<_, _>>()?;
    let started: Array = JsFuture::from(Promise::all(&started)).await?.unchecked_into();
    let statuses = Array::new();
    set(&window, "started", &started);
    set(&window, "statuses", &statuses);
    let listener = closure(move |state, _| {
        statuses.push(&Reflect::get(&state, &"status".into()).unwrap_or_default());
        JsValue::UNDEFINED
    });
    for auth in started.iter() {
        call::<Function>(&auth, "subscribe", &[listener.clone().into()])?;
    }
    set(&window, "auth", &started.get(0));
    Ok(())
}

/// What `createAuth` does, with the settings of the page and those that a test adds.
async fn begin(settings: JsValue, more: JsValue) -> Result<JsValue, JsValue> {
    let auth = match is_partial(&settings) || is_partial(&more) {
        true => open_configured(&settings, &more).await.map_err(|error| shown::error(&error))?,
        false => open(&settings, &more)?,
    };
    auth.ready().await.map(|()| face::of(auth)).map_err(|error| shown::error(&error))
}

/// Whether the Wristband application fills in the settings.
fn is_partial(settings: &JsValue) -> bool {
    plain(settings).get("configure").is_some()
}

async fn open_configured(settings: &JsValue, more: &JsValue) -> Result<Auth, Error> {
    let (settings, vault) = read(settings, more)?;
    let settings = configure(ConfigBuilder::from_json(&settings)?).await?;
    Auth::open(settings.build()?, vault)
}

/// What `openAuth` does.
fn open(settings: &JsValue, more: &JsValue) -> Result<Auth, JsValue> {
    let opened = read(settings, more).and_then(|(settings, vault)| {
        let config = ConfigBuilder::from_json(&settings).and_then(ConfigBuilder::build)?;
        Auth::open(config, vault)
    });
    opened.map_err(|error| shown::error(&error))
}

/// What `diagnose` does.
async fn report(settings: JsValue, more: JsValue) -> Result<JsValue, JsValue> {
    let (settings, vault) = read(&settings, &more).map_err(|error| shown::error(&error))?;
    let config = ConfigBuilder::from_json(&settings).and_then(ConfigBuilder::build).map_err(|error| shown::error(&error))?;
    Ok(diagnose(&config, &vault).await.iter().map(shown::finding).collect::<Array>().into())
}

fn read(settings: &JsValue, more: &JsValue) -> Result<(Value, VaultOptions), Error> {
    let mut all: Vec<(String, Value)> = Vec::new();
    for part in [settings, more].map(plain) {
        for (name, value) in part.members() {
            all.retain(|(other, _)| other != name);
            if name != "configure" {
                all.push((name.to_owned(), value.clone()));
            }
        }
    }
    let mut take = |name: &str| {
        let index = all.iter().position(|(other, _)| other == name)?;
        all.remove(index).1.as_str().map(str::to_owned)
    };
    // With the vault in the page a test can hold requests and set clocks; a worker's are out of its reach.
    let home = take("vault").unwrap_or_else(|| "page".to_owned());
    let mut vault = VaultOptions::named(&home).ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "vault"))?;
    match take("workerUrl").as_deref() {
        // The one that comes with the app.
        Some("") => {}
        address => vault = vault.worker_url(address.unwrap_or("/vault.js")),
    }
    if let Some(address) = take("wasmUrl") {
        vault = vault.wasm_url(address);
    }
    drop((take("apiUrl"), take("starts")));
    Ok((Value::Object(all), vault))
}

/// A JavaScript value as JSON.
fn plain(value: &JsValue) -> Value {
    let text = JSON::stringify(value).ok().and_then(|text| text.as_string());
    text.and_then(|text| Value::parse(text.as_bytes())).unwrap_or(Value::Null)
}

fn call<T: wasm_bindgen::JsCast>(object: &JsValue, method: &str, arguments: &[JsValue]) -> Result<T, JsValue> {
    let method: Function = Reflect::get(object, &method.into())?.unchecked_into();
    Ok(method.apply(object, &arguments.iter().collect())?.unchecked_into())
}
