//! Logout: clear first, then revoke, then redirect. Nothing that arrives late restores the session.

use crate::support::{APP, CALLBACK, CLIENT, Endpoint, Event, Fault, World, open_id, seconds, subdomains, wristband};
use wristband_spa_auth::protocol::config::ConfigBuilder;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, Login, Logout, Reason, State};

const NONE: [&str; 0] = [];

fn signed_out(world: &World) -> bool {
    world.state() == State::SignedOut(Reason::SignedOut)
}

#[test]
fn a_logout_clears_then_revokes_then_redirects() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Revocation);
    let call_id = world.logout(Logout::new());
    assert!(signed_out(&world), "cleared before anything is answered");
    assert_eq!(world.storage.hint_text(), None);
    assert_eq!(world.navigations().len(), 0);
    world.release(Endpoint::Revocation);
    assert_eq!(world.answer(call_id), &Ok(Answer::LoggedOut { ends_provider_session: true }));
    assert!(matches!(
        world.events.as_slice(),
        [Event::HintCleared, Event::LogoutAnnounced(_), Event::Sent(_), Event::Navigated(_), Event::Answered(_)]
    ));
    assert_eq!(world.provider.living_refresh_tokens(), NONE);
}

#[test]
fn a_revocation_request_follows_the_standard_and_uses_keepalive() {
    let mut world = World::new().signed_in();
    let token = world.provider.living_refresh_tokens()[0].to_owned();
    world.logout(Logout::new());
    let sent = world.sent_to(Endpoint::Revocation)[0];
    assert_eq!(sent.url, "https://app-org.us.wristband.dev/api/v1/oauth2/revoke");
    assert_eq!(sent.field("token"), Some(token.as_str()));
    assert_eq!(sent.field("token_type_hint"), Some("refresh_token"));
    assert_eq!((sent.field("client_id"), sent.bearer.as_deref(), sent.keepalive), (Some(CLIENT), None, true));
}

#[test]
fn a_logout_redirects_to_the_tenants_logout_endpoint() {
    let mut world = World::new().signed_in();
    world.logout(Logout::new());
    let address = world.last_navigation();
    assert_eq!(address.origin() + address.path(), "https://acme-app-org.us.wristband.dev/api/v1/logout");
    assert_eq!(address.parameters, [("client_id".to_owned(), CLIENT.to_owned())]);
}

#[test]
fn a_logout_redirects_to_the_tenants_custom_domain() {
    let mut world = World::new();
    world.provider.custom_domains.insert("login.acme.example".into(), "acme".into());
    world.open(APP);
    world.login(Login::new().tenant_custom_domain("login.acme.example"));
    world.come_back();
    world.logout(Logout::new());
    assert_eq!(world.last_navigation().host(), "login.acme.example");
}

#[test]
fn a_custom_domain_missing_from_the_callback_is_kept() {
    let mut world = World::new();
    world.provider.custom_domains.insert("login.acme.example".into(), "acme".into());
    world.open(APP);
    world.login(Login::to("acme").tenant_custom_domain("login.acme.example"));
    world.provider.callback_parameters.push(("tenant_custom_domain", None));
    world.come_back();
    world.logout(Logout::new());
    assert_eq!(world.last_navigation().host(), "login.acme.example", "the user's session is on the host that signed them in");
}

#[test]
fn law_7_a_custom_domain_named_only_by_the_callback_is_confirmed_before_a_redirect_to_it() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme"));
    world.provider.callback_parameters.push(("tenant_custom_domain", Some("evil.example".into())));
    world.come_back();
    world.logout(Logout::new());
    assert_ne!(world.last_navigation().host(), "evil.example");
}

#[test]
fn a_login_at_the_application_domain_takes_the_tenant_from_the_callback() {
    let mut world = World::with(wristband().application_authorization(true));
    world.open(APP);
    world.login(Login::new());
    world.come_back();
    world.logout(Logout::new());
    assert_eq!(world.last_navigation().host(), "acme-app-org.us.wristband.dev");
}

#[test]
fn without_a_tenant_a_logout_redirects_to_the_application_domain() {
    let mut world = World::new();
    world.open(APP);
    let call_id = world.logout(Logout::new());
    assert_eq!(world.answer(call_id), &Ok(Answer::LoggedOut { ends_provider_session: false }));
    assert_eq!(world.last_navigation().host(), "app-org.us.wristband.dev");
    assert_eq!(world.sent().len(), 0, "there is nothing to revoke");
}

#[test]
fn after_a_logout_the_user_lands_at_the_options_url_or_the_configured_one() {
    for (configured, wish, expected) in [
        (None, None, None),
        (Some("https://www.example/bye"), None, Some("https://www.example/bye")),
        (Some("https://www.example/bye"), Some("/signed-out?x=1&y=2"), Some("https://app.example/signed-out?x=1&y=2")),
        (None, Some("https://app.example/signed-out"), Some("https://app.example/signed-out")),
        (None, Some("https://evil.example/"), None),
        (None, Some("//evil.example/"), None),
    ] {
        let settings = configured.map_or_else(wristband, |address| wristband().post_logout_url(address));
        let mut world = World::with(settings).signed_in();
        world.logout(wish.map_or_else(Logout::new, |address| Logout::new().return_to(address)));
        assert_eq!(world.last_navigation().get("redirect_url"), expected, "{configured:?} {wish:?}");
    }
}

#[test]
fn a_logout_url_has_at_most_2000_characters() {
    let landing = |length: usize| {
        let mut world = World::with(wristband().post_logout_url("https://www.example/bye")).signed_in();
        world.logout(Logout::new().return_to("/".to_owned() + &"x".repeat(length - "https://app.example/".len())));
        world.last_navigation().need("redirect_url").to_owned()
    };
    assert_eq!(landing(2000).len(), 2000);
    assert_eq!(landing(2001), "https://www.example/bye", "a longer one is ignored, like every page that the user cannot return to");
}

#[test]
fn a_logout_state_has_at_most_512_characters() {
    let mut world = World::new().signed_in();
    let call_id = world.logout(Logout::new().state("x".repeat(513)));
    assert_eq!(world.code(call_id), Code::ConfigInvalid);
    assert!(world.is_signed_in());
    world.logout(Logout::new().state("&".repeat(512)));
    assert_eq!(world.last_navigation().need("state"), "&".repeat(512));
}

#[test]
fn an_openid_logout_names_the_session_by_its_id_token() {
    let mut world = World::open_id().signed_in();
    world.renew();
    let newest = world.provider.secrets.iter().rfind(|(kind, _)| *kind == "id token").unwrap().1.clone();
    world.logout(Logout::new().return_to("/bye").state("s"));
    let address = world.last_navigation();
    assert_eq!(address.origin() + address.path(), "https://id.example/realm/logout");
    assert_eq!(address.need("client_id"), CLIENT);
    assert_eq!(address.need("post_logout_redirect_uri"), "https://app.example/bye");
    assert_eq!(address.need("state"), "s");
    assert_eq!(address.need("id_token_hint"), newest);
}

#[test]
fn law_1_the_id_token_stays_here_if_the_app_says_so_and_always_with_wristband() {
    for settings in [open_id().id_token_hint(false), wristband()] {
        let mut world = World::with(settings).signed_in();
        world.logout(Logout::new());
        assert_eq!(world.last_navigation().get("id_token_hint"), None);
    }
}

#[test]
fn with_a_provider_without_logout_and_revocation_a_logout_is_local() {
    let mut world = World::open_id();
    for name in ["end_session_endpoint", "revocation_endpoint"] {
        world.provider.metadata.as_object_mut().unwrap().remove(name);
    }
    let mut world = world.signed_in();
    let call_id = world.logout(Logout::new().return_to("/bye"));
    assert_eq!(world.answer(call_id), &Ok(Answer::LoggedOut { ends_provider_session: false }));
    assert!(signed_out(&world));
    assert_eq!(world.last_navigation().url.to_string(), "https://app.example/bye");
}

#[test]
fn a_failed_revocation_does_not_prevent_the_logout() {
    for fault in [Fault::Network, Fault::Timeout, Fault::Status(503, ""), Fault::Status(400, r#"{"error":"invalid_request"}"#)] {
        let mut world = World::new().signed_in();
        world.provider.fails(Endpoint::Revocation, fault);
        let call_id = world.logout(Logout::new());
        assert_eq!(world.answer(call_id), &Ok(Answer::LoggedOut { ends_provider_session: true }));
        assert_eq!(world.navigations().len(), 1);
    }
}

#[test]
fn a_hanging_revocation_delays_the_logout_by_at_most_three_seconds() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Revocation);
    world.logout(Logout::new());
    world.sleep(seconds(3));
    assert_eq!(world.navigations().len(), 1);
}

#[test]
fn law_9_an_offline_logout_stays_on_the_page_and_revokes_later() {
    let mut world = World::new().signed_in();
    world.go_offline();
    let call_id = world.logout(Logout::new());
    assert_eq!(world.answer(call_id), &Ok(Answer::LoggedOut { ends_provider_session: false }));
    assert!(signed_out(&world));
    assert_eq!((world.sent().len(), world.navigations().len()), (0, 0));
    world.go_online();
    assert_eq!(world.provider.living_refresh_tokens(), NONE);
    world.go_offline();
    world.go_online();
    assert_eq!(world.revoked().len(), 1, "once is enough");
    assert_eq!(world.navigations().len(), 0);
}

#[test]
fn law_9_if_the_network_is_lost_during_the_revocation_the_user_stays_on_the_page() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Revocation);
    let call_id = world.logout(Logout::new());
    world.go_offline();
    world.lose(Endpoint::Revocation);
    assert_eq!(world.answer(call_id), &Ok(Answer::LoggedOut { ends_provider_session: false }));
    assert_eq!(world.navigations().len(), 0);
}

#[test]
fn a_second_logout_call_joins_the_first() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Revocation);
    world.logout(Logout::new());
    world.logout(Logout::new());
    world.release(Endpoint::Revocation);
    assert!(!world.navigations().is_empty());
    for address in world.navigations() {
        assert_eq!(address.host(), "acme-app-org.us.wristband.dev", "the tenant's session stays alive");
    }
}

#[test]
fn a_logout_in_the_middle_of_a_renewal_is_final() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::Token);
    let waiting = world.renew();
    world.logout(Logout::new());
    assert_eq!(world.code(waiting), Code::NotSignedIn);
    world.release(Endpoint::Token);
    assert!(signed_out(&world));
    assert_eq!(world.provider.living_refresh_tokens(), NONE);
    assert_eq!(world.revoked().len(), 2, "the old one, and the one that came late");
}

#[test]
fn a_logout_in_the_middle_of_a_renewals_verification_is_final() {
    let mut world = World::new().signed_in();
    world.provider.lies(|t| t.header("kid", "unknown"));
    world.hold(Endpoint::Keys);
    world.renew();
    world.logout(Logout::new());
    world.release(Endpoint::Keys);
    assert!(signed_out(&world));
    assert_eq!(world.provider.living_refresh_tokens(), NONE);
}

#[test]
fn a_logout_in_the_middle_of_a_code_exchange_is_final() {
    for endpoint in [Endpoint::Token, Endpoint::Keys] {
        let mut world = World::new();
        world.open(APP);
        world.login(Login::to("acme"));
        world.hold(endpoint);
        let callback = world.callback();
        let call_id = world.reload(&callback);
        world.logout(Logout::new());
        world.release(endpoint);
        assert_eq!(world.code(call_id), Code::NotSignedIn, "{endpoint:?}");
        assert!(signed_out(&world), "{endpoint:?}");
        assert_eq!(world.storage.hint_text(), None, "{endpoint:?}");
        assert_eq!(world.provider.living_refresh_tokens(), NONE, "{endpoint:?}");
    }
}

#[test]
fn a_logout_in_the_middle_of_a_user_info_call_is_final() {
    let mut world = World::new().signed_in();
    world.hold(Endpoint::UserInfo);
    let call_id = world.user_info();
    world.logout(Logout::new());
    world.release(Endpoint::UserInfo);
    assert_eq!(world.code(call_id), Code::NotSignedIn);
    assert!(signed_out(&world));
}

#[test]
fn a_logout_during_the_lookup_of_a_callbacks_login_is_final() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme"));
    let callback = world.callback();
    world.storage_is_slow = true;
    let call_id = world.reload(&callback);
    world.logout(Logout::new());
    world.release_storage();
    assert!(world.answer(call_id).is_err());
    assert!(signed_out(&world));
    assert_eq!(world.provider.living_refresh_tokens(), NONE);
}

#[test]
fn a_logout_during_a_restore_is_final() {
    let mut world = World::new().signed_in();
    world.storage_is_slow = true;
    world.reload(APP);
    world.logout(Logout::new());
    world.events.clear();
    world.release_storage();
    assert_eq!(world.navigations().len(), 0, "the redirect would sign the user in again");
    assert!(signed_out(&world));
}

#[test]
fn after_a_logout_opening_a_page_does_not_sign_the_user_in() {
    let mut world = World::new().signed_in();
    world.logout(Logout::new());
    world.events.clear();
    world.reload(APP);
    assert_eq!((world.navigations().len(), world.sent().len()), (0, 0));
    assert_eq!(world.state(), State::SignedOut(Reason::NeverSignedIn));
}

#[test]
fn law_4_a_callback_started_before_a_logout_is_refused_after_it() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme"));
    let callback = world.callback();
    world.open(&callback);
    world.logout(Logout::new());
    world.events.clear();
    let call_id = world.open(&callback);
    assert_eq!(world.code(call_id), Code::StateUnknown);
    assert_eq!(world.sent().len(), 0);
    assert_eq!(world.addresses_shown(), [CALLBACK.strip_prefix("https://app.example").unwrap()]);
}

/// Where a logout leads that no session precedes.
fn logged_out_without_a_session(settings: ConfigBuilder, page: &str, logout: Logout) -> String {
    let mut world = World::with(settings);
    world.open(page);
    world.logout(logout);
    world.last_navigation().url.to_string()
}

#[test]
fn a_logout_without_a_known_tenant_leads_where_wristbands_sdks_lead() {
    let login_page = format!("https://app-org.us.wristband.dev/login?client_id={CLIENT}");
    let app_level = || wristband().application_authorization(true).login_url("https://app.example/login");
    for (settings, logout, expected) in [
        (wristband().post_logout_url("https://app.example/bye"), Logout::new(), "https://app.example/bye"),
        (wristband(), Logout::new().return_to("/after"), "https://app.example/after"),
        (app_level(), Logout::new(), "https://app.example/login"),
        (wristband().login_url("https://app.example/login"), Logout::new(), &login_page),
        (wristband().post_logout_url("https://{tenant_name}.app.example/"), Logout::new(), &login_page),
    ] {
        assert_eq!(logged_out_without_a_session(settings, APP, logout), expected);
    }
}

#[test]
fn a_logout_finds_the_tenant_by_its_options_the_page_and_the_configuration() {
    let endpoint = |tenant: &str| format!("https://{tenant}-app-org.us.wristband.dev/api/v1/logout?client_id={CLIENT}");
    let of_app = || wristband().default_tenant_name("default");
    for (settings, page, logout, tenant) in [
        (of_app(), APP, Logout::new().tenant_name("globex"), "globex"),
        (subdomains(), "https://acme.app.example/", Logout::new(), "acme"),
        (of_app(), APP, Logout::new(), "default"),
        // A domain that the application does not know is not used.
        (of_app(), APP, Logout::new().tenant_custom_domain("evil.example"), "default"),
    ] {
        assert_eq!(logged_out_without_a_session(settings, page, logout), endpoint(tenant));
    }
    let mut world = World::new().signed_in();
    world.logout(Logout::new().tenant_name("globex"));
    assert_eq!(world.last_navigation().host(), "globex-app-org.us.wristband.dev");
}

#[test]
fn a_logout_that_cannot_be_understood_changes_nothing() {
    let mut world = World::new().signed_in();
    let call_id = world.logout(Logout::new().tenant_name("evil.example/x?"));
    assert_eq!(world.code(call_id), Code::TenantInvalid);
    assert!(world.is_signed_in());
    let mut world = World::open_id().signed_in();
    let call_id = world.logout(Logout::new().tenant_name("acme"));
    assert_eq!(world.code(call_id), Code::TenantInvalid);
}

#[test]
fn the_placeholder_of_a_logout_url_is_wristbands_to_fill_in() {
    let mut world = World::with(wristband().post_logout_url("https://{tenant_name}.app.example/bye")).signed_in();
    world.logout(Logout::new());
    assert_eq!(world.last_navigation().get("redirect_url"), Some("https://{tenant_name}.app.example/bye"));
}
