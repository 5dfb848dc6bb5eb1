//! Web Locks: how the two sides of a port find out that the other is gone.
//!
//! A worker is not told when a tab goes, nor a tab when its worker is killed. The browser lets go
//! of a lock in either case.

use core::time::Duration;
use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Object, Promise};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::browser::clock;
use crate::browser::global::{self, call, member, with};
use crate::browser::listening::Callback;
use crate::browser::oneshot;

/// Waits until a lock is released. `false` where the browser refuses to tell.
pub(super) async fn released(name: &str) -> bool {
    let Some(requested) = request(name, &Object::new(), &nothing()) else { return false };
    JsFuture::from(requested).await.is_ok()
}

/// A browser that has not answered a request for a free lock within this time has no locks.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Takes a lock for as long as this thread lives. `false` where there are no locks: browsers refuse
/// them where site data are blocked, and some never answer.
pub(super) async fn take(name: &str) -> bool {
    let (sender, granted) = oneshot::channel();
    let sender = Rc::new(Cell::new(Some(sender)));
    let waiting = Rc::clone(&sender);
    let grant = Callback::new(move |_| {
        if let Some(sender) = waiting.take() {
            sender.send(());
        }
        // The lock is held until this is settled.
        Promise::new(&mut |_, _| {}).into()
    });
    let Some(requested) = request(name, &Object::new(), &grant.into_js_value()) else { return false };
    let refuse = Callback::new(move |_| {
        // Dropped without having sent, it says that the lock was refused.
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
