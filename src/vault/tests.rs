//! Both ends of a port, in a real browser.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::MessageChannel;

use super::connection::Connection;
use super::{Vault, message, seen, serve, show, told};
use crate::browser::global::member;
use crate::browser::listening::Listening;
use crate::browser::{oneshot, value};
use crate::protocol::config::Config;
use crate::protocol::error::{Code, Error, OAuthError};
use crate::protocol::json::Value;
use crate::protocol::tenant::{Tenant, TenantCustomDomain, TenantName};
use crate::protocol::time::Timestamp;
use crate::session::{Reason, SignedIn, State};

wasm_bindgen_test_configure!(run_in_browser);

fn seen(state: &State) -> Option<State> {
    seen::state(&value::read_whole(&show::state(state, None)).unwrap())
}

fn signed_in() -> SignedIn {
    let nested = [&b"["[..]; 100].concat();
    let nested = Value::parse(&[nested, [&b"]"[..]; 100].concat()].concat()).unwrap();
    SignedIn {
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
        renews_at: None,
        renewals: 7,
        renewing: true,
        trouble: Some(Error::with_detail(Code::Network, "the cable")),
        claims: Value::object([("sub", "ada".into()), ("deep", nested), ("half", Value::Float(0.5)), ("n", Value::Integer(3))]),
        clock_skew: -90,
        offline: true,
    }
}

#[wasm_bindgen_test]
fn every_state_is_seen_as_it_was_shown() {
    let plain = SignedIn {
        tenant: Tenant::default(),
        tenant_id: None,
        identity_provider_name: None,
        authenticated_at: None,
        expires_at: None,
        renewing: false,
        trouble: None,
        clock_skew: 0,
        offline: false,
        ..signed_in()
    };
    for state in [
        State::Loading,
        State::SignedOut(Reason::Expired),
        State::SignedOut(Reason::NeverSignedIn),
        State::SignedOut(Reason::SignedOut),
        State::Failed(Code::StateUnknown.into()),
        State::SignedIn(signed_in().into()),
        State::SignedIn(plain.into()),
    ] {
        assert_eq!(seen(&state), Some(state));
    }
}

#[wasm_bindgen_test]
fn every_error_is_seen_as_it_was_shown() {
    for code in Code::ALL {
        let oauth = OAuthError::new("invalid_grant", Some("it is gone: (really)")).unwrap();
        let detailed = Error::with_detail(*code, "apis: (a detail): of its own");
        for error in [Error::new(*code), detailed, Error::with_oauth(*code, oauth)] {
            assert_eq!(seen::error(&value::read_whole(&show::error(&error)).unwrap()), error);
        }
    }
}

#[wasm_bindgen_test]
fn what_is_no_state_and_no_error_is_not_taken_for_one() {
    for text in ["{}", r#"{"status":"signed-in"}"#, r#"{"status":"signed-out","reason":"bored"}"#, "null", "[]"] {
        let value = Value::parse(text.as_bytes()).unwrap();
        assert_eq!(seen::state(&value), None, "{text}");
        assert_eq!(seen::error(&value).code(), Code::VaultUnavailable, "{text}");
    }
}

#[wasm_bindgen_test]
fn what_is_no_sentence_of_an_error_has_no_detail() {
    for message in
        ["", "offline", "user: something else, and long enough to be cut in its middle (offline)", "user: The device is offline: x"]
    {
        let value = Value::object([("code", "offline".into()), ("message", message.into())]);
        assert_eq!(seen::error(&value), Code::Offline.into(), "{message}");
    }
}

#[wasm_bindgen_test]
fn a_worker_of_another_version_is_refused_by_name() {
    assert_eq!(told::fits(Some(env!("CARGO_PKG_VERSION"))), Ok(()));
    for version in [None, Some("0.0.1")] {
        let error = told::fits(version).unwrap_err();
        assert_eq!(error.code(), Code::VaultUnavailable);
        assert!(error.detail().contains(version.unwrap_or("none")), "{error}");
    }
}

/// What a worker says to a page that calls it by this name, and whether it has ended by then.
async fn called_by(name: &str) -> (Vec<String>, bool) {
    let channel = MessageChannel::new().unwrap();
    let (ended, heard) = (Rc::new(Cell::new(false)), Rc::new(RefCell::new(Vec::new())));
    let (sender, receiver) = oneshot::channel();
    let (listener, sender) = (Rc::clone(&heard), Cell::new(Some(sender)));
    let _listening = Listening::to(&channel.port1(), "message", move |event| {
        listener.borrow_mut().push(member(&member(&event, "data"), "tell").as_string().unwrap());
        if listener.borrow().len() == 2 {
            sender.take().unwrap().send(());
        }
    });
    channel.port1().start();
    let told = Rc::clone(&ended);
    serve::admit(name, &channel.port2(), &(Rc::new(move || told.set(true)) as serve::Ended));
    channel.port1().post_message(&message::tell("hello")).unwrap();
    receiver.await.unwrap();
    (heard.take(), ended.get())
}

#[wasm_bindgen_test]
async fn a_page_of_another_version_is_not_served() {
    let config = Config::builder("versions", "https://app.example/callback").issuer("https://provider.example").build().unwrap();
    let name = serve::name("vault.wasm", config.to_json());
    assert_eq!(called_by(&name).await, (vec!["here".to_owned(), "welcome".to_owned()], false));
    let other = name.replacen(serve::VERSION, "0.0.1", 1);
    assert_eq!(called_by(&other).await, (vec!["here".to_owned(), "failed".to_owned()], true));
}

#[wasm_bindgen_test]
fn replacing_the_address_tells_the_router_only_when_asked() {
    let config = Config::builder("router", "https://app.example/callback").issuer("https://provider.example").build().unwrap();
    let page = Connection::new(config, &Vault::page()).unwrap();
    let before = page.address();
    let heard = Rc::new(Cell::new(0));
    let listener = {
        let heard = Rc::clone(&heard);
        move |_| heard.set(heard.get() + 1)
    };
    let _listening = Listening::to(&web_sys::window().unwrap(), "popstate", listener);
    page.replace_address("/elsewhere?x=1", false);
    assert!(page.address().ends_with("/elsewhere?x=1"));
    assert_eq!(heard.get(), 0);
    page.replace_address(before.split_at(before.find("://").unwrap() + 3).1.split_once('/').map(|_| "/").unwrap(), true);
    assert_eq!(heard.get(), 1);
}
