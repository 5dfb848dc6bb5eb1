//! Which host a login goes to, and which hosts it never goes to.

use crate::support::{APP, CLIENT, Endpoint, Fault, World, address, subdomains, wristband};
use wristband_spa_auth::protocol::config::ConfigBuilder;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::session::{Answer, Login, Logout};

const LOGIN_ROUTE: &str = "https://app.example/login";

fn at(settings: ConfigBuilder, page: &str) -> World {
    let mut world = World::with(settings);
    world.provider.custom_domains.insert("login.acme.example".into(), "acme".into());
    world.open(page);
    world
}

/// The host to which the login route redirects a browser that arrived with this query.
fn host_for(settings: ConfigBuilder, query: &str) -> String {
    let mut world = at(settings, APP);
    let call_id = world.login_from_url(&format!("{LOGIN_ROUTE}?{query}"));
    assert_eq!(world.answer(call_id), &Ok(Answer::Done), "{query}");
    world.last_navigation().host().to_owned()
}

#[test]
fn a_tenants_domain_starts_with_its_name_and_a_dash() {
    assert_eq!(host_for(wristband(), "tenant_name=Acme"), "acme-app-org.us.wristband.dev");
}

#[test]
fn with_an_application_custom_domain_the_separator_is_a_dot() {
    let settings = wristband().application_vanity_domain("auth.app.example").application_custom_domain_active(true);
    assert_eq!(host_for(settings, "tenant_name=acme"), "acme.auth.app.example");
}

#[test]
fn a_custom_domain_is_used_as_it_is() {
    assert_eq!(host_for(wristband(), "tenant_custom_domain=login.acme.example"), "login.acme.example");
}

#[test]
fn the_precedence_of_domains_is_that_of_wristbands_sdks() {
    let all = || wristband().default_tenant_custom_domain("default.example").default_tenant_name("default");
    for (settings, query, host) in [
        (all(), "tenant_custom_domain=login.acme.example&tenant_name=globex", "login.acme.example"),
        (all(), "tenant_name=globex", "globex-app-org.us.wristband.dev"),
        (all(), "tenant_domain=globex", "globex-app-org.us.wristband.dev"),
        (all(), "tenant_domain=old&tenant_name=new", "new-app-org.us.wristband.dev"),
        (all(), "tenant_name=", "default.example"),
        (all(), "", "default.example"),
        (wristband().default_tenant_name("default"), "", "default-app-org.us.wristband.dev"),
        (wristband(), "", "app-org.us.wristband.dev"),
    ] {
        assert_eq!(host_for(settings, query), host, "{query}");
    }
}

#[test]
fn a_login_without_a_tenant_redirects_to_the_application_login_page() {
    let mut world = at(wristband(), APP);
    world.login(Login::new());
    assert_eq!(world.last_navigation().url.to_string(), format!("https://app-org.us.wristband.dev/login?client_id={CLIENT}"));
    assert_eq!(world.storage.pending_texts().len(), 0, "no login is pending meanwhile");
}

#[test]
fn a_return_url_travels_through_tenant_discovery_as_state() {
    let mut world = at(wristband(), APP);
    world.login(Login::new().return_to("/invoices?page=2#top").login_hint("ada@acme.example"));
    let discovery = world.last_navigation();
    assert_eq!((discovery.get("state"), discovery.get("login_hint")), (Some("/invoices?page=2#top"), Some("ada@acme.example")));
    for name in ["state", "return_url"] {
        world.login_from_url(&address::with(LOGIN_ROUTE, &[("tenant_name", "acme"), (name, "/invoices?page=2#top")]));
        assert_eq!(world.storage.only_pending()["returnTo"], "/invoices?page=2#top", "as {name}");
        world.come_back();
        world.logout(Logout::new());
    }
    world.login(Login::new().return_to(format!("/{}", "x".repeat(450))));
    assert_eq!(world.last_navigation().get("state"), None, "one that is too long for the application's login page is dropped");
}

#[test]
fn an_opaque_state_at_the_login_route_is_not_a_return_url() {
    for state in ["x", "loggedOut", "0123456789012345678901", "//evil.example/", "https://evil.example/", "javascript:alert(1)"] {
        let mut world = at(wristband(), APP);
        world.login_from_url(&address::with(LOGIN_ROUTE, &[("tenant_name", "acme"), ("state", state)]));
        assert_eq!(world.storage.only_pending()["returnTo"], "/", "{state}");
    }
}

#[test]
fn the_application_login_page_can_be_configured() {
    let mut world = at(wristband().application_login_page("https://www.app.example/find?lang=en"), APP);
    world.login(Login::new());
    assert_eq!(world.last_navigation().url.to_string(), format!("https://www.app.example/find?lang=en&client_id={CLIENT}"));
}

#[test]
fn a_single_tenant_application_authorizes_at_its_own_domain() {
    let mut world = at(wristband().application_authorization(true), APP);
    world.login(Login::new());
    assert_eq!(world.last_navigation().host(), "app-org.us.wristband.dev");
    assert_eq!(world.last_navigation().path(), "/api/v1/oauth2/authorize");
    world.come_back();
    assert_eq!(world.signed_in_as().tenant.name.unwrap().as_str(), "acme", "the callback says which tenant it was");
}

#[test]
fn law_7_a_tenant_name_that_would_change_the_host_is_refused() {
    for name in [
        "evil.example/x?",
        "evil.example",
        "evil.example#",
        "a@evil.example",
        "a:8443",
        "a/b",
        "a\\b",
        "-a",
        "a-",
        "ä",
        "a b",
        "a%2eb",
        ".",
        "*",
        "acme.evil.example",
        "evil.example\\",
        "evil.example?",
        "evil.example/",
        "//evil.example",
        "https://evil.example",
        "acme@evil.example/",
        "acme%40evil.example",
        "acme\t.evil",
        "acme\nevil",
        "acme\0",
        "acme\u{3002}evil",
        "\u{ff41}cme",
        "[::1]",
        "{tenant_name}",
        &"a".repeat(64),
        &"a.".repeat(5000),
    ] {
        let mut world = at(wristband(), APP);
        let link = address::with(LOGIN_ROUTE, &[("tenant_name", name)]);
        let asks = [world.login(Login::to(name)), world.login_from_url(&link)];
        assert!(asks.iter().all(|call_id| world.code(*call_id) == Code::TenantInvalid), "{name}");
        assert_eq!((world.navigations().len(), world.sent().len()), (0, 0), "{name}");
    }
}

#[test]
fn law_7_a_custom_domain_that_is_no_public_host_is_refused_without_a_request() {
    for domain in [
        "localhost",
        "127.0.0.1",
        "10.0.0.1",
        "intranet",
        "a.example/x",
        "a.example:8443",
        "u@a.example",
        "https://a.example",
        "//a.example",
        "a.example\\.evil.example",
        "a.example?.evil.example",
        "a.example#",
        "a.example%2eevil.example",
        "a.exam\tple",
        "a\n.example",
        "a..example",
        ".a.example",
        "a.example.",
        "0x7f.1",
        "2130706433",
        "a.1",
        "[::1]",
        "\u{e4}.example",
        "a.example\u{3002}evil.example",
        "*.a.example",
        "{tenant_name}.a.example",
        "a.localhost",
    ] {
        let mut world = at(wristband(), APP);
        let call_id = world.login(Login::new().tenant_custom_domain(domain));
        assert_eq!(world.code(call_id), Code::TenantInvalid, "{domain}");
        assert_eq!(world.sent().len(), 0, "{domain}");
    }
}

#[test]
fn law_7_a_custom_domain_is_confirmed_before_a_redirect_to_it() {
    let mut world = at(wristband(), APP);
    world.login_from_url(&format!("{LOGIN_ROUTE}?tenant_custom_domain=login.acme.example"));
    let question = world.sent_to(Endpoint::Confirmation)[0];
    assert_eq!(question.url, "https://app-org.us.wristband.dev/api/v1/custom-domains/validate");
    assert_eq!(question.json.as_deref(), Some(r#"{"tenantCustomDomain":"login.acme.example"}"#));
    assert_eq!(question.bearer, None);
}

#[test]
fn law_7_a_custom_domain_that_is_not_confirmed_is_skipped() {
    let on_subdomain = || subdomains().default_tenant_name("default");
    for fault in [None, Some(Fault::Network), Some(Fault::Status(500, "")), Some(Fault::Status(200, r#"{"valid":"true"}"#))] {
        for (settings, page, login, host) in [
            (wristband(), APP, Login::new(), "app-org.us.wristband.dev"),
            (wristband(), APP, Login::to("acme"), "acme-app-org.us.wristband.dev"),
            (wristband().default_tenant_name("default"), APP, Login::new(), "default-app-org.us.wristband.dev"),
            (on_subdomain(), "https://acme.app.example/", Login::new(), "acme-app-org.us.wristband.dev"),
        ] {
            let mut world = at(settings, page);
            world.provider.faults_for(Endpoint::Confirmation, fault.as_ref());
            let call_id = world.login(login.tenant_custom_domain("evil.example"));
            assert_eq!(world.answer(call_id), &Ok(Answer::Done), "{fault:?}");
            assert_eq!(world.last_navigation().host(), host, "{fault:?}");
        }
    }
}

#[test]
fn the_domain_of_the_configuration_needs_no_confirmation() {
    let mut world = at(wristband().default_tenant_custom_domain("login.acme.example"), APP);
    world.login(Login::new());
    assert_eq!(world.sent().len(), 0);
    assert_eq!(world.last_navigation().host(), "login.acme.example");
}

#[test]
fn the_login_route_forwards_wristbands_parameters() {
    let mut world = at(wristband(), APP);
    let given = [
        ("tenant_name", "acme"),
        ("login_hint", "me@acme.example"),
        ("idp_hint", "google"),
        ("return_url", "/invoices"),
        ("state", "/x"),
    ];
    world.login_from_url(&address::with(LOGIN_ROUTE, &given));
    assert_eq!(world.last_navigation().need("login_hint"), "me@acme.example");
    assert_eq!(world.last_navigation().need("idp_hint"), "google");
    assert_eq!(world.last_navigation().need("state").len(), 43, "the given state is not ours");
    assert_eq!(world.storage.only_pending()["returnTo"], "/invoices");
}

#[test]
fn law_7_the_login_route_returns_to_the_app_only() {
    for (query, returns_to) in [
        ("", Some("/")),
        ("return_url=https%3A%2F%2Fapp.example%2Finvoices", Some("/invoices")),
        ("return_url=https%3A%2F%2Fevil.example%2F", Some("/")),
        ("return_url=%2F%2Fevil.example", Some("/")),
        ("state=https%3A%2F%2Fevil.example%2F", Some("/")),
    ] {
        let mut world = at(wristband(), APP);
        world.login_from_url(&format!("{LOGIN_ROUTE}?tenant_name=acme&{query}"));
        assert_eq!(world.storage.only_pending()["returnTo"].as_str(), returns_to, "{query}");
    }
}

#[test]
fn a_duplicate_parameter_is_refused() {
    for name in ["tenant_name", "tenant_domain", "tenant_custom_domain", "login_hint", "idp_hint", "return_url"] {
        let mut world = at(wristband(), APP);
        let call_id = world.login_from_url(&format!("{LOGIN_ROUTE}?{name}=a&{name}=b"));
        assert_eq!((world.code(call_id), world.error(call_id).detail()), (Code::CallbackInvalid, name));
    }
}

#[test]
fn a_page_on_a_tenants_subdomain_logs_in_to_that_tenant() {
    let mut world = at(subdomains(), "https://acme.app.example/invoices");
    world.login(Login::new());
    assert_eq!(world.last_navigation().host(), "acme-app-org.us.wristband.dev");
    assert_eq!(world.last_navigation().need("redirect_uri"), "https://{tenant_name}.app.example/callback");
    let callback = world.callback();
    assert!(callback.starts_with("https://acme.app.example/callback?"));
    let call_id = world.reload(&callback);
    assert_eq!(world.answer(call_id), &Ok(Answer::SignedIn));
    assert_eq!(world.sent_to(Endpoint::Token)[0].field("redirect_uri"), Some("https://{tenant_name}.app.example/callback"));
}

#[test]
fn a_login_at_the_root_domain_finds_out_the_tenant_before_the_password_is_asked_for() {
    let mut world = at(subdomains().application_authorization(true), "https://app.example/");
    world.login(Login::new().return_to("/invoices"));
    let discovery = world.last_navigation();
    assert_eq!((discovery.host(), discovery.path()), ("app-org.us.wristband.dev", "/login"));
    assert_eq!(world.storage.pending_texts().len(), 0, "the tenant's own origin stores the login");
    let login_route = "https://acme.app.example/login?tenant_name=acme&state=%2Finvoices";
    world.reload(login_route);
    world.login_from_url(login_route);
    assert_eq!(world.last_navigation().host(), "acme-app-org.us.wristband.dev");
    world.come_back();
    assert!(world.is_signed_in());
}

#[test]
fn login_route_ignores_tenant_name_on_tenant_subdomain() {
    let mut world = at(subdomains(), "https://acme.app.example/login?tenant_name=globex");
    world.login_from_url("https://acme.app.example/login?tenant_name=globex");
    assert_eq!(world.last_navigation().host(), "acme-app-org.us.wristband.dev");
}

#[test]
fn a_login_starts_on_the_origin_that_can_finish_it() {
    let mut world = at(subdomains(), "https://www.app.example/");
    world.login(Login::to("acme"));
    assert_eq!(world.last_navigation().url.to_string(), "https://acme.app.example/login?tenant_name=acme");
    assert_eq!(world.storage.pending_texts().len(), 0);
    let next = world.last_navigation().url.to_string();
    world.reload(&next);
    world.login_from_url(&next);
    assert_eq!(world.last_navigation().host(), "acme-app-org.us.wristband.dev");
}

#[test]
fn redirect_to_tenant_origin_keeps_login_options() {
    let mut world = at(subdomains(), "https://www.app.example/");
    world.login(Login::to("acme").login_hint("me@acme.example").idp_hint("google").return_to("/invoices?x=1"));
    let hop = world.last_navigation();
    assert_eq!(hop.get("login_hint"), Some("me@acme.example"));
    assert_eq!(hop.get("idp_hint"), Some("google"));
    assert_eq!(hop.get("return_url"), Some("/invoices?x=1"));
}

#[test]
fn law_9_cross_origin_redirects_are_bounded() {
    // A login route on another origin than the redirect URI could never finish a login: each redirect
    // would lead to the next.
    let settings = subdomains().login_url("https://{tenant_name}.login.example/login");
    let Ok(_) = settings.clone().build() else { return };
    let mut world = at(settings, "https://www.app.example/");
    let first = world.login(Login::to("acme"));
    if world.answer(first).is_ok() {
        let next = world.last_navigation().url.to_string();
        world.reload(&next);
        let second = world.login_from_url(&next);
        assert!(world.answer(second).is_err() || world.last_navigation().url.to_string() != next, "a redirect loop");
    }
}

#[test]
fn without_a_login_url_a_tenant_cannot_be_reached_from_another_subdomain() {
    let settings = wristband_spa_auth::protocol::config::Config::wristband(
        crate::support::VANITY,
        CLIENT,
        "https://{tenant_name}.app.example/callback",
    )
    .tenant_from_root_domain("app.example");
    let mut world = at(settings, "https://www.app.example/");
    let call_id = world.login(Login::to("acme"));
    assert_eq!(world.code(call_id), Code::ConfigInvalid);
}

#[test]
fn in_development_every_url_may_be_on_loopback() {
    let settings =
        wristband_spa_auth::protocol::config::Config::wristband("app-org.localhost:4400", CLIENT, "http://localhost:3000/callback")
            .allow_insecure_loopback(true);
    let mut world = World::with(settings);
    world.open("http://localhost:3000/");
    world.login(Login::to("acme"));
    assert_eq!(world.last_navigation().origin(), "http://acme-app-org.localhost:4400");
}
