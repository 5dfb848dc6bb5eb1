//! What is stored in the origin, where every script can write: pending logins and the hint.

use url::Url;
use wristband_spa_auth::Value;
use wristband_spa_auth::session::{Effect, Input, PendingLogin, SessionHint};

use crate::given::{APP, CALLBACK, TIME, VANITY, now, wristband};
use crate::opinion::{origin, place};
use crate::page::Page;

pub fn check(data: &[u8]) {
    let Some(record) = Value::parse_object(data) else { return };
    hint(&record);
    pending(record);
}

/// A hint that was read can be written and read again; its tenant leads to no foreign host.
fn hint(record: &Value) {
    let hint = SessionHint::from_json(record, &wristband());
    let written = hint.to_json();
    assert_eq!(SessionHint::from_json(&written, &wristband()), hint);
    let text = |name| written.get(name).and_then(Value::as_str);
    if let Some(url) = text("tenantName").and_then(|name| place(&format!("https://{name}-{VANITY}/"))) {
        assert!(url.host_str().is_some_and(|host| host.ends_with(&format!("-{VANITY}"))), "{url}");
    }
    if let Some(domain) = text("tenantCustomDomain") {
        assert!(place(&format!("https://{domain}/")).is_none_or(|url| url.host_str() == Some(domain)), "{domain}");
    }
}

fn pending(record: Value) {
    let Some(pending) = PendingLogin::from_json(record.clone(), &wristband()) else { return };
    let written = pending.to_json();
    assert_eq!(PendingLogin::from_json(written.clone(), &wristband()).as_ref(), Some(&pending));
    for secret in ["nonce", "verifier"] {
        assert_eq!(written.get(secret), record.get(secret).filter(|value| value.as_str().is_some()));
    }
    assert!(!format!("{pending:?}").contains("CodeVerifier(\""), "a verifier is printed");
    if let Some(path) = written.get("returnTo").and_then(Value::as_str) {
        let there = Url::parse(APP).and_then(|app| app.join(path)).expect("a path leads somewhere");
        assert_eq!(origin(&there), APP, "{path} leads away");
    }
    used(pending, &written);
}

/// A record is used if it was written for these settings, less than an hour ago.
fn used(pending: PendingLogin, written: &Value) {
    let (mut page, effects) = Page::open(wristband(), &format!("{CALLBACK}?code=c&state=s"));
    let Some(Effect::ClaimPending { request, .. }) = effects.into_iter().find(|e| matches!(e, Effect::ClaimPending { .. })) else {
        panic!("a callback claims its record")
    };
    let expired = pending.has_expired(now());
    let effects = page.handle(Input::PendingClaimed { request, pending: Ok(Some(pending)) });
    let exchanges = effects.iter().any(|effect| matches!(effect, Effect::Fetch { .. }));
    let owner = wristband().digest();
    let own = written.get("owner").and_then(Value::as_str) == Some(&owner);
    let age = TIME.saturating_mul(1000).saturating_sub(written.get("createdAt").and_then(Value::as_integer).unwrap_or(0));
    assert_eq!(expired, !(-600_000..=3_600_000).contains(&age), "{age} ms old");
    assert_eq!(exchanges, own && !expired, "whose record it is, or how old");
}
