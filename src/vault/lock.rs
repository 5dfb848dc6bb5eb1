//! Web Locks: how the two sides of a port find out that the other is gone.
//!
//! A worker is not told when a tab goes, nor a tab when its worker is killed. The browser lets go
//! of a lock in either case.

use js_sys::Promise;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::browser::global::{self, call, member};
use crate::browser::listening::Callback;

/// Waits until nobody holds this lock. One that cannot be asked for is held by nobody.
pub(super) async fn released(name: &str) {
    let nothing = Callback::new(|_| JsValue::UNDEFINED).into_js_value();
    if let Some(granted) = request(name, &nothing) {
        // Whether it was granted or refused, there is nothing left to wait for.
        let _ = JsFuture::from(granted).await;
    }
}

/// Takes a lock, and holds it for as long as this thread lives. `false` where there are none.
pub(super) async fn hold(name: &str) -> bool {
    let mut asked = false;
    let granted = Promise::new(&mut |granted, _| {
        let forever = Callback::new(move |_| {
            // Nobody can do anything about a lock that was granted and is not waited for.
            let _ = granted.call0(&JsValue::UNDEFINED);
            Promise::new(&mut |_, _| {}).into()
        });
        asked = request(name, &forever.into_js_value()).is_some();
    });
    asked && JsFuture::from(granted).await.is_ok()
}

/// `navigator.locks.request(name, callback)`. web-sys has it among its unstable interfaces.
fn request(name: &str, callback: &JsValue) -> Option<Promise> {
    let locks = member(&global::get::<JsValue>("navigator")?, "locks");
    call(&locks, "request", &[&name.into(), callback]).ok()?.dyn_into().ok()
}
