//! What windows and workers have in common: the global scope, and calls to JavaScript.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A member of the global object. `None` if it is missing, `undefined` or `null`.
pub(crate) fn get<T: wasm_bindgen::JsCast>(name: &str) -> Option<T> {
    let value = member(&js_sys::global(), name);
    (!value.is_undefined() && !value.is_null()).then(|| value.unchecked_into())
}

/// A member of an object, or `undefined` if there is none.
pub(crate) fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Calls a method. One generic function makes smaller code than bindings for each method.
///
/// # Errors
/// What the method throws, or the member itself if it is not a function.
pub(crate) fn call(object: &JsValue, method: &str, arguments: Arguments) -> Result<JsValue, JsValue> {
    member(object, method).dyn_into::<Function>()?.apply(object, &arguments.0)
}

/// Calls a method, and awaits the promise that it returns. An exception counts as a rejected promise.
pub(crate) fn promised(object: &JsValue, method: &str, arguments: Arguments) -> JsFuture {
    let promise = call(object, method, arguments).map(JsValue::unchecked_into::<Promise>);
    JsFuture::from(promise.unwrap_or_else(|error| Promise::reject(&error)))
}

/// Posts a message to an object that has `postMessage`, and transfers the objects in the list.
pub(crate) fn post(to: &JsValue, message: &JsValue, transfer: Arguments) -> Result<(), JsValue> {
    call(to, "postMessage", with().value(message).value(&transfer.0)).map(drop)
}

/// Calls a constructor that not every browser has.
///
/// # Errors
/// What the constructor throws, or `null` if it is missing.
pub(crate) fn construct(class: &str, arguments: Arguments) -> Result<JsValue, JsValue> {
    Reflect::construct(&get::<Function>(class).ok_or(JsValue::NULL)?, &arguments.0)
}

/// The arguments of a call. Adding one after the other makes smaller code than storing them all first.
#[derive(Clone)]
pub(crate) struct Arguments(Array);

/// An empty list of arguments.
pub(crate) fn with() -> Arguments {
    Arguments(Array::new())
}

impl Arguments {
    pub(crate) fn value(self, value: &JsValue) -> Self {
        self.0.push(value);
        self
    }

    pub(crate) fn flag(self, flag: bool) -> Self {
        self.value(&JsValue::from_bool(flag))
    }

    pub(crate) fn number(self, number: f64) -> Self {
        self.value(&JsValue::from_f64(number))
    }

    #[inline(never)]
    pub(crate) fn text(self, text: &str) -> Self {
        self.value(&JsValue::from_str(text))
    }
}

/// A JavaScript object with these members.
pub(crate) fn object(members: &[(&str, &JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        set(&object, name, value);
    }
    object
}

/// Builds an object by adding one member after the other.
pub(crate) trait Members: Sized {
    fn value(self, name: &str, value: &JsValue) -> Self;
    fn flag(self, name: &str, flag: bool) -> Self;
    /// `None` becomes `null`.
    fn text<'a>(self, name: &str, text: impl Into<Option<&'a str>>) -> Self;
}

impl Members for Object {
    fn value(self, name: &str, value: &JsValue) -> Self {
        set(&self, name, value);
        self
    }

    fn flag(self, name: &str, flag: bool) -> Self {
        self.value(name, &JsValue::from_bool(flag))
    }

    fn text<'a>(self, name: &str, text: impl Into<Option<&'a str>>) -> Self {
        set_text(&self, name, text.into());
        self
    }
}

/// A JavaScript object or array from a JSON string, which is smaller than a call for each member.
pub(super) fn json(text: &'static str) -> Object {
    js_sys::JSON::parse(text).unwrap_or_default().unchecked_into()
}

/// Whether the device has a network, as far as the browser knows.
pub(super) fn is_online() -> bool {
    get::<JsValue>("navigator").and_then(|navigator| member(&navigator, "onLine").as_bool()).unwrap_or(true)
}

/// Whether this thread is a shared worker, which outlives the pages that it serves.
pub(crate) fn is_shared_worker() -> bool {
    get::<JsValue>("SharedWorkerGlobalScope").is_some()
}

/// Sets a member to a string, or to `null`.
#[inline(never)]
pub(crate) fn set_text(object: &Object, name: &str, text: Option<&str>) {
    set(object, name, &text.map_or(JsValue::NULL, JsValue::from_str));
}

/// Sets a member of an object that was just made, which cannot fail.
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}
