//! The options of a login and of a logout, as a page sends them to the vault.

use serde_json::{Map, Value as Json};
use url::Url;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::Input;
use wristband_spa_auth::{Error, Login, Logout, Value};

use crate::given::{APP, VANITY, wristband};
use crate::opinion::origin;
use crate::page::{ASK, Departure, Page, entropy};

pub fn check(data: &[u8]) {
    let Some(options) = Value::parse_object(data) else { return };
    let Ok(Json::Object(members)) = serde_json::from_slice(data) else { panic!("others read no object") };
    login(&options, &members);
    logout(&options, &members);
}

fn is_text(value: &Json) -> bool {
    value.is_string()
}

fn is_list_of_texts(value: &Json) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(is_text))
}

/// Whether these are parameters that the library does not send itself, and not too many.
fn are_parameters(members: &Map<String, Json>) -> bool {
    const OWN: [&str; 15] = [
        "client_id",
        "client_secret",
        "code_challenge",
        "code_challenge_method",
        "login_hint",
        "max_age",
        "nonce",
        "prompt",
        "redirect_uri",
        "request",
        "request_uri",
        "response_mode",
        "response_type",
        "scope",
        "state",
    ];
    let texts = |value: &Json| match value {
        Json::Array(items) => items.iter().filter_map(Json::as_str).map(str::len).collect(),
        value => Vec::from_iter(value.as_str().map(str::len)),
    };
    let length: usize = members.iter().flat_map(|(name, value)| texts(value).into_iter().map(|text| name.len() + text)).sum();
    let is_sign = |sign: char| sign.is_ascii_alphanumeric() || "-._".contains(sign);
    let fits = |(name, value): (&String, &Json)| {
        let is_name = !name.is_empty() && name.chars().all(is_sign);
        let is_own = OWN.contains(&name.to_ascii_lowercase().as_str());
        is_name && !is_own && (value.is_null() || is_text(value) || is_list_of_texts(value))
    };
    length <= 4000 && members.iter().all(fits)
}

/// Whether these are words of the standard, and `none` is alone.
fn is_prompt(text: &str) -> bool {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let known = |word: &&str| ["consent", "create", "login", "none", "select_account"].contains(word);
    words.iter().all(known) && (words.len() < 2 || !words.contains(&"none"))
}

/// Whether a login option may have this value.
fn is_of_login(name: &str, value: &Json) -> bool {
    match name {
        "audience" | "idpHint" | "loginHint" | "returnTo" | "tenantCustomDomain" | "tenantName" => is_text(value),
        "acrValues" | "resource" | "uiLocales" => is_text(value) || is_list_of_texts(value),
        "authorizationParams" => value.as_object().is_some_and(are_parameters),
        "automatic" | "keepInHistory" | "silent" => value.is_boolean(),
        "customState" => true,
        "maxAge" => value.as_f64().is_some_and(|number| number > -1.0 && number < 4_294_967_296.0),
        "prompt" => value.as_str().is_some_and(is_prompt),
        _ => false,
    }
}

fn is_of_logout(name: &str, value: &Json) -> bool {
    matches!(name, "returnTo" | "state" | "tenantCustomDomain" | "tenantName") && is_text(value)
}

/// Options are accepted if each is known and has an allowed value. `null` means that the option is not set.
fn expect_judged<T>(read: Result<T, Error>, members: &Map<String, Json>, is_known: fn(&str, &Json) -> bool) -> Option<T> {
    let known = members.iter().all(|(name, value)| value.is_null() || is_known(name, value));
    match read {
        Ok(options) => {
            assert!(known, "an option that is not known was accepted");
            Some(options)
        }
        Err(error) => {
            assert!(!known && error.code() == Code::ConfigInvalid, "{error}");
            None
        }
    }
}

fn login(options: &Value, members: &Map<String, Json>) {
    let Some(login) = expect_judged(Login::from_json(options), members, is_of_login) else { return };
    let (mut page, _) = Page::open(wristband(), APP);
    let departure = page.depart(Input::Login { call_id: ASK, login, entropy: entropy() });
    let text = |name| members.get(name).and_then(Json::as_str);
    expect_safe_departure(&departure, text("tenantName"), text("tenantCustomDomain"));
    // An international name that cannot be decoded leads nowhere.
    if departure.pending.is_some() && departure.place().is_some() {
        for (option, parameter) in [("loginHint", "login_hint"), ("idpHint", "idp_hint")] {
            assert_eq!(departure.sent(parameter).as_deref(), text(option), "another {parameter}");
        }
        let words: Vec<&str> = text("prompt").unwrap_or_default().split_ascii_whitespace().collect();
        let sent = departure.sent("prompt").unwrap_or_default();
        assert_eq!(sent.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>(), words, "another prompt");
    }
}

/// The browser goes to the application, to the tenant's own domain below the application's, or
/// to a custom domain that the application confirmed; and the user returns to the app.
pub(crate) fn expect_safe_departure(departure: &Departure, name: Option<&str>, domain: Option<&str>) {
    let Some(place) = departure.place() else { return };
    let host = place.host_str().unwrap_or_default();
    let same = |text: &str, asked: Option<&str>| asked.is_some_and(|asked| asked.trim_ascii().eq_ignore_ascii_case(text));
    assert_eq!((place.scheme(), place.port(), place.username()), ("https", None, ""));
    match (&departure.confirmed, host.strip_suffix(VANITY)) {
        (Some(confirmed), _) => assert!(host == confirmed && same(host, domain), "{host} was never confirmed"),
        (None, Some("")) => assert_eq!((place.path(), name), ("/login", None)),
        (None, Some(label)) => {
            assert!(same(label.strip_suffix('-').unwrap_or_default(), name) && !label.contains('.'), "the tenant chose {host}");
        }
        (None, None) => panic!("the browser was sent to {host}"),
    }
    if let Some(path) = departure.return_to() {
        let there = Url::parse(APP).and_then(|app| app.join(&path)).expect("a path leads somewhere");
        assert_eq!(origin(&there), APP, "{path} leads away");
    }
}

fn logout(options: &Value, members: &Map<String, Json>) {
    let Some(logout) = expect_judged(Logout::from_json(options), members, is_of_logout) else { return };
    let (mut page, _) = Page::open(wristband(), APP);
    let departure = page.depart(Input::Logout { call_id: ASK, logout });
    // An international name that cannot be decoded leads nowhere.
    let Some(place) = departure.place() else { return assert!(departure.error.is_some() || departure.url.is_some()) };
    if place.path() != "/api/v1/logout" {
        // Without a tenant there is no session to end.
        let to_app = origin(&place) == APP;
        return assert!(to_app || (place.host_str(), place.path()) == (Some(VANITY), "/login"), "the logout leads to {place}");
    }
    let text = |name| members.get(name).and_then(Json::as_str);
    expect_safe_departure(&departure, text("tenantName"), text("tenantCustomDomain"));
    assert_eq!(departure.sent("state").as_deref(), members.get("state").and_then(Json::as_str));
    if let Some(back) = departure.sent("redirect_url") {
        assert_eq!(origin(&Url::parse(&back).expect("an address")), APP, "the logout leads to {back}");
    }
}
