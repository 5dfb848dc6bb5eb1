//! Web Locks: how the two sides of a port find out that the other is gone.
//!
//! A worker gets no event when a tab closes, nor does a tab when its worker is killed. The browser releases the
//! lock in either case.

use core::time::Duration;
use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Object, Promise};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::browser::clock;
use crate::browser::event_listener::Callback;
use crate::browser::global::{self, call, member, with};
use crate::browser::oneshot;

/// Waits until a lock is released. `false` if the browser refuses the request.
pub(super) async fn released(name: &str) -> bool {
    let Some(requested) = request(name, &Object::new(), &nothing()) else { return false };
    JsFuture::from(requested).await.is_ok()
}

/// A browser that has not granted a free lock within this time counts as having no locks.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Takes a lock for as long as this thread lives. `false` if there are no locks: browsers refuse them if site
/// data is blocked, and some never answer.
pub(super) async fn take(name: &str) -> bool {
    let (sender, granted) = oneshot::channel();
    let sender = Rc::new(Cell::new(Some(sender)));
    let waiting = Rc::clone(&sender);
    let grant = Callback::new(move |_| {
        if let Some(sender) = waiting.take() {
            sender.send(());
        }
        // The lock is held until this promise settles, which it never does.
        Promise::new(&mut |_, _| {}).into()
    });
    let Some(requested) = request(name, &Object::new(), &grant.into_js_value()) else { return false };
    let refuse = Callback::new(move |_| {
        // Dropping the sender without sending reports that the lock was refused.
        sender.take();
        JsValue::UNDEFINED
    });
    let _ = call(&requested, "catch", with().value(&refuse.into_js_value()));
    matches!(clock::within(TIMEOUT, granted).await, Some(Ok(())))
}

fn nothing() -> JsValue {
    Callback::new(|_| JsValue::UNDEFINED).into_js_value()
}

/// `navigator.locks.request(name, options, callback)`. web-sys has it among its unstable interfaces.
fn request(name: &str, options: &Object, callback: &JsValue) -> Option<Promise> {
    let locks = member(&global::get::<JsValue>("navigator")?, "locks");
    call(&locks, "request", with().text(name).value(options).value(callback)).ok().map(JsValue::unchecked_into)
}
