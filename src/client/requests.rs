//! For demos and tests: the requests that a session made.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use wasm_bindgen::JsValue;

use crate::browser::event_listener::Callback;
use crate::browser::inspect::{Inspector, RequestLog};
use crate::wire::decode;

/// How many requests are kept: more than a start makes.
const MAX_KEPT: usize = 16;

/// The subscribers, and the requests made before the first one subscribed.
#[derive(Clone, Default)]
pub(super) struct Requests(Rc<RefCell<Heard>>);

#[derive(Default)]
struct Heard {
    inspectors: Vec<Inspector>,
    kept: Vec<RequestLog>,
}

impl Requests {
    /// The function that the page's client calls with each request.
    pub(super) fn listener(&self) -> JsValue {
        let requests = Rc::downgrade(&self.0);
        let listener = Callback::new(move |request| {
            let exchange = decode::value(&request).and_then(|request| RequestLog::from_json(&request));
            if let (Some(requests), Some(exchange)) = (requests.upgrade(), exchange) {
                Self(requests).hear(exchange);
            }
            JsValue::UNDEFINED
        });
        listener.into_js_value()
    }

    pub(super) fn subscribe(&self, inspector: impl Fn(&RequestLog) + 'static) -> RequestSubscription {
        let inspector: Inspector = Rc::new(inspector);
        let kept = {
            let mut heard = self.0.borrow_mut();
            heard.inspectors.push(Rc::clone(&inspector));
            core::mem::take(&mut heard.kept)
        };
        kept.iter().for_each(|exchange| inspector(exchange));
        RequestSubscription { heard: Rc::downgrade(&self.0), inspector }
    }

    fn hear(&self, exchange: RequestLog) {
        let inspectors = self.0.borrow().inspectors.clone();
        for inspector in &inspectors {
            inspector(&exchange);
        }
        let mut heard = self.0.borrow_mut();
        if inspectors.is_empty() && heard.kept.len() < MAX_KEPT {
            heard.kept.push(exchange);
        }
    }
}

/// Ends a subscription to requests when dropped.
#[must_use = "the subscription ends when this is dropped"]
pub struct RequestSubscription {
    heard: Weak<RefCell<Heard>>,
    inspector: Inspector,
}

impl Drop for RequestSubscription {
    fn drop(&mut self) {
        if let Some(heard) = self.heard.upgrade() {
            heard.borrow_mut().inspectors.retain(|other| !Rc::ptr_eq(other, &self.inspector));
        }
    }
}

impl std::fmt::Debug for RequestSubscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RequestSubscription")
    }
}
