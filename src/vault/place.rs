//! A place where a vault runs, or can be started.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{MessageChannel, MessagePort};

use super::home::Home;
use crate::browser::global::{self, call, construct, member, object, set, with};
use crate::browser::listening::Callback;

/// A place that has been prepared for one vault.
pub(super) struct Place {
    home: Home,
    name: String,
    /// The address of the worker's script, as a page wants it that requires Trusted Types.
    script: JsValue,
    /// The worker of this tab alone.
    worker: Option<JsValue>,
}

impl Place {
    /// Prepares a place, which the browser may not have. The name is the whole configuration: a
    /// vault can be asked for under no other settings than those that it was started with.
    pub(super) fn prepare(home: Home, script: &str, name: &str) -> Result<Self, JsValue> {
        let script = if home == Home::Page { JsValue::NULL } else { trusted(script)? };
        let options = options(name);
        let worker = if home == Home::Worker { Some(construct("Worker", with().value(&script).value(&options))?) } else { None };
        // Without locks nobody would notice that the last tab is gone.
        if home == Home::Shared && global::get::<JsValue>("navigator").is_none_or(|it| member(&it, "locks").is_undefined()) {
            return Err(JsValue::NULL);
        }
        Ok(Self { home, name: name.to_owned(), script, worker })
    }

    /// Where this is.
    pub(super) fn home(&self) -> Home {
        self.home
    }

    /// Opens a port to the vault. `failed` is called when the browser cannot load it.
    pub(super) fn dial(&self, failed: &JsValue) -> Result<MessagePort, JsValue> {
        match self.home {
            Home::Page => channel(|port| self.connect(port)),
            Home::Shared => {
                let options = options(&self.name);
                set(&options, "extendedLifetime", &true.into());
                let worker = construct("SharedWorker", with().value(&self.script).value(&options))?;
                Reflect::set(&worker, &"onerror".into(), failed)?;
                member(&worker, "port").dyn_into()
            }
            Home::Worker => {
                let worker = self.worker.as_ref().ok_or(JsValue::NULL)?;
                Reflect::set(worker, &"onerror".into(), failed)?;
                channel(|port| call(worker, "postMessage", with().number(0.0).value(&Array::of1(&port))).map(drop))
            }
        }
    }

    #[cfg(feature = "page")]
    fn connect(&self, port: MessagePort) -> Result<(), JsValue> {
        super::serve::admit(&self.name, &port, &(std::rc::Rc::new(|| {}) as super::serve::Ended));
        Ok(())
    }

    /// This app was built without what a session in the page needs.
    #[cfg(not(feature = "page"))]
    fn connect(&self, _: MessagePort) -> Result<(), JsValue> {
        Err(JsValue::NULL)
    }
}

impl Drop for Place {
    /// Ends what this tab alone has started.
    fn drop(&mut self) {
        if let Some(worker) = &self.worker {
            let _ = call(worker, "terminate", with());
        }
    }
}

fn options(name: &str) -> Object {
    object(&[("name", &name.into()), ("type", &"module".into())])
}

/// Opens a channel, and hands its other end over.
fn channel(hand_over: impl FnOnce(MessagePort) -> Result<(), JsValue>) -> Result<MessagePort, JsValue> {
    let channel = MessageChannel::new()?;
    hand_over(channel.port2())?;
    Ok(channel.port1())
}

thread_local! {
    /// A page has one policy of this name.
    static POLICY: JsValue = policy().unwrap_or(JsValue::UNDEFINED);
}

fn policy() -> Option<JsValue> {
    let types = global::get::<JsValue>("trustedTypes")?;
    let same = Callback::new(|address| address).into_js_value();
    let rules = object(&[("createScriptURL", &same)]);
    call(&types, "createPolicy", with().text("wristband-spa-auth").value(&rules)).ok()
}

/// The address of a script, as a page wants it that requires Trusted Types.
fn trusted(address: &str) -> Result<JsValue, JsValue> {
    POLICY.with(
        |policy| {
            if policy.is_undefined() { Ok(address.into()) } else { call(policy, "createScriptURL", with().text(address)) }
        },
    )
}
