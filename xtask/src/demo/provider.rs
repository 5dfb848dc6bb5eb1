//! The local identity provider, as a separate process.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdin, ExitStatus, Stdio};

use serde_json::{Value, json};

use crate::run::{Result, node, not_started};

/// The ports of all parts of the demo.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) demo: u16,
    pub(crate) provider: u16,
    pub(crate) api: u16,
}

/// A provider that answers requests.
pub(crate) struct Provider {
    child: Child,
    /// The provider ends when this is closed, so it never outlives this program, however that ends.
    _leash: Option<ChildStdin>,
    ready: Value,
}

impl Provider {
    /// Starts the provider and waits until it is ready.
    pub(crate) fn start(ports: Ports) -> Result<Self> {
        let mut command = node();
        command.arg("demo/provider/src/main.js").args(["--json", "--quiet", "--exit-with-stdin"]);
        command.args(["--port", &ports.provider.to_string(), "--api-port", &ports.api.to_string()]);
        command.args(["--origin", &format!("http://localhost:{}", ports.demo)]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| not_started(&command, &error))?;
        let leash = child.stdin.take();
        let mut output = child.stdout.take().map(BufReader::new).ok_or("The provider's output cannot be read.")?;
        let mut line = String::new();
        while output.read_line(&mut line).is_ok_and(|length| length > 0) {
            if let Some(ready) = read_ready(&line) {
                // Later output is read and dropped, so that the provider never blocks on it.
                std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
                return Ok(Self { child, _leash: leash, ready });
            }
            line.clear();
        }
        let _ = child.wait();
        Err("The local identity provider did not start: see its output above.".into())
    }

    /// The demo's settings for the provider and for itself.
    pub(crate) fn demo_config(&self, ports: Ports) -> Value {
        demo_config(&self.ready, ports)
    }

    /// Waits until the provider ends, which it should not do on its own.
    pub(crate) fn wait(mut self) -> Option<ExitStatus> {
        self.child.wait().ok()
    }
}

fn read_ready(line: &str) -> Option<Value> {
    serde_json::from_str::<Value>(line).ok().filter(|value| value["ready"] == true)
}

fn demo_config(ready: &Value, ports: Ports) -> Value {
    let demo = format!("http://localhost:{}", ports.demo);
    let api = format!("http://localhost:{}/v1", ports.api);
    json!({
        "applicationVanityDomain": ready["applicationVanityDomain"],
        "clientId": ready["clientId"],
        "redirectUri": format!("{demo}/callback"),
        "loginUrl": format!("{demo}/login"),
        "postLogoutUrl": format!("{demo}/"),
        "scopes": ["openid", "offline_access", "profile", "email", "phone", "roles"],
        "apis": [format!("{api}/")],
        "allowInsecureLoopback": true,
        "apiUrl": format!("{api}/me"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_ready_line_means_ready() {
        assert!(read_ready(r#"{"ready":true,"port":4400}"#).is_some());
        for line in ["", "listening", "{}", r#"{"ready":false}"#] {
            assert!(read_ready(line).is_none(), "{line}");
        }
    }

    #[test]
    fn the_demo_receives_the_requested_ports() {
        let ready = json!({ "ready": true, "applicationVanityDomain": "invotastic.localhost:2", "clientId": "id" });
        let config = demo_config(&ready, Ports { demo: 1, provider: 2, api: 3 });
        assert_eq!(
            config,
            json!({
                "applicationVanityDomain": "invotastic.localhost:2",
                "clientId": "id",
                "redirectUri": "http://localhost:1/callback",
                "loginUrl": "http://localhost:1/login",
                "postLogoutUrl": "http://localhost:1/",
                "scopes": ["openid", "offline_access", "profile", "email", "phone", "roles"],
                "apis": ["http://localhost:3/v1/"],
                "allowInsecureLoopback": true,
                "apiUrl": "http://localhost:3/v1/me",
            })
        );
    }
}
