//! User info: every claim, for the right user, with one retry after a refusal.

use std::collections::BTreeMap;

use crate::support::provider::HTML;
use crate::support::{Endpoint, Fault, World, seconds};
use serde_json::json;
use wristband_spa_auth::protocol::error::Code;

#[test]
fn every_claim_has_the_name_that_wristbands_sdks_use() {
    let mut world = World::new().signed_in();
    world.provider.user_info = json!({
        "sub": "user-1", "tnt_id": "tenant-acme", "app_id": "app-1", "idp_name": "google",
        "name": "Ada M. King", "given_name": "Ada", "family_name": "King", "middle_name": "M.", "nickname": "ada",
        "preferred_username": "countess", "picture": "https://img.example/ada", "gender": "female",
        "birthdate": "1815-12-10", "zoneinfo": "Europe/London", "locale": "en-GB", "updated_at": 1_700_000_000,
        "email": "ada@acme.example", "email_verified": true, "phone_number": "+441", "phone_number_verified": false,
        "roles": [
            {"id": "r1", "name": "app:invotastic:owner", "displayName": "Owner"},
            {"id": "r2", "name": "app:invotastic:viewer", "display_name": "Viewer"},
        ],
        "custom_claims": {"plan": "gold", "seats": 7, "gone": null},
    });
    let call_id = world.user_info();
    let info = world.user_info_of(call_id);
    let texts = [
        (info.application_id(), "app-1"),
        (info.birthdate(), "1815-12-10"),
        (info.display_name(), "countess"),
        (info.email(), "ada@acme.example"),
        (info.family_name(), "King"),
        (info.full_name(), "Ada M. King"),
        (info.gender(), "female"),
        (info.given_name(), "Ada"),
        (info.identity_provider_name(), "google"),
        (info.locale(), "en-GB"),
        (info.middle_name(), "M."),
        (info.nickname(), "ada"),
        (info.phone_number(), "+441"),
        (info.picture_url(), "https://img.example/ada"),
        (info.tenant_id(), "tenant-acme"),
        (info.time_zone(), "Europe/London"),
    ];
    for (value, expected) in texts {
        assert_eq!(value, Some(expected));
    }
    assert_eq!((info.email_verified(), info.phone_number_verified()), (Some(true), Some(false)));
    assert_eq!((info.user_id(), info.updated_at()), ("user-1", Some(1_700_000_000)));
    let roles: Vec<_> = info.roles().map(|role| (role.id, role.name, role.display_name)).collect();
    assert_eq!(
        roles,
        [(Some("r1"), "app:invotastic:owner", Some("Owner")), (Some("r2"), "app:invotastic:viewer", Some("Viewer")),]
    );
    let custom = info.custom_claims().unwrap();
    assert_eq!(custom.get("plan").unwrap().as_str(), Some("gold"));
    assert_eq!(custom.get("seats").unwrap().as_integer(), Some(7));
    assert!(info.has_role("app:invotastic:owner") && !info.has_role("app:invotastic") && !info.has_role("Owner"));
    assert_eq!(info.claims().get("locale").unwrap().as_str(), Some("en-GB"), "everything can be read as it came");
}

#[test]
fn custom_claims_deserialize_into_the_apps_type() {
    let mut world = World::new().signed_in();
    let mut read = |claims: serde_json::Value| {
        world.provider.user_info["custom_claims"] = claims;
        let call_id = world.user_info();
        world.user_info_of(call_id).custom_claims_as::<BTreeMap<String, u8>>()
    };
    assert_eq!(read(json!({"seats": 7})), Ok(BTreeMap::from([("seats".to_owned(), 7)])));
    assert_eq!(read(json!({})), Ok(BTreeMap::new()));
    assert_eq!(read(json!(null)), Ok(BTreeMap::new()), "no claims are no reason to fail");
    let error = read(json!({"seats": "a great many"})).unwrap_err();
    assert_eq!((error.code(), error.detail()), (Code::UserInfoInvalid, "custom_claims: seats: expected u8"));
}

#[test]
fn ungranted_claims_are_none() {
    let mut world = World::new().signed_in();
    world.provider.user_info["email"] = json!(null);
    world.provider.user_info["email_verified"] = json!("yes");
    world.provider.user_info["roles"] = json!([{"id": "without a name"}, "text"]);
    let call_id = world.user_info();
    let info = world.user_info_of(call_id);
    assert_eq!((info.email(), info.email_verified(), info.full_name(), info.roles().count()), (None, None, None, 0));
}

#[test]
fn the_request_carries_the_access_token_and_nothing_else() {
    let mut world = World::new().signed_in();
    let call_id = world.token();
    let token = world.token_of(call_id).0.to_owned();
    world.user_info();
    let sent = world.sent_to(Endpoint::UserInfo)[0];
    assert_eq!(sent.url, "https://app-org.us.wristband.dev/api/v1/oauth2/userinfo");
    assert_eq!((sent.method, sent.bearer.as_deref()), ("GET", Some(token.as_str())));
}

#[test]
fn a_refused_token_is_renewed_once_and_the_request_repeated() {
    let mut world = World::new().signed_in();
    world.provider.refuses_access_tokens();
    let call_id = world.user_info();
    assert_eq!(world.user_info_of(call_id).user_id(), "user-1");
    assert_eq!((world.sent_to(Endpoint::UserInfo).len(), world.renewals_sent()), (2, 1));
}

#[test]
fn many_refused_requests_share_one_renewal() {
    let mut world = World::new().signed_in();
    world.provider.refuses_access_tokens();
    world.hold(Endpoint::UserInfo);
    world.hold(Endpoint::Token);
    let asks = [world.user_info(), world.user_info(), world.user_info()];
    world.release(Endpoint::UserInfo);
    world.release(Endpoint::Token);
    assert!(asks.iter().all(|call_id| world.user_info_of(*call_id).user_id() == "user-1"));
    assert_eq!((world.sent_to(Endpoint::UserInfo).len(), world.renewals_sent()), (6, 1));
}

#[test]
fn a_second_refusal_is_final_and_ends_nothing() {
    let mut world = World::new().signed_in();
    world.provider.fails_often(Endpoint::UserInfo, Fault::Status(401, ""), 2);
    let call_id = world.user_info();
    assert_eq!(world.code(call_id), Code::ProviderRejected);
    assert_eq!((world.sent_to(Endpoint::UserInfo).len(), world.renewals_sent()), (2, 1));
    assert!(world.is_signed_in(), "law 3: a 401 is no proof");
}

#[test]
fn a_refused_request_whose_renewal_fails_reports_why() {
    let mut world = World::new().signed_in();
    world.provider.refuses_access_tokens();
    world.provider.fails(Endpoint::Token, Fault::Status(503, ""));
    let call_id = world.user_info();
    assert_eq!(world.code(call_id), Code::ProviderUnavailable);
    assert!(world.is_signed_in());
}

#[test]
fn each_failure_has_its_own_code() {
    for (fault, code) in [
        (Fault::Network, Code::Network),
        (Fault::Timeout, Code::Timeout),
        (Fault::Status(403, ""), Code::ProviderRejected),
        (Fault::Status(403, r#"{"type":"base_error","code":"forbidden","message":"No"}"#), Code::ProviderRejected),
        (Fault::Status(503, ""), Code::ProviderUnavailable),
        (HTML, Code::UserInfoInvalid),
        (Fault::Truncated, Code::UserInfoInvalid),
        (Fault::Status(200, ""), Code::UserInfoInvalid),
        (Fault::Status(200, "[]"), Code::UserInfoInvalid),
        (Fault::Status(200, "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJl"), Code::UserInfoInvalid),
        (Fault::Status(200, r#"{"sub":"user-1","sub":"user-2"}"#), Code::UserInfoInvalid),
    ] {
        let mut world = World::new().signed_in();
        world.provider.fails(Endpoint::UserInfo, fault.clone());
        let call_id = world.user_info();
        assert_eq!(world.code(call_id), code, "{fault:?}");
        assert_eq!(world.sent().len(), 1, "{fault:?}: nothing is tried again");
    }
}

#[test]
fn an_expired_token_is_renewed_before_it_is_sent() {
    let mut world = World::new().signed_in();
    world.go_offline();
    world.sleep(seconds(1801));
    world.hold(Endpoint::Token);
    world.go_online();
    let call_id = world.user_info();
    assert_eq!(world.sent_to(Endpoint::UserInfo).len(), 0);
    world.release(Endpoint::Token);
    assert_eq!(world.user_info_of(call_id).user_id(), "user-1");
}

#[test]
fn a_provider_without_user_info_has_its_own_error() {
    let mut world = World::open_id();
    world.provider.metadata.as_object_mut().unwrap().remove("userinfo_endpoint");
    let mut world = world.signed_in();
    let call_id = world.user_info();
    assert_eq!((world.code(call_id), world.error(call_id).detail()), (Code::MetadataInvalid, "userinfo_endpoint"));
}

#[test]
fn law_9_user_info_calls_in_a_loop_are_rate_limited() {
    let mut world = World::new().signed_in();
    let asks: Vec<_> = (0..100).map(|_| world.user_info()).collect();
    assert_eq!(world.sent().len(), 60, "what the session itself needs is counted apart");
    assert_eq!(world.code(asks[99]), Code::TooManyRequests);
}
