//! Serves the demo together with a local identity provider.

pub(crate) mod provider;
pub(crate) mod serve;

use std::net::TcpListener;

use crate::build;
use crate::demo::provider::{Ports, Provider};
use crate::flags::Flags;
use crate::npm;
use crate::run::{Result, say};
use crate::setup;
use crate::workspace::path;

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let flags = Flags::read(arguments, &["--no-build"], &["--port", "--provider-port", "--api-port"])?;
    flags.no_words()?;
    let ports = Ports {
        demo: flags.number("--port", 4402)?,
        provider: flags.number("--provider-port", 4400)?,
        api: flags.number("--api-port", 4401)?,
    };
    // Checked before the build, which takes long, and again when listening.
    require_free(ports)?;
    if flags.has("--no-build") {
        if !path("demo/dist/index.html").exists() {
            return Err("demo/dist is missing: leave out --no-build once.".into());
        }
    } else {
        setup::to_build()?;
        build::demo(&build::Demo::default())?;
    }
    npm::install("demo/provider")?;
    start(ports)
}

fn start(ports: Ports) -> Result<()> {
    let listeners = serve::listen(ports.demo).map_err(|_| taken(ports.demo, "--port"))?;
    let provider = Provider::start(ports)?;
    serve::start(listeners, serve::Site::of(path("demo/dist"), &provider.demo_config(ports))?)?;
    say(format_args!("The demo is at http://localhost:{}/", ports.demo));
    say("Log in to the tenant acme as ada@acme.example with the password lovelace,");
    say("or to the tenant globex as hank@globex.example with the password scorpio. Ctrl-C ends the demo.");
    let status = provider.wait().map_or_else(String::new, |status| format!(" ({status})"));
    Err(format!("The local identity provider stopped{status}, so the demo stops too."))
}

fn require_free(ports: Ports) -> Result<()> {
    let Ports { demo, provider, api } = ports;
    for (port, flag) in [(demo, "--port"), (provider, "--provider-port"), (api, "--api-port")] {
        if TcpListener::bind(("127.0.0.1", port)).is_err() {
            return Err(taken(port, flag));
        }
    }
    if demo == provider || demo == api || provider == api {
        return Err("The demo, the provider and the API need three different ports.".into());
    }
    Ok(())
}

fn taken(port: u16, flag: &str) -> String {
    format!("Port {port} is already taken: choose another one with {flag}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_the_flag_that_moves_it() {
        let other = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = other.local_addr().unwrap().port();
        let problem = require_free(Ports { demo: port, provider: 1, api: 2 }).unwrap_err();
        assert_eq!(problem, format!("Port {port} is already taken: choose another one with --port."));
    }
}
