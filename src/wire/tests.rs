//! Both ends of a port, in a real browser.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::MessageChannel;

use super::{VERSION, decode, encode, message, vault_name};
use crate::browser::event_listener::EventListener;
use crate::browser::global::member;
use crate::browser::oneshot;
use crate::protocol::challenge::StepUp;
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error, OAuthError};
use crate::protocol::json::Value;
use crate::protocol::tenant::{Tenant, TenantCustomDomain, TenantName};
use crate::protocol::time::Timestamp;
use crate::server::{Ended, attach};
use crate::session::{Reason, State, UserSession};

wasm_bindgen_test_configure!(run_in_browser);

fn decoded(state: &State) -> State {
    decode::state_of(&encode::state(state, None))
}

fn signed_in() -> UserSession {
    let nested = [&b"["[..]; 100].concat();
    let nested = Value::parse(&[nested, [&b"]"[..]; 100].concat()].concat()).unwrap();
    UserSession {
        user_id: "ada".to_owned(),
        tenant: Tenant {
            name: Some(TenantName::parse("acme").unwrap()),
            custom_domain: Some(TenantCustomDomain::parse("login.acme.example", false).unwrap()),
        },
        tenant_id: Some("t1".to_owned()),
        identity_provider_name: Some("wristband".to_owned()),
        authenticated_at: Some(Timestamp::from_seconds(1_790_000_000)),
        scope: "openid email".to_owned(),
        expires_at: Some(Timestamp::from_millis(1_790_000_000_123)),
        acr: Some("urn:example:mfa".to_owned()),
        is_bound: true,
        renews_at: None,
        renewals: 7,
        renewing: true,
        renewal_error: Some(Error::with_detail(Code::Network, "the cable")),
        idle_logout_at: Some(Timestamp::from_millis(1_790_000_000_456)),
        claims: Value::object([("sub", "ada".into()), ("deep", nested), ("half", Value::Float(0.5)), ("n", Value::Integer(3))]),
        custom_state: Value::object([("cart", Value::Integer(7))]),
        clock_skew: -90,
        offline: true,
    }
}

#[wasm_bindgen_test]
fn every_state_is_decoded_as_it_was_encoded() {
    let plain = UserSession {
        tenant: Tenant::default(),
        tenant_id: None,
        acr: None,
        is_bound: false,
        identity_provider_name: None,
        authenticated_at: None,
        expires_at: None,
        renewing: false,
        renewal_error: None,
        clock_skew: 0,
        offline: false,
        ..signed_in()
    };
    for state in [
        State::Loading,
        State::SignedOut(Reason::Expired),
        State::SignedOut(Reason::NeverSignedIn),
        State::SignedOut(Reason::Idle),
        State::SignedOut(Reason::SignedOut),
        State::Failed(Code::StateUnknown.into()),
        State::SignedIn(signed_in().into()),
        State::SignedIn(plain.into()),
    ] {
        assert_eq!(decoded(&state), state);
    }
}

#[wasm_bindgen_test]
fn every_error_is_decoded_as_it_was_encoded() {
    for code in Code::ALL {
        let oauth = OAuthError::new("invalid_grant", Some("it is gone: (really)")).unwrap();
        let detailed = Error::with_detail(*code, "apis: (a detail): of its own");
        for error in [Error::new(*code), detailed, Error::with_oauth(*code, oauth)] {
            assert_eq!(decode::thrown(&encode::error(&error)), error);
        }
    }
    let needed = StepUp { acr_values: Some("urn:mfa urn:hwk".to_owned()), max_age: Some(0) };
    let error = Error::with_step_up(needed);
    assert_eq!(decode::thrown(&encode::error(&error)), error);
}

#[wasm_bindgen_test]
fn invalid_states_and_errors_are_refused() {
    for text in ["{}", r#"{"status":"signed-in"}"#, r#"{"status":"signed-out","reason":"bored"}"#, "null", "[]"] {
        let value = Value::parse(text.as_bytes()).unwrap();
        assert_eq!(decode::state(&value), None, "{text}");
        assert_eq!(decode::error(&value).code(), Code::VaultUnavailable, "{text}");
    }
}

#[wasm_bindgen_test]
fn a_message_is_not_parsed_for_a_detail() {
    for message in
        ["", "offline", "user: something else, and long enough to be cut in its middle (offline)", "user: The device is offline: x"]
    {
        let value = Value::object([("code", "offline".into()), ("message", message.into())]);
        assert_eq!(decode::error(&value), Code::Offline.into(), "{message}");
    }
}

/// The messages of a worker with this name to a page, and whether the worker has ended by then.
async fn called_by(name: &str) -> (Vec<String>, bool) {
    let channel = MessageChannel::new().unwrap();
    let (ended, heard) = (Rc::new(Cell::new(false)), Rc::new(RefCell::new(Vec::new())));
    let (sender, receiver) = oneshot::channel();
    let (listener, sender) = (Rc::clone(&heard), Cell::new(Some(sender)));
    let _listening = EventListener::new(&channel.port1(), "message", move |event| {
        listener.borrow_mut().push(member(&member(&event, "data"), "event").as_string().unwrap());
        if listener.borrow().len() == 2 {
            sender.take().unwrap().send(());
        }
    });
    channel.port1().start();
    let told = Rc::clone(&ended);
    attach(name, &channel.port2(), &(Rc::new(move || told.set(true)) as Ended));
    channel.port1().post_message(&message::event("hello")).unwrap();
    receiver.await.unwrap();
    (heard.take(), ended.get())
}

#[wasm_bindgen_test]
async fn a_page_of_another_version_is_not_served() {
    let config = Config::openid("https://provider.example", "versions", "https://app.example/callback").build().unwrap();
    let name = vault_name("vault.wasm", config.to_json());
    assert_eq!(called_by(&name).await, (vec!["ready".to_owned(), "welcome".to_owned()], false));
    let other = name.replacen(VERSION, "0.0.1", 1);
    assert_eq!(called_by(&other).await, (vec!["ready".to_owned(), "failed".to_owned()], true));
}
