//! A stand-in until the library has its feature `inspect`.

use core::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wristband_spa_auth::leptos::UseAuth;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    Page,
    #[allow(dead_code)]
    Shared,
    #[allow(dead_code)]
    Worker,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Purpose(&'static str);

impl Purpose {
    pub(crate) fn as_str(self) -> &'static str {
        self.0
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) purpose: Purpose,
    pub(crate) method: String,
    pub(crate) address: String,
    pub(crate) status: Option<u16>,
    pub(crate) duration: Duration,
}

pub(crate) fn home(auth: UseAuth) -> Signal<Option<Home>> {
    Signal::derive(move || {
        auth.state().with(|state| {
            (state.name() != "loading").then_some(if window().location().hash().is_ok_and(|hash| hash == "#shared") {
                Home::Shared
            } else {
                Home::Page
            })
        })
    })
}

pub(crate) fn listen(_auth: UseAuth, hear: impl Fn(&Exchange) + 'static) {
    let get = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into()).unwrap_or_default();
    let closure = Closure::<dyn FnMut(JsValue)>::new(move |list: JsValue| {
        let entries = get(&list, "getEntries").unchecked_into::<js_sys::Function>().call0(&list).unwrap_or_default();
        for entry in js_sys::Array::from(&entries).iter() {
            let name = get(&entry, "name").as_string().unwrap_or_default();
            let purpose = [
                ("/oauth2/token", "token"),
                ("/jwks", "keys"),
                ("/userinfo", "user-info"),
                ("/revoke", "revocation"),
                ("/v1/me", "api"),
            ];
            let Some((_, purpose)) = purpose.iter().find(|(path, _)| name.contains(path)) else { continue };
            hear(&Exchange {
                purpose: Purpose(purpose),
                method: if matches!(*purpose, "token" | "revocation") { "POST" } else { "GET" }.to_owned(),
                address: name.split('?').next().unwrap_or_default().to_owned(),
                status: get(&entry, "responseStatus").as_f64().map(|status| status as u16).filter(|status| *status > 0),
                duration: Duration::from_millis(get(&entry, "duration").as_f64().unwrap_or_default() as u64),
            });
        }
    });
    let make = get(&js_sys::global(), "PerformanceObserver").unchecked_into::<js_sys::Function>();
    let arguments = js_sys::Array::of1(&closure.into_js_value());
    if let Ok(observer) = js_sys::Reflect::construct(&make, &arguments) {
        let options = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&options, &"type".into(), &"resource".into());
        let _ = js_sys::Reflect::set(&options, &"buffered".into(), &true.into());
        let _ = get(&observer, "observe").unchecked_into::<js_sys::Function>().call1(&observer, &options);
    }
}

pub(crate) async fn expire(auth: UseAuth) -> Result<(), wristband_spa_auth::Error> {
    auth.renew();
    auth.user_info().await.map(drop)
}
