//! Settings: the values that each option accepts, and the error for each other value.

use crate::support::{CALLBACK, CLIENT, ISSUER, VANITY, open_id, seconds, subdomains, wristband};
use wristband_spa_auth::protocol::config::{Config, ConfigBuilder, Provider, Restore};
use wristband_spa_auth::protocol::error::{Blame, Code};
use wristband_spa_auth::protocol::json::Value;

fn accepted(settings: ConfigBuilder) -> Config {
    settings.build().unwrap()
}

/// Asserts that the settings are refused with an error that names this option.
fn assert_refused(settings: ConfigBuilder, option: &str) {
    let error = settings.clone().build().err().unwrap_or_else(|| panic!("{option} was accepted"));
    assert_eq!((error.code(), error.blame(), error.retryable()), (Code::ConfigInvalid, Blame::Caller, false));
    assert!(error.detail().starts_with(option), "{option} is not named: {error}");
}

fn issuer_of(settings: ConfigBuilder) -> String {
    match accepted(settings).provider() {
        Provider::OpenId(provider) => provider.issuer().to_owned(),
        other => panic!("{other:?}"),
    }
}

fn of_wristband(client_id: &str) -> ConfigBuilder {
    Config::wristband(VANITY, client_id, CALLBACK)
}

fn of_open_id(client_id: &str) -> ConfigBuilder {
    Config::openid(ISSUER, client_id, CALLBACK)
}

fn redirect_to(uri: &str) -> ConfigBuilder {
    Config::wristband(VANITY, CLIENT, uri)
}

fn from_json(text: &str) -> Result<Config, String> {
    let builder = ConfigBuilder::from_json(&json(text));
    builder.and_then(ConfigBuilder::build).map_err(|error| error.detail().to_owned())
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let config = accepted(wristband());
    assert_eq!(config.scope(), "openid offline_access email");
    assert_eq!((config.clock_tolerance(), config.renewal_margin()), (seconds(60), seconds(60)));
    assert_eq!(
        (config.restore(), config.expose_access_token(), config.allow_insecure_loopback()),
        (Restore::Redirect, false, false)
    );
    assert!(config.apis().is_empty());
}

#[test]
fn a_client_id_of_wristband_has_1_to_26_characters() {
    for id in ["c", &"c".repeat(26)] {
        accepted(of_wristband(id));
    }
    for id in ["", &"c".repeat(27), "a b", "a\nb", "ä"] {
        assert_refused(of_wristband(id), "clientId");
    }
}

#[test]
fn a_client_id_of_another_provider_may_be_longer() {
    accepted(of_open_id(&"c".repeat(255)));
    assert_refused(of_open_id(&"c".repeat(256)), "clientId");
    assert_refused(of_open_id(""), "clientId");
}

#[test]
fn there_is_exactly_one_provider() {
    let none = from_json(r#"{"clientId": "c", "redirectUri": "https://app.example/"}"#).unwrap_err();
    assert!(none.starts_with("applicationVanityDomain or issuer"), "{none}");
    assert_refused(wristband().issuer(ISSUER), "applicationVanityDomain or issuer");
    assert!(matches!(accepted(wristband()).provider(), Provider::Wristband(_)));
    assert_eq!(issuer_of(open_id()), ISSUER);
}

#[test]
fn a_vanity_domain_is_a_host_and_nothing_more() {
    for domain in ["App-Org.us.wristband.dev", "auth.app.example", "auth.app.example:8443"] {
        accepted(wristband().application_vanity_domain(domain));
    }
    for domain in
        ["", "https://app.example", "app.example/", "app.example?x", "u@app.example", "app..example", "app.example:0", "ä.example"]
    {
        assert_refused(wristband().application_vanity_domain(domain), "applicationVanityDomain");
    }
}

#[test]
fn an_issuer_is_an_https_url_without_query_or_fragment_and_is_kept_unchanged() {
    assert_eq!(issuer_of(open_id().issuer("https://ID.example/a/")), "https://ID.example/a/");
    for issuer in
        ["", "id.example", "http://id.example", "https://id.example?x=1", "https://id.example#x", "https://u:p@id.example"]
    {
        assert_refused(open_id().issuer(issuer), "issuer");
    }
}

#[test]
fn a_redirect_uri_is_an_absolute_https_url_without_fragment() {
    for uri in ["https://app.example/callback", "https://app.example", "https://app.example:8443/callback?x=1"] {
        assert_eq!(accepted(redirect_to(uri)).redirect_uri().as_str(), uri, "exactly as it is registered");
    }
    for uri in [
        "",
        "/callback",
        "//app.example/",
        "http://app.example/",
        "https://app.example/#x",
        "javascript:alert(1)",
        "app://callback",
    ] {
        assert_refused(redirect_to(uri), "redirectUri");
    }
}

#[test]
fn a_redirect_uri_has_at_most_2000_characters() {
    let uri = |length: usize| format!("https://app.example/{}", "c".repeat(length - 20));
    accepted(redirect_to(&uri(2000)));
    assert_refused(redirect_to(&uri(2001)), "redirectUri");
}

fn json(text: &str) -> Value {
    Value::parse(text.as_bytes()).unwrap()
}

fn of_application() -> ConfigBuilder {
    Config::of_application("app-org.us.wristband.dev", "client")
}

fn sdk_configuration() -> Value {
    json(
        r#"{"applicationAuthorizationRequestsEnabled": true, "customApplicationLoginPageUrl": null, "isApplicationCustomDomainActive": false,
        "loginUrl": "https://app.example/login", "loginUrlTenantDomainSuffix": null, "redirectUri": "https://app.example/callback"}"#,
    )
}

#[test]
fn an_application_is_asked_at_its_own_domain() {
    let url = of_application().sdk_configuration_url().unwrap();
    assert_eq!(url, "https://app-org.us.wristband.dev/api/v1/clients/client/sdk-configuration");
    for builder in [Config::of_application("https://app.example/", "client"), Config::of_application("app.example", "../x")] {
        assert_eq!(builder.sdk_configuration_url().unwrap_err().code(), Code::ConfigInvalid);
    }
}

#[test]
fn an_application_fills_in_what_the_app_leaves_out() {
    let (builder, differences) = of_application().fill_in(&sdk_configuration()).unwrap();
    assert!(differences.is_empty());
    let written = Config::wristband("app-org.us.wristband.dev", "client", "https://app.example/callback")
        .application_authorization(true)
        .login_url("https://app.example/login");
    assert_eq!(builder.build(), written.build());
}

#[test]
fn settings_of_the_app_win_over_the_applications_and_differences_are_named() {
    let own = of_application().login_url("https://app.example/sign-in").application_authorization(false);
    let (builder, differences) = own.fill_in(&sdk_configuration()).unwrap();
    assert_eq!(builder.build().unwrap().login_url().unwrap().as_str(), "https://app.example/sign-in");
    assert_eq!(
        differences,
        [
            "applicationAuthorization is false in the app, and true in the Wristband application",
            "loginUrl is \"https://app.example/sign-in\" in the app, and \"https://app.example/login\" in the Wristband application",
        ]
    );
}

#[test]
fn of_several_redirect_uris_the_app_chooses_one_and_nonsense_is_refused() {
    let error = of_application().fill_in(&json(r#"{"redirectUri": null}"#)).unwrap_err();
    assert_eq!((error.code(), error.detail().starts_with("redirectUri: ")), (Code::ConfigInvalid, true));
    for wrong in [r#"{"redirectUri": 1}"#, r#"{"redirectUri": "https://app.example/cb", "loginUrl": []}"#] {
        assert_eq!(of_application().fill_in(&json(wrong)).unwrap_err().code(), Code::ConfigInvalid, "{wrong}");
    }
}

#[test]
fn a_logout_url_of_the_configuration_has_at_most_2000_characters() {
    let url = |length: usize| format!("https://app.example/{}", "c".repeat(length - 20));
    accepted(wristband().post_logout_url(url(2000)));
    assert_refused(wristband().post_logout_url(url(2001)), "postLogoutUrl");
}

#[test]
fn http_is_accepted_for_loopback_only_and_only_if_allowed() {
    for uri in
        ["http://localhost:3000/callback", "http://127.0.0.1:3000/callback", "http://[::1]:3000/callback", "http://app.localhost/"]
    {
        // A native app listens on the loopback address itself.
        let is_native = cfg!(feature = "native") && (uri.contains("127.0.0.1") || uri.contains("[::1]"));
        if !is_native {
            assert_refused(redirect_to(uri), "redirectUri");
        }
        accepted(redirect_to(uri).allow_insecure_loopback(true));
    }
    for uri in
        ["http://app.example/", "http://localhost.example/", "http://10.0.0.1/", "http://127.0.0.1.example/", "http://0.0.0.0/"]
    {
        assert_refused(redirect_to(uri).allow_insecure_loopback(true), "redirectUri");
    }
    let insecure = |settings: ConfigBuilder| settings.allow_insecure_loopback(true);
    assert_refused(insecure(wristband()).apis(["http://api.example/"]), "apis");
    assert_refused(insecure(open_id()).issuer("http://id.example"), "issuer");
    accepted(insecure(open_id()).issuer("http://localhost:4400"));
}

#[test]
fn urls_have_a_placeholder_exactly_if_tenants_have_subdomains() {
    accepted(subdomains());
    accepted(subdomains().login_url("https://{tenant_domain}.app.example/login"));
    assert_refused(redirect_to("https://{tenant_name}.app.example/callback"), "redirectUri");
    assert_refused(wristband().tenant_from_root_domain("app.example"), "redirectUri");
    assert_refused(wristband().login_url("https://{tenant_name}.app.example/login"), "loginUrl");
    assert_refused(subdomains().login_url("https://app.example/login"), "loginUrl");
}

#[test]
fn law_7_a_placeholder_is_the_whole_first_label() {
    for uri in [
        "https://{tenant_name}evil.example/callback",
        "https://x{tenant_name}.app.example/callback",
        "https://app.example/{tenant_name}/callback",
        "https://www.{tenant_name}.app.example/callback",
        "https://{tenant_name}@evil.example/callback",
        "https://{tenant_name}/callback",
        "https://{tenant_name}.{tenant_name}.example/callback",
    ] {
        assert_refused(redirect_to(uri).tenant_from_root_domain("app.example"), "redirectUri");
    }
}

#[test]
fn a_root_domain_is_a_host_without_port() {
    for domain in ["app.example:8443", "https://app.example", "app.example/", "", "app..example"] {
        assert_refused(subdomains().tenant_from_root_domain(domain), "tenantFromRootDomain");
    }
}

#[test]
fn the_default_tenant_is_checked_like_any_other() {
    accepted(wristband().default_tenant_name("Acme").default_tenant_custom_domain("login.acme.example"));
    assert_refused(wristband().default_tenant_name("evil.example/x?"), "defaultTenantName");
    assert_refused(wristband().default_tenant_custom_domain("https://acme.example"), "defaultTenantCustomDomain");
    assert_refused(wristband().default_tenant_custom_domain("localhost"), "defaultTenantCustomDomain");
}

#[test]
fn the_other_urls_are_checked_as_well() {
    assert_refused(wristband().post_logout_url("/bye"), "postLogoutUrl");
    assert_refused(wristband().application_login_page("http://app.example/find"), "applicationLoginPage");
    assert_refused(wristband().application_login_page("https://app.example/find#here"), "applicationLoginPage");
    assert_refused(wristband().login_url("login"), "loginUrl");
}

#[test]
fn scopes_are_a_list_that_contains_openid() {
    assert_eq!(accepted(wristband().scopes(["openid", "roles", "openid"])).scope(), "openid roles");
    for scopes in [
        vec![],
        vec!["email"],
        vec!["OpenID"],
        vec!["openid", ""],
        vec!["openid", "a b"],
        vec!["openid", "a\"b"],
        vec!["openid", "ä"],
    ] {
        assert_refused(wristband().scopes(scopes), "scopes");
    }
    accepted(wristband().scopes(["openid".to_owned(), "c".repeat(993)]));
    assert_refused(wristband().scopes(["openid".to_owned(), "c".repeat(994)]), "scopes");
}

#[test]
fn durations_have_bounds() {
    accepted(wristband().clock_tolerance(seconds(600)).renewal_margin(seconds(86_400)));
    accepted(wristband().clock_tolerance(seconds(0)).renewal_margin(seconds(0)));
    assert_refused(wristband().clock_tolerance(seconds(601)), "clockTolerance");
    assert_refused(wristband().renewal_margin(seconds(86_401)), "renewalMargin");
}

#[test]
fn law_6_an_empty_api_list_allows_no_api() {
    assert!(!accepted(wristband()).allows_token_for("https://app.example/"));
}

#[test]
fn law_6_a_token_goes_only_to_the_exact_origin_and_below_the_path_by_segments() {
    let config = accepted(wristband().apis(["https://api.example/v1/", "https://whole.example", "https://one.example/exact"]));
    for address in [
        "https://api.example/v1/",
        "https://api.example/v1/me?x=1#y",
        "https://API.example:443/v1/a/b",
        "https://whole.example/",
        "https://whole.example/anything",
        "https://one.example/exact",
        "https://one.example/exact?x=1",
        "https://one.example/exact/below",
    ] {
        assert!(config.allows_token_for(address), "{address}");
    }
    for address in [
        "https://api.example/v1",
        "https://api.example/v10",
        "https://api.example/v1x/",
        "https://api.example/V1/",
        "https://api.example/",
        "http://api.example/v1/",
        "https://api.example:8443/v1/",
        "https://evil.example/v1/",
        "https://api.example.evil.example/v1/",
        "https://api.example@evil.example/v1/",
        "https://u:p@api.example/v1/",
        "https://api.example/v1/../admin",
        "https://api.example/v1/%2e%2E/admin",
        "https://api.example/v1/..%2fadmin",
        "https://api.example/v1/..;/admin",
        "https://api.example/v1/%2e%2e;/admin",
        "https://api.example/v1/..%3b/admin",
        "https://api.example/v1/..%00/admin",
        "https://api.example/v1/%252e%252e/admin",
        "https://api.example/v1/%c0%ae%c0%ae/admin",
        "https://api.example/v1/..%20/admin",
        "https://one.example/exact/..;/admin",
        "https://one.example/exact/a%2Fb",
        "https://api.example/v1/..%5cadmin",
        "https://api.example/v1/..\\admin",
        "https://api.example/other/../v1/",
        "https://one.example/exactly",
        "https://one.example/exact%2f..",
        "https://one.example/exact;/../admin",
        "https://api.example/v1/a/./b",
        "https://api.example/v1/.",
        "https://api.example/v1/%2e",
        "https://api.example/v1/.%2e/admin",
        "https://api.example/v1%2fme",
        "https://api.example/%76%31/",
        "https://api.example//v1/",
        "https://api.example/v1\\me",
        "https://api.example./v1/",
        "https://api.example:444/v1/",
        "https://api.example:80/v1/",
        "https://api.example:0443x/v1/",
        "https://xapi.example/v1/",
        "https://api.examplex/v1/",
        "https://api-example/v1/",
        "https://api.example%2eevil.example/v1/",
        "https://api.example%00.evil.example/v1/",
        "https://api.example\\@evil.example/v1/",
        "https://evil.example\\@api.example/v1/",
        "https://evil.example#@api.example/v1/",
        "https://evil.example?@api.example/v1/",
        "https://api.\u{e9}xample/v1/",
        "https://\u{ff41}pi.example/v1/",
        "https:api.example/v1/",
        "https:/api.example/v1/",
        "https:\\\\api.example\\v1\\",
        "https://api.example/v1/\n",
        " https://api.example/v1/",
        "ftp://api.example/v1/",
        "blob:https://api.example/v1/",
        "//api.example/v1/",
        "/v1/me",
        "",
    ] {
        assert!(!config.allows_token_for(address), "{address}");
    }
}

#[test]
fn law_6_an_origin_without_a_path_covers_all_its_paths() {
    for listed in ["https://api.example/", "https://api.example"] {
        let config = accepted(wristband().apis([listed]));
        for path in [
            "/api/queues/%2F/q",
            "/projects/group%2frepo/issues?x=1",
            "/files/a%5Cb",
            "/plain",
            "/q?next=%2Fhome",
            "/a/..;/b",
            "/%252e",
        ] {
            assert!(config.allows_token_for(&format!("https://api.example{path}")), "{path}");
        }
        assert!(!config.allows_token_for("https://other.example/a%2Fb"));
    }
}

#[test]
fn law_10_a_url_refused_by_a_path_prefix_says_why() {
    let config = accepted(wristband().apis(["https://api.example/v1/", "https://whole.example/"]));
    let detail = |url: &str| {
        let error = config.api_for(url).unwrap_err();
        assert_eq!(error.code(), Code::AddressNotListed);
        error.detail().to_owned()
    };
    assert!(detail("https://api.example/v1/group%2Frepo").contains("%2F"));
    assert!(detail("https://api.example/v1/..;/admin").contains("`..`"));
    assert_eq!(detail("https://api.example/v2/"), "");
    assert_eq!(detail("https://evil.example/v1/..;/admin"), "");
    assert_eq!(config.api_for("https://api.example/v1/me"), Ok(0));
    assert_eq!(config.api_for("https://whole.example/a%2Fb"), Ok(1));
}

#[test]
fn law_6_an_api_prefix_is_a_url_without_query_fragment_or_dot_segments() {
    for api in [
        "",
        "api.example",
        "http://api.example/",
        "https://api.example/?x",
        "https://api.example/#x",
        "https://api.example/a/../b",
        "https://api.example/a/..;/b",
        "https://api.example/%252e%252e/b",
        "*",
    ] {
        assert_refused(wristband().apis([api]), "apis");
    }
}

#[test]
fn every_option_has_its_name_in_json() {
    let config = from_json(
        r#"{
            "allowInsecureLoopback": true, "apis": ["https://api.example/"], "applicationAuthorization": true,
            "applicationCustomDomainActive": true, "applicationLoginPage": "https://www.app.example/find",
            "applicationVanityDomain": "auth.app.example", "clientId": "c", "clockTolerance": 30,
            "defaultTenantCustomDomain": "login.acme.example", "defaultTenantName": "acme", "exposeAccessToken": true,
            "loginUrl": "https://{tenant_name}.app.example/login", "postLogoutUrl": "https://app.example/bye",
            "redirectUri": "https://{tenant_name}.app.example/callback", "renewalMargin": 10, "restore": "none",
            "scopes": ["openid"], "tenantFromRootDomain": "app.example"
        }"#,
    );
    let same = Config::wristband("auth.app.example", "c", "https://{tenant_name}.app.example/callback")
        .allow_insecure_loopback(true)
        .apis(["https://api.example/"])
        .application_authorization(true)
        .application_custom_domain_active(true)
        .application_login_page("https://www.app.example/find")
        .clock_tolerance(seconds(30))
        .default_tenant_custom_domain("login.acme.example")
        .default_tenant_name("acme")
        .expose_access_token(true)
        .login_url("https://{tenant_name}.app.example/login")
        .post_logout_url("https://app.example/bye")
        .renewal_margin(seconds(10))
        .restore(Restore::None)
        .scopes(["openid"])
        .tenant_from_root_domain("app.example");
    assert_eq!(config, Ok(accepted(same)));
    let config = config.unwrap();
    assert_eq!(from_json(&config.to_json().to_text()), Ok(config));
    let config =
        from_json(r#"{"clientId": "c", "redirectUri": "https://app.example/", "issuer": "https://id.example", "apis": null}"#);
    assert!(config.is_ok(), "null is as good as absent: {config:?}");
    let config = config.unwrap();
    assert_eq!(from_json(&config.to_json().to_text()), Ok(config));
}

#[test]
fn an_unknown_option_or_a_value_of_the_wrong_type_is_named() {
    for (member, name) in [
        (r#""clientID": "c""#, "clientID"),
        (r#""clientSecret": "s""#, "clientSecret"),
        (r#""clientId": 7"#, "clientId"),
        (r#""scopes": "openid""#, "scopes"),
        (r#""apis": ["https://api.example/", 7]"#, "apis"),
        (r#""renewalMargin": -1"#, "renewalMargin"),
        (r#""renewalMargin": "60""#, "renewalMargin"),
        (r#""restore": "iframe""#, "restore"),
        (r#""exposeAccessToken": "false""#, "exposeAccessToken"),
    ] {
        assert!(from_json(&format!("{{{member}}}")).unwrap_err().starts_with(name), "{member}");
    }
    for text in ["[]", "7", "null", "\"clientId\""] {
        assert!(ConfigBuilder::from_json(&Value::parse(text.as_bytes()).unwrap()).is_err(), "{text}");
    }
}
