//! The app's settings.

use serde_json::Value as Json;
use url::Url;
use wristband_spa_auth::protocol::config::Provider;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::url::HttpUrl;
use wristband_spa_auth::session::Input;
use wristband_spa_auth::{Config, ConfigBuilder, Login, Value};

use crate::opinion::{origin, place};
use crate::page::{ASK, Page, entropy};

pub fn check(data: &[u8]) {
    let Some(settings) = Value::parse_object(data) else { return };
    let config = match ConfigBuilder::from_json(&settings).and_then(ConfigBuilder::build) {
        Ok(config) => config,
        Err(error) => {
            assert!(error.code() == Code::ConfigInvalid && !error.detail().is_empty(), "{error}: it names no option");
            return;
        }
    };
    let others: Json = serde_json::from_slice(data).expect("others read it too");
    expect_bounds(&config);
    expect_addresses(&config, &others);
    assert_eq!(again(&config, &others), config, "the same settings by other means are another configuration");
    login(&config);
}

fn expect_bounds(config: &Config) {
    assert!((1..=255).contains(&config.client_id().len()));
    assert!(config.scope().split(' ').any(|scope| scope == "openid") && config.scope().len() <= 1_000);
    assert!(config.linger().as_secs() <= 300 && config.clock_tolerance().as_secs() <= 600);
    assert!(config.renewal_margin().as_secs() <= 86_400);
}

/// Every URL leads where its string says, over a protected connection.
fn expect_addresses(config: &Config, settings: &Json) {
    let redirect = config.redirect_uri().as_str();
    assert_eq!(settings["redirectUri"], redirect);
    expect_protected(&filled(redirect), config);
    for api in config.apis() {
        let text = api.url().to_string();
        expect_protected(&text, config);
        let Ok(url) = Url::parse(&text) else { continue };
        assert!(settings["apis"].as_array().is_some_and(|apis| apis.iter().any(|api| is_same(api, &url))), "{url} was not listed");
        let allowed = config.allows_token_for(&text);
        assert!(
            allowed || text.to_ascii_lowercase().contains("%2f") || text.to_ascii_lowercase().contains("%5c"),
            "{text} is in no API"
        );
    }
    config.login_url().iter().for_each(|url| assert_eq!(settings["loginUrl"], url.as_str()));
    config.post_logout_url().iter().for_each(|url| expect_protected(&filled(url.as_str()), config));
    match config.provider() {
        Provider::OpenId(provider) => {
            assert_eq!(settings["issuer"], provider.issuer());
            expect_protected(&provider.issuer().replacen("{tenantid}", "tenant", 1), config);
        }
        Provider::Wristband(application) => {
            let origin = application.origin().to_string();
            expect_protected(&origin, config);
            let domain = settings["applicationVanityDomain"].as_str().unwrap_or_default().to_ascii_lowercase();
            let host = place(&origin).map(|url| url.host_str().unwrap_or_default().to_owned());
            assert!(host.is_none_or(|host| domain.starts_with(&host)), "{origin} is not of {domain}");
        }
        other => panic!("a kind of provider that is new: {other:?}"),
    }
}

/// The URL with a tenant in the place of its placeholder.
fn filled(url: &str) -> String {
    url.replacen("{tenant_name}", "tenant", 1).replacen("{tenant_domain}", "tenant", 1)
}

fn is_same(api: &Json, url: &Url) -> bool {
    api.as_str().and_then(|api| Url::parse(api).ok()).as_ref() == Some(url)
}

/// https, or http on loopback if that is allowed.
fn expect_protected(text: &str, config: &Config) {
    let Some(url) = place(text) else { return };
    let host = url.host_str().unwrap_or_default();
    let own = host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || host.starts_with("127.");
    assert!(url.scheme() == "https" || (config.allow_insecure_loopback() && own), "{text} is not protected");
    assert_eq!((url.username(), url.password()), ("", None));
}

/// The same configuration, built from what this one returns.
fn again(config: &Config, settings: &Json) -> Config {
    let (client_id, redirect_uri) = (config.client_id(), config.redirect_uri().as_str());
    let mut builder = match config.provider() {
        Provider::OpenId(provider) => Config::openid(provider.issuer(), client_id, redirect_uri),
        _ => application(Config::wristband("", client_id, redirect_uri), settings),
    };
    builder = builder
        .allow_insecure_loopback(config.allow_insecure_loopback())
        .allow_tenant_change(config.allow_tenant_change())
        .apis(config.apis().iter().map(|api| api.url().to_string()))
        .clock_tolerance(config.clock_tolerance())
        .expose_access_token(config.expose_access_token())
        .linger(config.linger())
        .renewal_margin(config.renewal_margin())
        .restore(config.restore())
        .scopes(config.scope().split(' '));
    if let Some(url) = config.login_url() {
        builder = builder.login_url(url.as_str());
    }
    if let Some(url) = config.post_logout_url() {
        builder = builder.post_logout_url(url.as_str());
    }
    builder.build().expect("what was right is right again")
}

type Setter = fn(ConfigBuilder, &str) -> ConfigBuilder;

/// The options of an application that only the settings themselves hold.
fn application(mut builder: ConfigBuilder, settings: &Json) -> ConfigBuilder {
    let flag = |name: &str| settings[name] == true;
    builder = builder
        .application_authorization(flag("applicationAuthorization"))
        .application_custom_domain_active(flag("applicationCustomDomainActive"));
    let text = |name: &str| settings[name].as_str();
    let setters: [(&str, Setter); 5] = [
        ("applicationLoginPage", |builder, text| builder.application_login_page(text)),
        ("applicationVanityDomain", |builder, text| builder.application_vanity_domain(text)),
        ("defaultTenantCustomDomain", |builder, text| builder.default_tenant_custom_domain(text)),
        ("defaultTenantName", |builder, text| builder.default_tenant_name(text)),
        ("tenantFromRootDomain", |builder, text| builder.tenant_from_root_domain(text)),
    ];
    for (name, set) in setters {
        if let Some(text) = text(name) {
            builder = set(builder, text);
        }
    }
    builder
}

/// A login with these settings leads to the provider, or to the app at the tenant's own host.
fn login(config: &Config) {
    let Provider::Wristband(_) = config.provider() else { return };
    let own = config.redirect_uri().as_str().replacen("{tenant_name}", "acme", 1).replacen("{tenant_domain}", "acme", 1);
    let Some(page) = HttpUrl::parse(&own).map(|url| url.origin().to_string()) else { return };
    let (mut page, _) = Page::open(config.clone(), &page);
    let departure = page.depart(Input::Login { call_id: ASK, login: Login::to("acme"), entropy: entropy() });
    let Some(place) = departure.place() else { return assert!(departure.error.is_some() || departure.url.is_some()) };
    expect_protected(place.as_str(), config);
    let redirect = place.query_pairs().find(|(name, _)| name == "redirect_uri").map(|(_, value)| value.into_owned());
    assert!(redirect.is_none_or(|redirect| redirect == config.redirect_uri().as_str()), "{}", origin(&place));
}
