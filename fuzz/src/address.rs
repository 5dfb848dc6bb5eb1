//! URLs, hosts, return addresses, tenants, and which URLs may receive the access token.

use url::{Host, Url};
use wristband_spa_auth::protocol::url::{HttpUrl, Origin, ReturnAddress};
use wristband_spa_auth::{Config, TenantCustomDomain, TenantName};

use crate::given::{APP, CALLBACK, CLIENT, VANITY};
use crate::opinion::{origin, place};

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    address(&text);
    return_address(&text);
    receives_the_token(&text);
    tenant_name(&text);
    custom_domain(&text);
}

/// An accepted URL is the one that a browser takes it for.
fn address(text: &str) {
    let Some(ours) = HttpUrl::parse(text) else { return };
    assert_eq!(HttpUrl::parse(&ours.to_string()).as_ref(), Some(&ours), "what is written is read again");
    let Some(theirs) = place(text) else { return };
    assert_eq!(ours.origin().to_string(), origin(&theirs));
    assert_eq!(theirs.username().len() + theirs.password().map_or(0, str::len), 0, "credentials");
    assert_eq!(Url::parse(&ours.to_string()).as_ref(), Ok(&theirs), "as it is written it leads elsewhere");
    assert_eq!(Some(ours.origin().host()), theirs.host_str());
}

/// An accepted return address stays on the app's own origin, from every page of it.
fn return_address(text: &str) {
    let own = Origin::from_authority("app.example", false).expect("a host");
    let Some(path) = ReturnAddress::parse(text, &own) else { return };
    assert_eq!(ReturnAddress::parse(path.as_str(), &own).as_ref(), Some(&path));
    for page in [APP, "https://app.example/a/b?c#d", "https://app.example//x"] {
        let base = Url::parse(page).expect("an address");
        let there = base.join(path.as_str()).expect("a path leads somewhere");
        assert_eq!(origin(&there), APP, "{path:?} leads away");
        assert!(!there.path().starts_with("//"), "{path:?} is the beginning of another host");
    }
    assert_eq!(origin(&Url::parse(&format!("{APP}{}", path.as_str())).expect("an address")), APP);
}

const APIS: [&str; 3] = ["https://api.example/v1/", "https://api.example/exact", "https://other.example:8443/"];

/// A token is sent only to a URL that a browser, too, resolves to below the prefix.
fn receives_the_token(text: &str) {
    let builder = Config::wristband(VANITY, CLIENT, CALLBACK).apis(APIS);
    let allowed = builder.build().expect("the settings are right").allows_token_for(text);
    let under = Url::parse(text).is_ok_and(|url| APIS.iter().any(|api| lies_under(&url, api)));
    assert!(under || !allowed, "the token leaves for {text}");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/-_~".contains(&byte);
    let is_spelled_as_usual = Url::parse(text).is_ok_and(|url| url.as_str() == text);
    if under && is_spelled_as_usual && text.replace(".example", "").bytes().all(is_plain) {
        assert!(allowed, "no token for {text}");
    }
}

fn lies_under(url: &Url, api: &str) -> bool {
    let prefix = Url::parse(api).expect("an address");
    let decoded = percent_decoded(url.path());
    let steps_aside = decoded.split(['/', '\\']).any(|segment| segment == "..");
    // Above a whole origin there is nothing.
    let folder = format!("{}/", prefix.path().trim_end_matches('/'));
    let steps_aside = steps_aside && folder != "/";
    let is_it = url.path() == prefix.path();
    url.origin() == prefix.origin() && (is_it || url.path().starts_with(&folder)) && !steps_aside
}

/// What a server would see that decodes a path before it splits it.
fn percent_decoded(path: &str) -> String {
    let form = path.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(form.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

/// A tenant name changes only the first label of the host.
fn tenant_name(text: &str) {
    let Ok(name) = TenantName::parse(text) else { return };
    assert!(name.as_str().eq_ignore_ascii_case(text.trim_ascii()));
    assert_eq!(TenantName::parse(name.as_str()), Ok(name.clone()));
    for (host, rest) in [(format!("{}-{VANITY}", name.as_str()), VANITY), (format!("{}.app.example", name.as_str()), "app.example")]
    {
        let Some(url) = place(&format!("https://{host}/path")) else { continue };
        assert_eq!((url.host_str(), url.path()), (Some(host.as_str()), "/path"));
        assert_eq!(host.matches('.').count(), rest.matches('.').count() + usize::from(rest != VANITY), "more labels");
    }
}

/// A custom domain is a public host name without a port.
fn custom_domain(text: &str) {
    let Ok(domain) = TenantCustomDomain::parse(text, false) else { return };
    assert_eq!(TenantCustomDomain::parse(domain.as_str(), false), Ok(domain.clone()));
    let Some(url) = place(&format!("https://{}", domain.as_str())) else { return };
    assert_eq!(url.host(), Some(Host::Domain(domain.as_str())));
    assert_eq!((url.port(), url.path(), url.username()), (None, "/", ""));
    assert!(domain.as_str().contains('.') && !domain.as_str().ends_with(".localhost"));
}
