//! The callback: the URL to which the provider redirects the browser.

use url::Url;
use wristband_spa_auth::protocol::http::{Body, Request};
use wristband_spa_auth::session::{Effect, Input, PendingLogin, State};
use wristband_spa_auth::{TenantName, Value};

use crate::given::{APP, CALLBACK, CLIENT, TIME, VANITY, wristband};
use crate::opinion::{expect_harmless, origin, parameters, values};
use crate::page::Page;

/// What has to be removed from the address bar.
const PARAMETERS: [&str; 10] = [
    "code",
    "state",
    "error",
    "error_description",
    "error_uri",
    "iss",
    "session_state",
    "tenant_name",
    "tenant_domain",
    "tenant_custom_domain",
];

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // Any query, and any URL.
    for address in [format!("{CALLBACK}?{text}"), text.into_owned()] {
        opened_at(&address);
    }
}

fn opened_at(address: &str) {
    let (mut page, effects) = Page::open(wristband(), address);
    let Some(clean) = shown(&effects) else {
        return assert!(effects.iter().all(is_harmless) && !is_callback(address), "a callback stays where it was: {address}");
    };
    let url = Url::parse(address).expect("what is a callback to us is an address to others");
    assert_eq!((origin(&url).as_str(), served(url.path())), (APP, "/callback"), "not the redirect URI");
    let sent = parameters(url.query().unwrap_or_default());
    expect_clean(clean, &sent, &url);
    let Some(Effect::ClaimPending { request, key }) = effects.iter().find(|effect| matches!(effect, Effect::ClaimPending { .. }))
    else {
        assert!(effects.iter().all(is_harmless), "a damaged callback makes a request");
        return expect_no_change(&page);
    };
    assert!(effects.iter().all(|effect| is_harmless(effect) || matches!(effect, Effect::ClaimPending { .. })));
    let state = key.as_str().strip_prefix(wristband().digest().as_str()).and_then(|key| key.strip_prefix('/'));
    assert_eq!(agreed(&values(&sent, "state")), Some(state), "another state");
    let effects = page.handle(Input::PendingClaimed { request: *request, pending: Ok(Some(pending())) });
    expect_outcome(&effects, &sent, &page);
    expect_no_second_use(address);
}

/// The path that the address bar shows afterwards. This effect comes before all others.
fn shown(effects: &[Effect]) -> Option<&str> {
    match effects.first() {
        Some(Effect::ReplaceAddress { path, .. }) => Some(path),
        _ => None,
    }
}

/// Whether the effect sends nothing and requests nothing.
fn is_harmless(effect: &Effect) -> bool {
    matches!(effect, Effect::Answer { .. } | Effect::ReplaceAddress { .. })
}

/// Whether a browser at exactly this URL came back from the provider.
fn is_callback(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let sent = parameters(url.query().unwrap_or_default());
    let answers = sent.iter().any(|(name, _)| name == "code" || name == "error");
    let names_a_login = sent.iter().any(|(name, value)| name == "state" && !value.is_empty());
    let is_there = url.as_str() == address && origin(&url) == APP && url.path() == "/callback" && url.username().is_empty();
    is_there && answers && names_a_login
}

fn expect_clean(clean: &str, sent: &[(String, String)], url: &Url) {
    assert!(clean.starts_with("/callback"), "{clean}");
    let there = Url::parse(&format!("{APP}{clean}")).expect("a path");
    assert_eq!((origin(&there).as_str(), there.fragment()), (APP, url.fragment()));
    let kept = parameters(there.query().unwrap_or_default());
    let expected: Vec<_> = sent.iter().filter(|(name, _)| !PARAMETERS.contains(&name.as_str())).cloned().collect();
    let is_text = |(name, value): &(String, String)| !name.contains('\u{fffd}') && !value.contains('\u{fffd}');
    // Parsers may differ on what is not UTF-8.
    if expected.iter().all(is_text) {
        assert_eq!(kept, expected, "parameters of the app's own");
    }
    let (_, effects) = Page::open(wristband(), &format!("{APP}{clean}"));
    assert_eq!(shown(&effects), None, "the cleaned address is a callback again");
}

/// The one value of a parameter, `Some(None)` if it is missing or empty, `None` if it is a duplicate.
fn agreed<'a>(values: &[&'a str]) -> Option<Option<&'a str>> {
    match values {
        [] => Some(None),
        [value] => Some(Some(*value).filter(|value| !value.is_empty())),
        _ => None,
    }
}

/// A login to the tenant "acme" that was started a moment ago.
fn pending() -> PendingLogin {
    let record = Value::object([
        ("createdAt", ((TIME - 10) * 1000).into()),
        ("nonce", "nonce".into()),
        ("owner", wristband().digest().as_str().into()),
        ("restoring", false.into()),
        ("tenantName", "acme".into()),
        ("verifier", "verifier".into()),
    ]);
    PendingLogin::from_json(record, &wristband()).expect("the record is right")
}

fn expect_outcome(effects: &[Effect], sent: &[(String, String)], page: &Page) {
    let one = |name| agreed(&values(sent, name)).expect("a parameter that is there twice is refused");
    let exchange = effects.iter().find_map(|effect| match effect {
        Effect::Fetch { what, .. } if what.body.is_some() => Some(what),
        _ => None,
    });
    let Some(exchange) = exchange else {
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Fetch { .. })), "a request without a code");
        return expect_failure(page);
    };
    assert_eq!(one("error"), None, "an error next to the code");
    assert!(one("iss").is_none_or(|issuer| issuer == format!("https://{VANITY}")), "another issuer");
    let tenant = one("tenant_name").or_else(|| one("tenant_domain"));
    assert!(tenant.is_none_or(|name| TenantName::parse(name).is_ok_and(|name| name.as_str() == "acme")), "another tenant");
    expect_exchange(exchange, one("code").expect("there is a code"));
}

fn expect_exchange(request: &Request, code: &str) {
    let Some(Body::Form(form)) = &request.body else { panic!("the code is not sent as a form") };
    let form = parameters(form.expose());
    assert_eq!(request.url, format!("https://{VANITY}/api/v1/oauth2/token"));
    let values = ["grant_type", "code", "redirect_uri", "code_verifier", "client_id"].map(|name| values(&form, name).concat());
    if !code.contains('\u{fffd}') {
        assert_eq!(values, ["authorization_code", code, CALLBACK, "verifier", CLIENT]);
    }
    assert_eq!(form.len(), values.len());
}

/// The callback belongs to no known login: the page is opened like any other.
fn expect_no_change(page: &Page) {
    assert!(matches!(page.state(), State::SignedOut(_)), "a stranger's callback changed the state");
}

/// The path without what static hosts add and remove.
fn served(path: &str) -> &str {
    let path = path.strip_suffix("/index.html").or_else(|| path.strip_suffix(".html")).unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path)
}

fn expect_failure(page: &Page) {
    let State::Failed(error) = page.state() else { panic!("no session, and no failure") };
    expect_harmless(&error);
}

/// Once claimed, the record is gone: the same URL leads to no second request.
fn expect_no_second_use(address: &str) {
    let (mut page, effects) = Page::open(wristband(), address);
    for effect in effects {
        let Effect::ClaimPending { request, .. } = effect else { continue };
        let effects = page.handle(Input::PendingClaimed { request, pending: Ok(None) });
        let uses_it = |effect: &Effect| matches!(effect, Effect::Fetch { what, .. } if what.url.ends_with("/token"));
        assert!(!effects.iter().any(uses_it), "a callback was used twice");
    }
}
