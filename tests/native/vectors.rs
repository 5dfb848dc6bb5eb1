//! The table of vectors (`tests/vectors`), told by the local provider over HTTP to an app with the native driver (law 5).

#[path = "../support/mod.rs"]
mod simulated;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use simulated::provider::Kind;
use simulated::vectors::{self, Case, Known};
use wristband_spa_auth::native::{Auth, Options};
use wristband_spa_auth::protocol::error::Error;
use wristband_spa_auth::{Config, Login};

use crate::support::{ADA, Browser, LocalProvider};

/// As many providers tell the lies of one kind at the same time: much of it is waiting.
const PROVIDERS: usize = 6;

#[tokio::test]
async fn law_5_every_vector_of_wristband_is_told_to_a_native_app() {
    tell_all(Kind::Wristband).await;
}

#[tokio::test]
async fn law_5_every_vector_of_other_providers_is_told_to_a_native_app() {
    tell_all(Kind::OpenId).await;
}

async fn tell_all(kind: Kind) {
    let of_kind: Vec<Case> = vectors::cases().into_iter().filter(|case| case.kind == kind).collect();
    let all = of_kind.len();
    let cases: Arc<Vec<Case>> = Arc::new(of_kind.into_iter().filter(is_told).collect());
    let total = cases.len();
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..PROVIDERS)
        .map(|_| {
            let (cases, next) = (Arc::clone(&cases), Arc::clone(&next));
            tokio::spawn(async move {
                let mut liar = Liar::start(kind).await;
                let mut wrong = Vec::new();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let seen = liar.tell(case).await;
                    if seen != case.expected {
                        wrong.push(format!("{}: {} was expected, and seen was {seen}", case.id(), case.expected));
                    }
                }
                wrong
            })
        })
        .collect();
    let mut wrong = Vec::new();
    for task in tasks {
        wrong.extend(task.await.unwrap());
    }
    println!("{total} vectors were told, and {} do not apply", all - total);
    assert!(total > 30 && wrong.is_empty(), "{} of {total} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The local provider takes no longer orders over HTTP, in bytes.
const MAX_ORDER: usize = 60 * 1024;

/// Whether it can be told to a native app by the local provider. What is not for browsers needs a provider that it cannot
/// be; CORS is for pages; and a native app, whose process goes on during the login, reads the metadata only before it.
fn is_told(case: &Case) -> bool {
    let faults = case.faults.as_array().unwrap();
    let nobody = Known { client: "", issuer: "", now: 0, sub: "" };
    let is_short = faults.iter().all(|fault| vectors::expanded(fault, &nobody).to_string().len() < MAX_ORDER);
    let is_of_discovery = faults.iter().any(|fault| fault["endpoint"] == "discovery");
    is_short && case.not_in_browsers.is_none() && !case.name.contains("(CORS)") && !(is_of_discovery && case.moment == "callback")
}

/// A provider that lies, and the user's browser.
struct Liar {
    provider: LocalProvider,
    browser: Browser,
    subject: String,
}

/// A login that waits for its callback.
type Waiting = tokio::task::JoinSet<Result<(), Error>>;

/// The URL that the browser would open.
type Opened = tokio::sync::mpsc::UnboundedReceiver<String>;

/// The redirect URI whose callbacks the test itself hands over.
const REDIRECT: &str = "com.example.app:/callback";

impl Liar {
    async fn start(kind: Kind) -> Self {
        let mut options = vec!["--redirect-uri", REDIRECT];
        options.extend((kind == Kind::OpenId).then_some("--plain"));
        let provider = LocalProvider::with(&options);
        let subject = provider.user_id(ADA.0).await;
        let mut liar = Self { provider, browser: Browser::default(), subject };
        let (auth, mut opened) = liar.app().await;
        liar.sign_in(&auth, &mut opened, liar.login(&Value::Null), &[]).await.unwrap();
        liar
    }

    async fn app(&self) -> (Auth, Opened) {
        let (sender, opened) = tokio::sync::mpsc::unbounded_channel();
        let options = Options::new("com.example.vectors").in_memory().open_browser(move |url| {
            let _ = sender.send(url.to_owned());
            Ok(())
        });
        (Auth::start(self.config(), options).await.unwrap(), opened)
    }

    fn config(&self) -> Config {
        let builder = self.provider.builder();
        if self.provider.plain { builder } else { builder.allow_tenant_change(false) }.build().unwrap()
    }

    fn login(&self, options: &Value) -> Login {
        let login = if self.provider.plain { Login::new() } else { Login::to("acme") };
        match options["maxAge"].as_u64() {
            Some(seconds) => login.max_age(u32::try_from(seconds).unwrap()),
            None => login,
        }
    }

    async fn order(&self, faults: &[Value]) {
        let issuer = self.provider.ready["issuer"].as_str().unwrap();
        let client = self.provider.ready["clientId"].as_str().unwrap();
        let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let known = Known { client, issuer, now, sub: &self.subject };
        for fault in faults {
            let mut fault = vectors::expanded(fault, &known);
            if fault["times"].is_null() {
                fault["times"] = json!(99);
            }
            self.provider.fault(fault).await;
        }
    }

    /// Plays the vector at its moment, and returns the outcome.
    async fn tell(&mut self, case: &Case) -> String {
        self.provider.clear_faults().await;
        self.provider.clear_log().await;
        let (auth, mut opened) = self.app().await;
        let faults = case.faults.as_array().unwrap();
        let login = self.login(&case.login);
        let result = match case.moment.as_str() {
            "departure" => {
                self.order(faults).await;
                self.depart(&auth, &mut opened, login).await.map(drop)
            }
            "callback" | "login" => self.sign_in(&auth, &mut opened, login, faults).await,
            "renewal" => {
                self.sign_in(&auth, &mut opened, login, &[]).await.unwrap();
                self.order(faults).await;
                auth.renew().await
            }
            "user info" => {
                self.sign_in(&auth, &mut opened, login, &[]).await.unwrap();
                self.order(faults).await;
                auth.user_info().await.map(drop)
            }
            moment => panic!("{moment}: no moment of a vector"),
        };
        let code = result.map_or_else(|error| error.code().as_str(), |()| "accepted");
        if case.moment == "callback" && !code.starts_with("id_token_") && code != "accepted" {
            assert!(self.provider.requests("token").await.is_empty(), "{}: a token was requested", case.id());
        }
        format!("{code}, {}", auth.state().name())
    }

    /// Starts a login. Returns the URL that the browser would open, and the login, which ends when it is dropped.
    async fn depart(&self, auth: &Auth, opened: &mut Opened, login: Login) -> Result<(String, Waiting), Error> {
        let started = auth.clone();
        let mut waiting = Waiting::new();
        waiting.spawn(async move { started.login(login).await });
        tokio::select! {
            url = opened.recv() => Ok((url.unwrap(), waiting)),
            failed = waiting.join_next() => Err(failed.unwrap().unwrap().unwrap_err()),
        }
    }

    /// Signs in, while the provider tells the lies, and hands the callback to the app.
    async fn sign_in(&mut self, auth: &Auth, opened: &mut Opened, login: Login, faults: &[Value]) -> Result<(), Error> {
        let (url, _waiting) = self.depart(auth, opened, login).await?;
        self.order(faults).await;
        let callback = self.browser.authorize(&url, ADA).await;
        assert!(callback.starts_with(REDIRECT), "the provider sent the browser to {callback}");
        auth.callback(&callback).await
    }
}
