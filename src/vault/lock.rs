//! Web Locks: how the two sides of a port find out that the other is gone.
//!
//! A worker is not told when a tab goes, nor a tab when its worker is killed. The browser lets go
//! of a lock in either case.

use js_sys::{Function, Object, Promise};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::browser::global::{self, call, member, with};
use crate::browser::listening::Callback;

/// Waits until nobody holds this lock. `None` for one that cannot be asked for, which is held by nobody.
pub(super) fn released(name: &str) -> Option<JsFuture> {
    request(name, &Object::new(), &nothing()).map(JsFuture::from)
}

/// A lock that was asked for, and is let go of when this is dropped.
pub(super) struct Held(Function);

impl Drop for Held {
    fn drop(&mut self) {
        // What is resolved cannot fail.
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// Asks for a lock, and calls back when it is held. `None` where there are none.
pub(super) fn take(name: &str, held: impl Fn() + 'static) -> Option<Held> {
    let mut release = None;
    let released = Promise::new(&mut |resolve, _| release = Some(resolve));
    let granted = Callback::new(move |_| {
        held();
        released.clone().into()
    });
    // Refused or granted, it is waited for by whoever is called back.
    drop(request(name, &Object::new(), &granted.into_js_value())?);
    release.map(Held)
}

fn nothing() -> JsValue {
    Callback::new(|_| JsValue::UNDEFINED).into_js_value()
}

/// `navigator.locks.request(name, options, callback)`. web-sys has it among its unstable interfaces.
fn request(name: &str, options: &Object, callback: &JsValue) -> Option<Promise> {
    let locks = member(&global::get::<JsValue>("navigator")?, "locks");
    call(&locks, "request", with().text(name).value(options).value(callback)).ok().map(JsValue::unchecked_into)
}
