//! The Content-Security-Policies of a deployment, generated from its settings.

use serde_json::Value;

use crate::run::Result;

/// Where a site is deployed, and what its settings let it reach.
#[derive(Debug)]
pub(crate) struct Policy {
    /// The path under which the site is deployed, with a slash at both ends.
    pub(crate) base: String,
    connect: Vec<String>,
    worker: String,
}

/// The only file that may run as a worker.
pub(crate) const WORKER: &str = "vault.js";

impl Policy {
    /// The policy for the settings in a `config.json`, for pages that connect to `more` origins as well.
    pub(crate) fn of(config: &Value, more: &[&str]) -> Result<Self> {
        let mut connect = vec![provider(config)?];
        let apis = config.get("apis").and_then(Value::as_array).into_iter().flatten().chain(config.get("apiUrl"));
        for url in apis.filter_map(Value::as_str).chain(more.iter().copied()) {
            let origin = origin(url)?;
            if !connect.iter().any(|other| other == origin) {
                connect.push(origin.to_owned());
            }
        }
        let folder = config.get("redirectUri").and_then(Value::as_str).map(folder).transpose()?;
        let (base, worker) = match folder {
            Some((origin, base)) => {
                let worker = [&origin, &base, WORKER].concat();
                (base, worker)
            }
            None => ("/".into(), "'self'".into()),
        };
        Ok(Self { base, connect, worker })
    }

    /// Whether the settings say where the site is, so that the worker can be named.
    pub(crate) fn names_the_worker(&self) -> bool {
        self.worker != "'self'"
    }

    /// For every response of the host. The page has to be allowed what the worker may do: some hosts
    /// send both policies with the worker, and without workers the session runs in the page.
    pub(crate) fn document(&self) -> String {
        self.in_page() + "; frame-ancestors 'none'"
    }

    /// For the page itself, instead of a header. It omits directives that have no effect there.
    pub(crate) fn in_page(&self) -> String {
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
             connect-src {}; worker-src {}; base-uri 'none'; form-action 'none'",
            self.connect_src(),
            self.worker
        )
    }

    /// For the worker, which takes it from the response with its own file.
    pub(crate) fn worker(&self) -> String {
        format!("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src {}", self.connect_src())
    }

    fn connect_src(&self) -> String {
        format!("'self' {}", self.connect.join(" "))
    }
}

/// The origin of the provider. Wristband's session sends requests only to the application's own domain: the
/// browser navigates to the tenants' domains, and no policy restricts that.
fn provider(config: &Value) -> Result<String> {
    let text = |name: &str| config.get(name).and_then(Value::as_str);
    match (text("applicationVanityDomain"), text("issuer")) {
        (Some(domain), None) => {
            let is_insecure = config.get("allowInsecureLoopback") == Some(&Value::Bool(true)) && is_loopback(domain);
            let url = format!("{}://{domain}", if is_insecure { "http" } else { "https" });
            origin(&url).map(str::to_owned)
        }
        (None, Some(issuer)) => origin(issuer).map(str::to_owned),
        _ => Err("config.json needs either applicationVanityDomain or issuer.".into()),
    }
}

fn is_loopback(domain: &str) -> bool {
    let host = domain.rsplit_once(':').map_or(domain, |(host, _)| host);
    host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "[::1]"
}

/// The origin of a URL.
fn origin(url: &str) -> Result<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']' | b'*');
    if authority.is_empty() || !authority.bytes().all(is_plain) {
        return Err(format!("\"{url}\" is not an address that begins with https:// and a host."));
    }
    Ok(&url[..url.len() - rest.len() + authority.len()])
}

/// The origin and the folder's path of one of the app's URLs. The tenant in the URL becomes a wildcard of the policy.
fn folder(url: &str) -> Result<(String, String)> {
    let url = url.replace("{tenant_name}", "*").replace("{tenant_domain}", "*");
    let origin = origin(&url)?;
    let path = url[origin.len()..].split(['?', '#']).next().unwrap_or_default();
    let base = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    if base.contains([';', ',', '*', ' ']) {
        return Err(format!("The path of \"{url}\" cannot be written into a policy."));
    }
    Ok((origin.to_owned(), format!("{base}/")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(config: &Value) -> Policy {
        Policy::of(config, &[]).unwrap()
    }

    #[test]
    fn the_policy_allows_the_application_and_the_apis_only() {
        let config = json!({
            "applicationVanityDomain": "invotastic-acme.us.wristband.dev",
            "redirectUri": "https://app.example/some/app/callback",
            "apis": ["https://api.example/v1/", "https://other.example:8443"],
            "apiUrl": "https://api.example/v1/me",
        });
        let policy = policy(&config);
        let connect =
            "connect-src 'self' https://invotastic-acme.us.wristband.dev https://api.example https://other.example:8443; ";
        assert!(policy.document().contains(connect), "{}", policy.document());
        assert!((policy.worker() + "; ").ends_with(connect), "{}", policy.worker());
        assert!(policy.document().contains("worker-src https://app.example/some/app/vault.js; "));
        assert_eq!(policy.base, "/some/app/");
        assert!(policy.names_the_worker());
    }

    #[test]
    fn a_meta_policy_omits_directives_without_effect_there() {
        let policy = policy(&json!({ "issuer": "https://id.example/realm" }));
        assert_eq!(policy.document(), policy.in_page() + "; frame-ancestors 'none'");
        assert!(policy.document().contains("connect-src 'self' https://id.example; worker-src 'self'; "));
        assert!(!policy.names_the_worker());
    }

    #[test]
    fn http_loopback_is_allowed_only_if_the_settings_say_so() {
        let at = |domain: &str, insecure: bool| {
            policy(&json!({ "applicationVanityDomain": domain, "allowInsecureLoopback": insecure })).connect
        };
        assert_eq!(at("invotastic.localhost:4400", true), ["http://invotastic.localhost:4400"]);
        assert_eq!(at("invotastic.localhost:4400", false), ["https://invotastic.localhost:4400"]);
        assert_eq!(at("app.example", true), ["https://app.example"]);
    }

    #[test]
    fn a_provider_with_several_origins_adds_them_to_the_policy() {
        let policy = Policy::of(&json!({ "issuer": "https://id.example" }), &["https://keys.example/jwks", "https://id.example"]);
        assert_eq!(policy.unwrap().connect, ["https://id.example", "https://keys.example"]);
    }

    #[test]
    fn the_tenant_placeholder_becomes_a_wildcard() {
        let config = json!({
            "applicationVanityDomain": "a.example",
            "redirectUri": "https://{tenant_name}.app.example/callback",
        });
        let policy = policy(&config);
        assert!(policy.document().contains("worker-src https://*.app.example/vault.js; "));
        assert_eq!(policy.base, "/");
    }

    #[test]
    fn settings_that_yield_no_safe_policy_are_refused() {
        for config in [
            json!({}),
            json!({ "issuer": "https://a.example", "applicationVanityDomain": "b.example" }),
            json!({ "applicationVanityDomain": "a.example; script-src *" }),
            json!({ "issuer": "https://a.example", "apis": ["//b.example"] }),
            json!({ "issuer": "https://a.example", "apis": ["https://"] }),
            json!({ "issuer": "https://a.example", "redirectUri": "https://b.example/x;y/callback" }),
        ] {
            assert!(Policy::of(&config, &[]).is_err(), "{config}");
        }
    }
}
