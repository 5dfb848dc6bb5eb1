//! The headers for the files of the demo: for `_headers`, which several hosts read, and for the local server.

use std::fmt::Write as _;

use crate::build::assets::{ending, is_named_by_content};
use crate::build::policy::{Policy, WORKER};

/// The headers of one path, or, with `*` at its end, of all paths with this prefix.
#[derive(Debug)]
pub(crate) struct Rule {
    path: String,
    headers: Vec<(&'static str, String)>,
}

/// Never changes under the same name.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// Revalidated each time, which costs little if nothing has changed.
pub(crate) const ASK_AGAIN: &str = "no-cache";

/// The rules for these files. No path has a header from two rules, except for the worker's policy:
/// hosts disagree about which one counts then. If both do, the worker is as restricted as by its own.
pub(crate) fn rules(policy: &Policy, files: &[String]) -> Vec<Rule> {
    let rule = |path: &str, headers: &[(&'static str, &str)]| Rule {
        path: [&policy.base, path].concat(),
        headers: headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
    };
    let everywhere = [
        ("Content-Security-Policy", &*policy.document()),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    ];
    let mut rules = vec![rule("*", &everywhere), rule("", &[("Cache-Control", ASK_AGAIN)])];
    for file in files.iter().filter(|file| is_served_as_it_is(file)) {
        let cache = ("Cache-Control", if is_named_by_content(file) { FOR_GOOD } else { ASK_AGAIN });
        let policy = ("Content-Security-Policy", &*policy.worker());
        rules.push(if file == WORKER { rule(file, &[policy, cache]) } else { rule(file, &[cache]) });
    }
    rules
}

/// Excludes the compressed copies, and files that only hosts read.
fn is_served_as_it_is(file: &str) -> bool {
    !file.starts_with(['.', '_']) && !matches!(ending(file), "br" | "gz")
}

/// The content of a `_headers` file.
pub(crate) fn text(rules: &[Rule]) -> String {
    rules.iter().fold(String::new(), |mut text, Rule { path, headers }| {
        let _ = writeln!(text, "{path}");
        for (name, value) in headers {
            let _ = writeln!(text, "  {name}: {value}");
        }
        text
    })
}

/// The headers of a path: of all matching rules; of a header in several rules, the last one.
pub(crate) fn of<'a>(rules: &'a [Rule], path: &str) -> Vec<(&'static str, &'a str)> {
    let matches = |rule: &&Rule| match rule.path.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => path == rule.path,
    };
    let mut headers: Vec<(&'static str, &str)> = Vec::new();
    for (name, value) in rules.iter().filter(matches).flat_map(|rule| &rule.headers) {
        headers.retain(|(other, _)| other != name);
        headers.push((name, value));
    }
    headers
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FILES: &[&str] = &[
        ".nojekyll",
        "404.html",
        "404.html.br",
        "_headers",
        "app-0123456789abcdef.js",
        "app-0123456789abcdef.js.br",
        "app-0123456789abcdef.js.gz",
        "app_bg-0123456789abcdef.wasm",
        "config.json",
        "index.html",
        "vault.js",
        "vault.wasm",
    ];

    fn deployed(redirect_uri: &str) -> (Policy, Vec<Rule>) {
        let config = json!({ "applicationVanityDomain": "a.example", "redirectUri": redirect_uri });
        let policy = Policy::of(&config, &[]).unwrap();
        let files: Vec<String> = FILES.iter().map(|file| (*file).to_owned()).collect();
        let rules = rules(&policy, &files);
        (policy, rules)
    }

    fn header<'a>(rules: &'a [Rule], path: &str, name: &str) -> Option<&'a str> {
        of(rules, path).into_iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    #[test]
    fn only_files_named_by_their_hash_are_immutable() {
        let (_, rules) = deployed("https://app.example/callback");
        for file in ["app-0123456789abcdef.js", "app_bg-0123456789abcdef.wasm"] {
            assert_eq!(header(&rules, &format!("/{file}"), "Cache-Control"), Some(FOR_GOOD), "{file}");
        }
        for path in ["/", "/index.html", "/404.html", "/config.json", "/vault.js", "/vault.wasm"] {
            assert_eq!(header(&rules, path, "Cache-Control"), Some(ASK_AGAIN), "{path}");
        }
        assert_eq!(header(&rules, "/about", "Cache-Control"), None);
    }

    #[test]
    fn every_response_has_the_page_policy_and_the_worker_its_own() {
        let (policy, rules) = deployed("https://app.example/some/app/callback");
        for path in ["", "about", "index.html", "app-0123456789abcdef.js", "vault.wasm"] {
            let path = format!("/some/app/{path}");
            assert_eq!(header(&rules, &path, "Content-Security-Policy"), Some(&*policy.document()), "{path}");
            assert_eq!(header(&rules, &path, "X-Content-Type-Options"), Some("nosniff"), "{path}");
        }
        assert_eq!(header(&rules, "/some/app/vault.js", "Content-Security-Policy"), Some(&*policy.worker()));
        assert_eq!(of(&rules, "/elsewhere"), []);
    }

    #[test]
    fn the_headers_file_is_in_the_hosts_format() {
        let (_, rules) = deployed("https://app.example/callback");
        let text = text(&rules);
        let mut paths = Vec::new();
        for line in text.lines() {
            // Cloudflare Pages accepts no longer lines.
            assert!(line.len() <= 2000, "{line}");
            match line.strip_prefix("  ") {
                Some(header) => {
                    let (name, value) = header.split_once(": ").unwrap();
                    assert!(name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-'), "{line}");
                    assert!(!value.is_empty() && value.trim() == value && value.is_ascii(), "{line}");
                    assert!(!paths.is_empty(), "{line} is for no path");
                }
                None => {
                    assert!(line.starts_with('/') && !line.contains(' ') && !paths.contains(&line), "{line}");
                    // Netlify accepts a wildcard only at the end.
                    assert!(line.find('*').is_none_or(|at| at + 1 == line.len()), "{line}");
                    paths.push(line);
                }
            }
        }
        assert!(paths.len() <= 100, "Cloudflare Pages takes no more rules");
        for hidden in ["_headers", ".nojekyll", ".br", ".gz"] {
            assert!(!paths.iter().any(|path| path.ends_with(hidden)), "{hidden}");
        }
    }

    #[test]
    fn the_documented_nginx_has_the_same_policies() {
        let documented = include_str!("../../../docs/deploy/nginx.conf");
        let config = json!({
            "applicationVanityDomain": "invotastic-acme.us.wristband.dev",
            "redirectUri": "https://app.example/some/app/callback",
            "apis": ["https://api.example/v1/"],
        });
        let policy = Policy::of(&config, &[]).unwrap();
        for value in [&policy.document(), &policy.worker(), FOR_GOOD] {
            assert!(documented.contains(&format!("\"{value}\";")), "{value}");
        }
    }

    #[test]
    fn only_the_workers_policy_repeats_a_header_for_one_path() {
        let (_, rules) = deployed("https://app.example/callback");
        for file in FILES {
            let path = format!("/{file}");
            let matching = rules.iter().filter(|rule| rule.path == path || rule.path == "/*");
            let mut names: Vec<&str> = matching.flat_map(|rule| rule.headers.iter().map(|(name, _)| *name)).collect();
            names.retain(|name| !(*file == WORKER && *name == "Content-Security-Policy"));
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{file}");
        }
    }
}
