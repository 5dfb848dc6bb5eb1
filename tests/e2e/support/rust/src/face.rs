//! A session with the API of the npm package.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;
use wristband_spa_auth::{Auth, Error, Login, Logout, Subscription};

use crate::{plain, shown};

/// The object that tests call.
pub(crate) fn of(auth: Auth) -> JsValue {
    let face = Object::new();
    let state = Rc::new(RefCell::new(shown::state(&auth)));
    let (changing, holder) = (Rc::clone(&state), auth.clone());
    keep(auth.subscribe(move |_| drop(changing.replace(shown::state(&holder)))));
    let getter = Object::new();
    set(&getter, "get", &closure(move |_, _| state.borrow().clone()));
    Object::define_property(&face, &"state".into(), &getter);

    let (getter, holder) = (Object::new(), auth.clone());
    set(&getter, "get", &closure(move |_, _| holder.last_sign_in().as_ref().map_or(JsValue::NULL, shown::sign_in)));
    Object::define_property(&face, &"lastSignIn".into(), &getter);

    let subject = auth.clone();
    let subscribe = closure(move |listener, _| {
        let (listener, subject) = (listener.unchecked_into::<Function>(), subject.clone());
        let holder = subject.clone();
        let subscription = RefCell::new(Some(subject.subscribe(move |_| {
            drop(listener.call1(&JsValue::UNDEFINED, &shown::state(&holder)));
        })));
        closure(move |_, _| {
            drop(subscription.take());
            JsValue::UNDEFINED
        })
        .into()
    });
    set(&face, "subscribe", &subscribe);

    method(&face, &auth, "login", async |auth, options, _| auth.login(Login::from_json(&given(&options))?).await.map(nothing));
    method(&face, &auth, "loginFromUrl", async |auth, address, _| {
        auth.login_from_url(address.as_string().unwrap_or_else(here)).await.map(nothing)
    });
    method(&face, &auth, "logout", async |auth, options, _| {
        auth.logout(Logout::from_json(&given(&options))?).await.map(shown::logout)
    });
    method(&face, &auth, "stay", async |auth, _, _| auth.stay().await.map(nothing));
    method(&face, &auth, "renew", async |auth, _, _| auth.renew().await.map(nothing));
    method(&face, &auth, "userInfo", async |auth, _, _| auth.user_info().await.map(|user| shown::value(&user.to_json())));
    method(&face, &auth, "accessToken", async |auth, _, _| auth.access_token().await.map(|token| token.expose().into()));
    set(&face, "fetch", &fetch(auth.clone()));
    set(
        &face,
        "dispose",
        &closure(move |_, _| {
            auth.dispose();
            JsValue::UNDEFINED
        }),
    );
    face.into()
}

/// Arguments that are no request throw what the browser's own `fetch` throws.
fn fetch(auth: Auth) -> Function {
    closure(move |input, init| {
        let init = if init.is_undefined() { Object::new().into() } else { init };
        let request = Reflect::construct(&class("Request"), &js_sys::Array::of2(&input, &init)).map(JsCast::unchecked_into);
        let auth = auth.clone();
        future_to_promise(async move {
            let request: web_sys::Request = request?;
            let signal = request.signal();
            match auth.fetch(request).await {
                Ok(response) => Ok(web_sys::Response::from(response).into()),
                Err(_) if signal.aborted() => Err(signal.reason()),
                Err(error) => Err(shown::error(&error)),
            }
        })
        .into()
    })
}

pub(crate) fn class(name: &str) -> Function {
    Reflect::get(&js_sys::global(), &name.into()).unwrap_or_default().unchecked_into()
}

/// Listens for as long as the page is open.
fn keep(subscription: Subscription) {
    std::mem::forget(subscription);
}

fn method<F>(face: &Object, auth: &Auth, name: &str, work: impl Fn(Auth, JsValue, JsValue) -> F + 'static)
where
    F: Future<Output = Result<JsValue, Error>> + 'static,
{
    let auth = auth.clone();
    let method = closure(move |first, second| {
        let outcome = work(auth.clone(), first, second);
        future_to_promise(async move { outcome.await.map_err(|error| shown::error(&error)) }).into()
    });
    set(face, name, &method);
}

fn given(options: &JsValue) -> wristband_spa_auth::Value {
    if options.is_undefined() { wristband_spa_auth::Value::object([]) } else { plain(options) }
}

fn here() -> String {
    web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

fn nothing((): ()) -> JsValue {
    JsValue::UNDEFINED
}

pub(crate) fn closure(work: impl Fn(JsValue, JsValue) -> JsValue + 'static) -> Function {
    Closure::<dyn Fn(JsValue, JsValue) -> JsValue>::new(work).into_js_value().unchecked_into()
}

pub(crate) fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Setting a property of a new object cannot fail.
    let _ = Reflect::set(object, &name.into(), value);
}
