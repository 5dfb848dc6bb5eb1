//! What other providers need: parameters, metadata that differs, logouts, and a token for each API.

use crate::support::{APP, Draft, Endpoint, Event, Fault, World, open_id, seconds, wristband};
use serde_json::json;
use wristband_spa_auth::protocol::authorize::Prompt;
use wristband_spa_auth::protocol::config::{Api, Config, ConfigBuilder};
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::json::Value;
use wristband_spa_auth::session::{Answer, CallId, Input, Login, Logout, Reason, State};

const TWO: &str = "https://two.example/";
const THREE: &str = "https://three.example/";

fn value(json: &serde_json::Value) -> Value {
    Value::parse(json.to_string().as_bytes()).unwrap()
}

/// The user has logged in. Returns the world, right before the browser comes back.
fn at_the_provider(settings: ConfigBuilder, login: Login) -> World {
    let mut world = World::with(settings);
    world.open(APP);
    world.login(login);
    world
}

// Parameters.

#[test]
fn parameters_of_the_settings_are_sent_with_every_authorization_request_and_those_of_a_login_replace_them() {
    let settings = || {
        open_id()
            .audience("https://api.example/")
            .authorization_params(value(&json!({"organization": "acme", "connection": "corporate"})))
    };
    let login = Login::new().audience("https://other.example/").acr_values(["urn:loa:2", "urn:loa:1"]).ui_locales(["de", "en"]);
    let login = login.authorization_params(value(&json!({"connection": "guests"}))).unwrap();
    let sent = at_the_provider(settings(), login).last_navigation();
    for (name, expected) in [
        ("organization", "acme"),
        ("connection", "guests"),
        ("audience", "https://other.example/"),
        ("acr_values", "urn:loa:2 urn:loa:1"),
        ("ui_locales", "de en"),
    ] {
        assert_eq!(sent.need(name), expected);
    }
    let mut world = World::with(settings()).signed_in();
    world.reload(APP);
    let restoring = world.last_navigation();
    assert_eq!((restoring.need("prompt"), restoring.need("audience")), ("none", "https://api.example/"));
    assert_eq!(restoring.need("connection"), "corporate", "a restore asks for the same");
}

#[test]
fn a_login_that_starts_again_keeps_its_parameters() {
    let mut world = at_the_provider(open_id(), Login::new().acr_values(["urn:loa:2"]));
    world.provider.fails(Endpoint::Token, Fault::Status(400, r#"{"error":"invalid_grant"}"#));
    world.come_back();
    assert_eq!(world.navigations().len(), 2);
    assert_eq!(world.last_navigation().need("acr_values"), "urn:loa:2");
}

#[test]
fn token_parameters_are_sent_with_the_code_and_with_every_renewal() {
    let settings = open_id().resource([TWO]).token_params(value(&json!({"brand": "acme"})));
    let mut world = at_the_provider(settings, Login::new());
    assert_eq!(world.last_navigation().need("resource"), TWO);
    world.come_back();
    world.renew();
    let sent = world.sent_to(Endpoint::Token);
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|sent| sent.field("resource") == Some(TWO) && sent.field("brand") == Some("acme")));
}

#[test]
fn what_the_library_sends_itself_is_refused_by_name() {
    assert!(Login::new().authorization_params(value(&json!({"dpop_jkt": "mine"}))).is_err());
    for name in ["response_type", "state", "nonce", "code_challenge", "redirect_uri", "scope", "prompt", "response_mode", "request"]
    {
        let params = value(&json!({name: "x"}));
        let error = open_id().authorization_params(params.clone()).build().unwrap_err();
        assert_eq!(error.code(), Code::ConfigInvalid);
        assert!(error.detail().starts_with(&format!("authorizationParams: {name}")), "{error}");
        assert!(Login::new().authorization_params(params).is_err());
    }
    for name in ["grant_type", "client_secret", "refresh_token", "code_verifier"] {
        assert!(open_id().token_params(value(&json!({name: "x"}))).build().is_err(), "{name}");
    }
}

#[test]
fn prompt_is_any_list_of_the_standards_words() {
    let login = Login::new().prompt(Prompt::Consent).prompt(Prompt::SelectAccount);
    assert_eq!(at_the_provider(open_id(), login).last_navigation().need("prompt"), "consent select_account");
    for (words, is_accepted) in [
        ("login", true),
        ("login consent", true),
        ("create", true),
        ("none", true),
        ("none login", false),
        ("page", false),
        ("Login", false),
    ] {
        assert_eq!(Login::from_json(&value(&json!({"prompt": words}))).is_ok(), is_accepted, "{words}");
    }
    let mut world = World::open_id();
    world.open(APP);
    let call_id = world.login(Login::new().prompt(Prompt::None).prompt(Prompt::Login));
    assert_eq!(world.code(call_id), Code::ConfigInvalid);
}

// Metadata.

#[test]
fn metadata_can_be_somewhere_else_but_its_issuer_is_the_configured_one() {
    let settings = open_id().discovery_url("https://elsewhere.example/metadata?policy=sign-in");
    let mut world = at_the_provider(settings.clone(), Login::new());
    assert_eq!(world.sent_to(Endpoint::Metadata)[0].url, "https://elsewhere.example/metadata?policy=sign-in");
    world.come_back();
    assert!(world.is_signed_in());

    let mut world = World::with(settings);
    world.provider.metadata["issuer"] = json!("https://evil.example");
    world.open(APP);
    let call_id = world.login(Login::new());
    let detail = world.error(call_id).detail();
    assert_eq!(world.code(call_id), Code::MetadataInvalid);
    assert!(detail.contains("found https://evil.example, expected https://id.example/realm"), "{detail}");
}

#[test]
fn written_metadata_replaces_single_members_or_all_of_it() {
    let single = open_id().metadata(value(&json!({"userinfo_endpoint": "https://id.example/realm/other-userinfo"})));
    let mut world = World::with(single).signed_in();
    world.user_info();
    assert_eq!(world.sent().last().unwrap().url, "https://id.example/realm/other-userinfo");

    let whole = json!({
        "authorization_endpoint": "https://id.example/realm/authorize", "jwks_uri": "https://id.example/realm/keys",
        "token_endpoint": "https://id.example/realm/token",
    });
    let mut world = at_the_provider(open_id().metadata(value(&whole)), Login::new());
    world.come_back();
    assert!(world.is_signed_in());
    assert_eq!(world.sent_to(Endpoint::Metadata).len(), 0, "nothing is fetched that is known");
}

#[test]
fn written_metadata_is_checked_at_the_start() {
    let error = open_id().metadata(value(&json!({"token_endpoint": "http://id.example/token"}))).build().unwrap_err();
    assert_eq!((error.code(), error.detail()), (Code::ConfigInvalid, "metadata: token_endpoint: not an absolute https address"));
}

#[test]
fn law_5_an_issuer_for_each_tenant_is_that_of_the_tokens_own_tenant() {
    let template = "https://login.example/{tenantid}/v2.0";
    let ours = "https://login.example/9188040d-6c67/v2.0";
    let came_back = |iss: &'static str, tid: serde_json::Value| {
        let mut world = World::with(open_id().issuer(template).discovery_url("https://login.example/common/v2.0/metadata"));
        world.provider.metadata["issuer"] = json!(template);
        world.provider.callback_parameters.push(("iss", Some(ours.into())));
        world.provider.lies(move |draft| {
            draft.claim("iss", iss);
            draft.claim("tid", tid.clone());
        });
        world.open(APP);
        world.login(Login::new());
        let call_id = world.come_back();
        world.answer(call_id).as_ref().map(drop).map_err(|error| error.code())
    };
    assert_eq!(came_back(ours, json!("9188040d-6c67")), Ok(()));
    for (iss, tid) in [
        (ours, json!("another")),
        (ours, json!(null)),
        (ours, json!(7)),
        ("https://login.example//v2.0", json!("")),
        ("https://login.example/a/b/v2.0", json!("a/b")),
        ("https://login.example/{tenantid}/v2.0", json!("{tenantid}")),
        ("https://evil.example/9188040d-6c67/v2.0", json!("9188040d-6c67")),
        ("https://login.example/9188040d-6c67/v1.0", json!("9188040d-6c67")),
    ] {
        assert_eq!(came_back(iss, tid.clone()), Err(Code::IdTokenIssuer), "{iss} {tid}");
    }
    for issuer in ["https://{tenantid}.example/", "https://login.example/?t={tenantid}"] {
        assert!(open_id().issuer(issuer).build().is_err(), "{issuer}");
    }
}

#[test]
fn law_13_a_renewal_for_another_tenant_of_the_issuer_ends_the_session() {
    let template = "https://login.example/{tenantid}/v2.0";
    let mut world = World::with(open_id().issuer(template).discovery_url("https://login.example/common/v2.0/metadata"));
    world.provider.metadata["issuer"] = json!(template);
    world.provider.callback_parameters.push(("iss", Some("https://login.example/ours/v2.0".into())));
    let issued_by = |tid: &'static str| {
        move |draft: &mut Draft| {
            draft.claim("iss", ["https://login.example/", tid, "/v2.0"].concat());
            draft.claim("tid", tid);
        }
    };
    world.provider.lies(issued_by("ours"));
    let mut world = world.signed_in();
    world.renew();
    assert!(world.is_signed_in());
    world.provider.lies(issued_by("another"));
    let call_id = world.renew();
    assert_eq!(world.code(call_id), Code::SubjectChanged);
    assert!(!world.is_signed_in());
}

#[test]
fn law_4_metadata_cannot_set_what_the_library_sends() {
    for query in
        ["state=x", "redirect_uri=https%3A%2F%2Fevil.example", "a=b&Response_Mode=fragment", "request_uri=x", "prompt=none"]
    {
        let mut world = World::open_id();
        let endpoint = format!("{}/authorize?{query}", world.provider.issuer());
        world.provider.metadata["authorization_endpoint"] = json!(endpoint);
        world.open(APP);
        let call_id = world.login(Login::new());
        assert_eq!(world.code(call_id), Code::MetadataInvalid, "{query}");
    }
    for name in ["", "STATE", "Redirect_Uri", "state[]", " state", "state\0", "idp hint"] {
        let params = json!({ name: "x" });
        let read = open_id().authorization_params(value(&params)).build();
        assert_eq!(read.map(drop).map_err(|error| error.code()), Err(Code::ConfigInvalid), "{name:?}");
    }
}

#[test]
fn law_4_the_app_cannot_waive_the_issuer_of_callbacks() {
    let mut world = World::with(open_id().metadata(value(&json!({ "authorization_response_iss_parameter_supported": false }))));
    world.provider.metadata["authorization_response_iss_parameter_supported"] = json!(true);
    world.provider.callback_parameters.push(("iss", None));
    world.open(APP);
    world.login(Login::new());
    let call_id = world.come_back();
    assert_eq!(world.code(call_id), Code::IssuerMismatch);
}

#[test]
fn a_scope_that_the_provider_does_not_know_is_left_out() {
    for (supported, expected) in [
        (json!(["openid", "email"]), "openid email"),
        (json!(["openid", "email", "offline_access"]), "openid offline_access email"),
        (json!(null), "openid offline_access email"),
    ] {
        let mut world = World::open_id();
        world.provider.metadata["scopes_supported"] = supported;
        world.open(APP);
        world.login(Login::new());
        assert_eq!(world.last_navigation().need("scope"), expected);
    }
}

#[test]
fn errors_about_the_provider_name_the_address() {
    for (fault, code, detail) in [
        (Fault::Network, Code::Network, ": not reachable, or not readable from this origin (CORS)"),
        (Fault::Status(404, "no"), Code::ProviderRejected, ": status 404"),
    ] {
        let mut world = World::open_id();
        world.provider.fails(Endpoint::Metadata, fault);
        world.open(APP);
        let call_id = world.login(Login::new());
        let expected = ["https://id.example/realm/.well-known/openid-configuration", detail].concat();
        assert_eq!((world.code(call_id), world.error(call_id).detail()), (code, expected.as_str()));
    }
}

#[test]
fn law_5_a_hash_that_the_app_has_written_down_is_the_one_that_counts() {
    let signed_in = |settings: ConfigBuilder| {
        let mut world = World::with(settings);
        world.provider.lies(|draft| {
            let hash = ring::digest::digest(&ring::digest::SHA512, draft.access_token.as_bytes());
            draft.claim("at_hash", crate::support::keys::base64url(&hash.as_ref()[..32]));
        });
        world.open(APP);
        world.login(Login::new());
        world.come_back();
        world.is_signed_in()
    };
    assert!(!signed_in(open_id()), "the key is one of ES256");
    assert!(signed_in(open_id().at_hash_algorithm("SHA-512")));
}

// Logout.

#[test]
fn a_logout_url_of_the_settings_gets_the_page_in_a_parameter_of_its_own() {
    let settings = open_id().logout_url("https://id.example/v2/logout").logout_return_parameter("returnTo");
    let mut world = World::with(settings).signed_in();
    let call_id = world.logout(Logout::new().return_to("/bye"));
    assert_eq!(world.answer(call_id), &Ok(Answer::LoggedOut { ends_provider_session: true }));
    let address = world.last_navigation();
    assert_eq!(address.origin() + address.path(), "https://id.example/v2/logout");
    assert_eq!((address.need("returnTo"), address.get("post_logout_redirect_uri")), ("https://app.example/bye", None));
    assert_eq!(address.get("id_token_hint"), None, "only the standard's endpoint gets it");
}

#[test]
fn if_the_providers_session_lives_on_the_next_login_asks_for_the_password() {
    let without_end_session = || {
        let mut world = World::open_id();
        world.provider.metadata.as_object_mut().unwrap().remove("end_session_endpoint");
        world.signed_in()
    };
    let mut world = without_end_session();
    let call_id = world.logout(Logout::new());
    assert_eq!(world.answer(call_id), &Ok(Answer::LoggedOut { ends_provider_session: false }));
    world.login(Login::new());
    assert_eq!(world.last_navigation().need("prompt"), "login");

    // The vault may be gone by then, and nothing is restored.
    let mut world = without_end_session();
    world.logout(Logout::new());
    let before = world.navigations().len();
    world.reload(APP);
    assert_eq!((world.state(), world.navigations().len()), (State::SignedOut(Reason::SignedOut), before));
    let silent = world.login(Login::new().silent(true));
    assert!(world.answer(silent).is_ok());
    assert_eq!(world.navigations().len(), before, "a silent login does not undo the logout");
    world.login(Login::new().prompt(Prompt::SelectAccount));
    assert_eq!(world.last_navigation().need("prompt"), "select_account", "the app has said otherwise");
    world.login(Login::new());
    assert_eq!(world.last_navigation().need("prompt"), "login");
    world.come_back();
    assert!(world.is_signed_in());
    world.login(Login::new());
    assert_eq!(world.last_navigation().get("prompt"), None, "once is enough");
}

// Restore.

#[test]
fn a_restore_that_the_provider_refuses_ends_quietly_and_is_not_tried_again() {
    for error in ["login_required", "access_denied", "invalid_request", "something_else", "unsupported_response_type"] {
        let mut world = World::open_id().signed_in();
        world.reload(APP);
        world.provider.callback_parameters = vec![("error", Some(error.into())), ("code", None)];
        let call_id = world.come_back();
        assert_eq!(world.answer(call_id), &Ok(Answer::Done), "{error}");
        assert_eq!(world.state(), State::SignedOut(Reason::Expired), "{error}");
        let before = world.navigations().len();
        world.reload(APP);
        assert_eq!(world.navigations().len(), before, "{error}");
    }
}

#[test]
fn a_refused_restore_may_lack_the_issuer_that_the_provider_announces() {
    let mut world = World::open_id();
    world.provider.metadata["authorization_response_iss_parameter_supported"] = json!(true);
    let mut world = world.signed_in();
    world.reload(APP);
    world.provider.callback_parameters = vec![("error", Some("login_required".into())), ("code", None), ("iss", None)];
    world.come_back();
    assert_eq!(world.state(), State::SignedOut(Reason::Expired));
}

#[test]
fn law_8_an_opaque_name_for_the_user_helps_to_restore_and_an_email_address_is_never_kept() {
    for (claim, expected) in [("O.CiRmZWI2", Some("O.CiRmZWI2")), ("ada@acme.example", None)] {
        let mut world = World::open_id();
        world.provider.lies(move |draft| draft.claim("login_hint", claim));
        let mut world = world.signed_in();
        assert_eq!(world.storage.hint_text().unwrap().contains(claim), expected.is_some());
        world.reload(APP);
        assert_eq!(world.last_navigation().get("login_hint"), expected);
    }
}

// A token for each API.

/// An app with one API for the session's first token, and two for tokens of their own.
fn three_apis() -> ConfigBuilder {
    open_id().apis(["https://one.example/"]).api(Api::new(TWO).resource(TWO).scope("two.read")).api(Api::new(THREE).audience(THREE))
}

#[test]
fn law_6_each_api_gets_its_own_token_and_keeps_it() {
    let mut world = World::with(three_apis()).signed_in();
    let first = world.token_for(0);
    assert_eq!(world.renewals_sent(), 0, "the sign-in gave this one");
    let second = world.token_for(1);
    let third = world.token_for(2);
    let sent: Vec<_> = world
        .sent_to(Endpoint::Token)
        .iter()
        .map(|sent| (sent.field("resource"), sent.field("scope"), sent.field("audience")))
        .collect();
    assert_eq!(sent, [(Some(TWO), Some("two.read"), None), (None, None, Some(THREE))]);
    let tokens = [first, second, third].map(|call_id| world.token_of(call_id).0.to_owned());
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2] && tokens[0] != tokens[2]);
    let again = world.token_for(1);
    assert_eq!(world.token_of(again).0, tokens[1]);
    assert_eq!(world.renewals_sent(), 2);
    assert_eq!(world.provider.reuses, 0);
}

#[test]
fn law_2_tokens_of_several_apis_are_fetched_one_after_the_other() {
    let mut world = World::with(three_apis()).signed_in();
    world.hold(Endpoint::Token);
    let calls: Vec<CallId> = (0..20)
        .flat_map(|_| [1, 2])
        .enumerate()
        .map(|(n, api)| {
            let call_id = CallId(u32::try_from(5000 + n).unwrap());
            world.input(Input::Token { call_id, session: None, api: Some(api) });
            call_id
        })
        .collect();
    let renewal = world.renew();
    assert_eq!(world.renewals_sent(), 1, "the refresh token is in use");
    world.release(Endpoint::Token);
    assert!(calls.iter().chain([&renewal]).all(|call_id| world.answer(*call_id).is_ok()));
    assert_eq!((world.renewals_sent(), world.provider.reuses), (3, 0));
}

#[test]
fn law_6_an_api_below_another_one_gets_its_own_token_only() {
    let admin = || Api::new("https://one.example/admin/").resource("urn:admin");
    let whole = || Api::new("https://one.example/");
    for config in [open_id().api(whole()).api(admin()), open_id().api(admin()).api(whole())] {
        let config = config.build().unwrap();
        let prefix = |address: &str| config.api_for(address).map(|index| config.apis()[index].url().path().to_owned());
        assert_eq!(prefix("https://one.example/admin/users").as_deref(), Ok("/admin/"));
        assert_eq!(prefix("https://one.example/administrators").as_deref(), Ok("/"));
        assert_eq!(prefix("https://one.example/a%2Fb").map_err(|error| error.code()), Err(Code::AddressNotListed));
        for path in ["%61dmin/x", "/admin/x", "Admin/x", "x%2f..%2fadmin/x", "admin%2fx", "%2561dmin/x", "x/..;/admin"] {
            let error = prefix(&format!("https://one.example/{path}")).unwrap_err();
            assert_eq!(error.code(), Code::AddressNotListed, "{path}");
        }
    }
    let twice = open_id().apis(["https://one.example/"]).api(Api::new("https://one.example/").resource("urn:one"));
    assert_eq!(twice.build().unwrap_err().code(), Code::ConfigInvalid);
}

#[test]
fn law_3_a_lost_rotation_for_an_api_leads_to_one_restore() {
    let mut world = World::with(three_apis()).signed_in();
    world.provider.fails(Endpoint::Token, Fault::LostAnswer);
    let lost = world.token_for(1);
    assert_eq!(world.code(lost), Code::Network);
    world.sleep(seconds(60));
    world.token_for(2);
    assert!(!world.is_signed_in());
    assert_eq!(world.last_navigation().need("prompt"), "none");
}

#[test]
fn law_9_a_call_that_waited_for_another_token_sends_nothing_while_offline() {
    let mut world = World::with(three_apis()).signed_in();
    world.hold(Endpoint::Token);
    let first = world.token_for(1);
    let second = world.token_for(2);
    world.go_offline();
    world.release(Endpoint::Token);
    assert!(world.answer(first).is_ok());
    assert_eq!((world.code(second), world.renewals_sent()), (Code::Offline, 1));
}

#[test]
fn the_token_of_an_api_is_replaced_ahead_of_its_expiry_and_after_a_refusal() {
    let mut world = World::with(three_apis());
    world.provider.access_lifetime = json!(100);
    let mut world = world.signed_in();
    let first = world.token_for(1);
    let (first, generation) = (world.token_of(first).0.to_owned(), world.token_of(first).1);
    world.sleep(seconds(80));
    let second = world.token_for(1);
    assert_ne!(world.token_of(second).0, first);

    let refused = world.token_of(second).1;
    assert_ne!(refused, generation);
    world.sleep(seconds(60));
    let current = world.token_for(1);
    let generation = world.token_of(current).1;
    let replaced = world.token_refused_by(1, generation);
    assert_ne!(world.token_of(replaced).1, generation);
    let newest = world.token_of(replaced).1;
    let call_id = world.token_refused_by(1, newest);
    assert_eq!(world.code(call_id), Code::AccessTokenRefused, "an API that refuses every token gets no third one");
}

#[test]
fn law_3_a_refused_token_of_an_api_fails_its_calls_only() {
    for body in [r#"{"error":"invalid_target"}"#, r#"{"error":"invalid_grant","error_description":"consent is missing"}"#] {
        let mut world = World::with(three_apis()).signed_in();
        world.provider.fails(Endpoint::Token, Fault::Status(400, body));
        let call_id = world.token_for(1);
        assert!(matches!(world.code(call_id), Code::ProviderRejected | Code::InvalidGrant), "{body}");
        assert!(world.is_signed_in());
        let again = world.token_for(1);
        assert_eq!((world.code(again), world.renewals_sent()), (world.code(call_id), 1), "it is not asked again at once");
        let other = world.token_for(2);
        assert!(world.answer(other).is_ok());
        let renewal = world.renew();
        assert!(world.answer(renewal).is_ok());
        world.sleep(seconds(60));
        let later = world.token_for(1);
        assert!(world.answer(later).is_ok());
    }
}

#[test]
fn law_5_the_id_token_beside_an_apis_token_is_checked_and_changes_nothing() {
    let mut world = World::with(three_apis()).signed_in();
    let claims = world.signed_in_as().claims.clone();
    world.token_for(1);
    assert_eq!(world.signed_in_as().claims, claims);
    world.provider.lies(|draft| draft.claim("sub", "somebody-else"));
    let call_id = world.token_for(2);
    assert_eq!(world.code(call_id), Code::SubjectChanged);
    assert!(!world.is_signed_in());
}

#[test]
fn without_a_refresh_token_an_api_of_its_own_gets_none() {
    let mut world = World::with(three_apis());
    world.provider.grants_refresh_tokens = false;
    let mut world = world.signed_in();
    let call_id = world.token_for(1);
    assert_eq!(world.code(call_id), Code::RefreshTokenMissing);
    let first = world.token_for(0);
    assert!(world.answer(first).is_ok());
}

#[test]
fn law_13_a_logout_fails_the_calls_that_wait_for_an_apis_token() {
    let mut world = World::with(three_apis()).signed_in();
    world.hold(Endpoint::Token);
    let call_id = world.token_for(1);
    world.logout(Logout::new());
    assert_eq!(world.code(call_id), Code::NotSignedIn);
    world.release(Endpoint::Token);
    assert!(!world.is_signed_in());
}

#[test]
fn apis_are_prefixes_or_objects_and_options_of_other_providers_are_refused_with_wristband() {
    let from_json = |more: serde_json::Value| {
        let mut settings = json!({"clientId": "c", "redirectUri": "https://app.example/", "issuer": "https://id.example"});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ConfigBuilder::from_json(&value(&settings)).and_then(ConfigBuilder::build)
    };
    let config = from_json(json!({"apis": ["https://a.example/", {"prefix": "https://b.example/", "resource": "urn:b"}]})).unwrap();
    assert_eq!(ConfigBuilder::from_json(&config.to_json()).and_then(ConfigBuilder::build), Ok(config));
    for apis in
        [json!("https://a.example/"), json!([{"resource": "urn:b"}]), json!([{"prefix": "https://b.example/", "scopes": "x"}])]
    {
        let error = from_json(json!({"apis": apis})).unwrap_err();
        assert!(error.detail().starts_with("apis"), "{error}");
    }
    for settings in [
        wristband().discovery_url("https://id.example/metadata"),
        wristband().id_token_hint(true),
        wristband().logout_url("https://id.example/logout"),
        wristband().metadata(value(&json!({}))),
    ] {
        assert!(settings.build().unwrap_err().detail().ends_with("only with issuer"));
    }
}

#[test]
fn a_step_up_that_fails_leaves_the_session_and_tells_its_page() {
    let mut world = World::open_id().signed_in();
    world.login(Login::new().acr_values(["urn:loa:2"]).return_to("/payments"));
    world.provider.callback_parameters = vec![("error", Some("access_denied".into())), ("code", None)];
    let callback = world.callback();
    let call_id = world.open(&callback);
    assert_eq!(world.code(call_id), Code::AccessDenied);
    assert!(world.is_signed_in());
    let returned = world.events.iter().any(|event| matches!(event, Event::AddressReplaced { path, .. } if path == "/payments"));
    assert!(returned, "to where the step-up began");
}

#[test]
fn a_new_login_revokes_the_old_refresh_token_unless_both_belong_to_one_session_at_the_provider() {
    for (sid, revoked) in [(None, 1), (Some("one"), 0)] {
        let mut world = World::open_id();
        world.provider.lies(move |draft| {
            if let Some(sid) = sid {
                draft.claim("sid", sid);
            }
        });
        let mut world = world.signed_in();
        world.login(Login::new().prompt(Prompt::Login));
        world.come_back_to_the_vault();
        assert!(world.is_signed_in());
        assert_eq!(world.revoked().len(), revoked, "{sid:?}");
    }
}

#[test]
fn law_3_an_api_whose_token_fails_for_a_while_does_not_fail_the_calls_to_others() {
    let mut world = World::with(three_apis()).signed_in();
    world.hold(Endpoint::Token);
    world.provider.fails(Endpoint::Token, Fault::Status(503, r#"{"error":"temporarily_unavailable"}"#));
    let failing = world.token_for(1);
    let waiting = world.token_for(2);
    let renewal = world.renew();
    world.release(Endpoint::Token);
    assert_eq!(world.code(failing), Code::ProviderUnavailable);
    assert!(world.answer(waiting).is_ok() && world.answer(renewal).is_ok());
    let at_once = world.token_for(1);
    assert_eq!(world.code(at_once), Code::ProviderUnavailable, "law 9: it is not asked again at once");
    world.sleep(seconds(2));
    let later = world.token_for(1);
    assert!(world.answer(later).is_ok());
}

#[test]
fn law_9_a_provider_that_asks_for_a_pause_is_asked_for_no_other_token() {
    let mut world = World::with(three_apis()).signed_in();
    world.hold(Endpoint::Token);
    world.provider.fails(Endpoint::Token, Fault::RetryAfter(503, seconds(30)));
    let first = world.token_for(1);
    let second = world.token_for(2);
    world.release(Endpoint::Token);
    assert_eq!((world.code(first), world.code(second)), (Code::ProviderUnavailable, Code::ProviderUnavailable));
    assert_eq!(world.renewals_sent(), 1);
}

#[test]
fn metadata_that_no_sign_in_could_pass_is_refused_at_once() {
    for (name, written) in [
        ("issuer", json!("https://other.example")),
        ("response_types_supported", json!(["id_token"])),
        ("code_challenge_methods_supported", json!(["plain"])),
        ("id_token_signing_alg_values_supported", json!(["none", "HS256"])),
        ("id_token_signing_alg_values_supported", json!("RS256")),
        ("jwks_uri", json!("keys")),
    ] {
        let settings = open_id().metadata(value(&json!({ name: written })));
        let error = settings.build().unwrap_err();
        assert_eq!((error.code(), error.detail().contains(name)), (Code::ConfigInvalid, true), "{error}");
    }
    let own =
        json!({"issuer": "https://id.example", "id_token_signing_alg_values_supported": ["none", "RS256"], "claims_supported": 1});
    assert!(Config::openid("https://id.example", "c", "https://app.example/").metadata(value(&own)).build().is_ok());
}

#[test]
fn an_issuer_has_no_other_placeholder_than_the_tenant_of_the_token() {
    for issuer in ["https://id.example/{TenantId}", "https://id.example/{foo}/v2", "https://id.example/{tenantid}/{tenantid}"] {
        let error = Config::openid(issuer, "c", "https://app.example/").build().unwrap_err();
        assert!(error.detail().contains("placeholder"), "{issuer}: {error}");
    }
}

#[test]
fn a_resource_is_an_absolute_uri_without_a_fragment() {
    for resource in ["", "api", "https://api.example/#x", ":x", "1a:x", "urn:", "https://api.example/a b"] {
        let of_session = open_id().resource([resource]).build();
        let of_api = open_id().api(Api::new(TWO).resource(resource)).build();
        for (result, named) in [(of_session, "resource"), (of_api, "apis: resource")] {
            let error = result.unwrap_err();
            assert!(error.code() == Code::ConfigInvalid && error.detail().starts_with(named), "{resource}: {error}");
        }
        let mut world = World::with(open_id());
        world.open(APP);
        let login = world.login(Login::new().resource([resource]));
        assert_eq!(world.code(login), Code::ConfigInvalid, "{resource}");
    }
    for resource in ["https://api.example/?tenant=1", "urn:example:api", "api://00000000-0000-0000-0000-000000000000"] {
        assert!(open_id().api(Api::new(TWO).resource(resource)).build().is_ok(), "{resource}");
    }
    let empty = open_id().api(Api::new(TWO).scope("")).build().unwrap_err();
    assert_eq!(empty.detail(), "apis: scope: empty");
}

#[test]
fn no_parameter_of_an_authorization_request_occurs_twice() {
    let twice = [
        json!({"acrValues": "a", "authorizationParams": {"acr_values": "b"}}),
        json!({"audience": "a", "authorizationParams": {"audience": "b"}}),
        json!({"idpHint": "a", "authorizationParams": {"idp_hint": "b"}}),
        json!({"resource": "urn:a", "authorizationParams": {"resource": "urn:b"}}),
        json!({"uiLocales": "a", "authorizationParams": {"ui_locales": "b"}}),
    ];
    for options in twice {
        let error = Login::from_json(&value(&options)).unwrap_err();
        assert!(error.code() == Code::ConfigInvalid && error.detail().contains("given twice"), "{options}: {error}");
    }
    let of_settings = json!({"idp_hint": "google", "audience": "a", "acr_values": "one"});
    let login = Login::new().idp_hint("okta").audience("b").audience("c").acr_values(["two"]).acr_values(["three"]);
    let sent = at_the_provider(open_id().authorization_params(value(&of_settings)), login).last_navigation();
    // `need` fails if a name occurs twice.
    assert_eq!([sent.need("idp_hint"), sent.need("audience"), sent.need("acr_values")], ["okta", "c", "three"]);
}
