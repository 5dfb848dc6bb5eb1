//! A command-line tool that signs its user in: `login`, `whoami`, `call URL`, `renew`, `logout`.
//!
//! ```sh
//! node demo/provider/src/main.js --native
//! cargo run --no-default-features --features native --example cli -- login acme
//! ```

#![allow(clippy::print_stdout, reason = "a tool prints")]

use std::process::ExitCode;

use wristband_spa_auth::native::{Auth, Options, Platform, Storage};
use wristband_spa_auth::{Code, Config, ConfigBuilder, Error, Login, Logout, State, Value};

const HELP: &str = "\
Usage: cli [options] COMMAND

  login [TENANT]   Sign in with the system's browser
  whoami           Show who is signed in
  call URL         Send a GET request to an API, with the access token
  renew            Renew the tokens now
  logout           Sign out, here and at the provider

  --settings FILE  The settings, as JSON: what the local provider prints as appSettings. Default: those of the local provider
  --app NAME       The name under which the session is stored. Default: com.example.cli
  --store KIND     Secret Service, keyutils, Keychain, Credential Manager, or memory. Default: what there is
  --print-url      Print the URL of the login, instead of opening the browser";

/// The command line, parsed.
struct Arguments {
    app: String,
    command: Vec<String>,
    prints_url: bool,
    settings: Option<String>,
    store: Option<String>,
}

fn arguments() -> Result<Arguments, String> {
    let mut parsed =
        Arguments { app: "com.example.cli".to_owned(), command: Vec::new(), prints_url: false, settings: None, store: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--app" => parsed.app = value()?,
            "--settings" => parsed.settings = Some(value()?),
            "--store" => parsed.store = Some(value()?),
            "--print-url" => parsed.prints_url = true,
            "--help" => parsed.command = vec![word],
            option if option.starts_with("--") => return Err(format!("{option}: no such option")),
            _ => parsed.command.push(word),
        }
    }
    Ok(parsed)
}

/// The settings of the file, or those of the local provider.
fn config(arguments: &Arguments) -> Result<Config, String> {
    let builder = match &arguments.settings {
        Some(file) => {
            let text = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
            let settings = Value::parse(&text).ok_or_else(|| format!("{file}: not JSON"))?;
            ConfigBuilder::from_json(&settings).map_err(|error| error.to_string())?
        }
        None => Config::wristband("invotastic.localhost:4400", "demospaclient0000000000001", "http://127.0.0.1/callback")
            .apis(["http://localhost:4401/v1/"])
            .allow_insecure_loopback(true),
    };
    builder.build().map_err(|error| error.to_string())
}

fn options(arguments: &Arguments) -> Result<Options, Error> {
    let options = Options::new(&arguments.app).on_warning(|error| eprintln!("The session is not stored: {error}"));
    let options = match arguments.store.as_deref() {
        None => options,
        Some("memory") => options.in_memory(),
        Some(kind) => options.store(Platform::of_kind(&arguments.app, kind)?),
    };
    if !arguments.prints_url {
        return Ok(options);
    }
    Ok(options.open_browser(|url| {
        println!("Open {url}");
        Ok(())
    }))
}

async fn run(arguments: &Arguments, config: Config) -> Result<(), Error> {
    let auth = Auth::start(config, options(arguments)?).await?;
    let words: Vec<&str> = arguments.command.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["login"] => login(&auth, Login::new()).await,
        ["login", tenant] => login(&auth, Login::to(*tenant)).await,
        ["whoami"] => whoami(&auth).await,
        ["call", url] => call(&auth, url).await,
        ["renew"] => auth.renew().await,
        ["logout"] => logout(&auth).await,
        _ => Err(usage()),
    };
    // A renewal that is under way is not lost.
    auth.close().await;
    done
}

fn usage() -> Error {
    eprintln!("{HELP}");
    Code::ConfigInvalid.into()
}

async fn login(auth: &Auth, login: Login) -> Result<(), Error> {
    auth.login(login).await?;
    if let Storage::Secure(store) = auth.storage() {
        println!("The session is stored in: {store}");
    }
    whoami(auth).await
}

async fn whoami(auth: &Auth) -> Result<(), Error> {
    match auth.state() {
        State::SignedIn(session) => {
            let user = auth.user_info().await?;
            let tenant = session.tenant.name.as_ref().map(|name| name.as_str()).unwrap_or_default();
            println!("{} {}", user.email().unwrap_or(&session.user_id), tenant);
            Ok(())
        }
        _ => Err(Code::NotSignedIn.into()),
    }
}

async fn call(auth: &Auth, url: &str) -> Result<(), Error> {
    let response = auth.get(url).await?;
    let status = response.status();
    let body = response.text().await.map_err(|_| Error::from(Code::Network))?;
    println!("{status}\n{body}");
    Ok(())
}

async fn logout(auth: &Auth) -> Result<(), Error> {
    let result = auth.logout(Logout::default()).await?;
    if !result.record_removed {
        eprintln!("The stored session could not be removed");
    }
    println!("Signed out{}", if result.ends_provider_session { ", here and at the provider" } else { "" });
    Ok(())
}

fn main() -> ExitCode {
    let prepared = arguments().and_then(|arguments| Ok((config(&arguments)?, arguments)));
    let (config, arguments) = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => {
            eprintln!("{problem}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = runtime.map_err(|error| error.to_string()).and_then(|runtime| {
        let done = runtime.block_on(run(&arguments, config)).map_err(|error| error.to_string());
        // A storage that does not answer would keep the process alive.
        runtime.shutdown_background();
        done
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
