//! The local provider of `demo/provider`, as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use wristband_spa_auth::{Config, ConfigBuilder};

use super::http;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/provider/src/main.js");

pub struct LocalProvider {
    process: Child,
    pub ready: Value,
    pub plain: bool,
}

impl LocalProvider {
    /// Like Wristband.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// An ordinary OpenID provider.
    pub fn plain() -> Self {
        Self::with(&["--plain"])
    }

    pub fn with(options: &[&str]) -> Self {
        let fixed = ["--native", "--json", "--quiet", "--exit-with-stdin", "--port", "0", "--api-port", "0"];
        let mut command = Command::new("node");
        command.arg(PROGRAM).args(fixed).args(options).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("node starts the local provider");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).expect("the provider starts: run `npm ci` in demo/provider first");
        Self { process, ready, plain: options.contains(&"--plain") }
    }

    pub fn port(&self) -> u64 {
        self.ready["port"].as_u64().unwrap()
    }

    /// The URL of this path of the API.
    pub fn api(&self, path: &str) -> String {
        format!("{}{path}", self.ready["api"].as_str().unwrap())
    }

    /// The settings of an app.
    pub fn settings(&self) -> Value {
        self.ready["appSettings"].clone()
    }

    pub fn builder(&self) -> ConfigBuilder {
        let settings = wristband_spa_auth::Value::parse(self.settings().to_string().as_bytes()).unwrap();
        ConfigBuilder::from_json(&settings).unwrap()
    }

    pub fn config(&self) -> Config {
        self.builder().build().unwrap()
    }

    async fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        serde_json::from_str(&self.ask(method, path, body).await).unwrap()
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> String {
        let url = format!("http://127.0.0.1:{}/__control/{path}", self.port());
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = http::send(method, &url, &[("content-type", "application/json")], &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    pub async fn set(&self, patch: Value) {
        self.control("PATCH", "settings", &patch).await;
    }

    pub async fn fault(&self, fault: Value) {
        // The answer repeats the fault, however deeply it is nested.
        self.ask("POST", "faults", &fault).await;
    }

    pub async fn clear_faults(&self) {
        self.control("DELETE", "faults", &Value::Null).await;
    }

    pub async fn expire_access_tokens(&self) {
        self.control("POST", "expire-access-tokens", &Value::Null).await;
    }

    pub async fn revoke_all(&self) {
        self.control("POST", "revoke-all", &Value::Null).await;
    }

    pub async fn clear_log(&self) {
        self.control("DELETE", "log", &Value::Null).await;
    }

    /// The requests to this endpoint.
    pub async fn requests(&self, endpoint: &str) -> Vec<Value> {
        let log = self.control("GET", "log", &Value::Null).await;
        log.as_array().unwrap().iter().filter(|entry| entry["endpoint"] == endpoint).cloned().collect()
    }

    /// The token requests with a refresh token.
    pub async fn refreshes(&self) -> usize {
        self.requests("token").await.iter().filter(|entry| entry["form"]["grant_type"] == "refresh_token").count()
    }

    /// Every secret that the provider has issued or received.
    pub async fn secrets(&self) -> Vec<String> {
        let issued = self.control("GET", "issued", &json!(null)).await;
        let lists = ["accessTokens", "refreshTokens", "idTokens", "codes", "codeVerifiers"];
        let texts = lists.iter().flat_map(|name| issued[*name].as_array().cloned().unwrap_or_default());
        texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
    }

    /// The id of this user.
    pub async fn user_id(&self, email: &str) -> String {
        let users = self.control("GET", "users", &Value::Null).await;
        let user = users.as_array().unwrap().iter().find(|user| user["email"] == email).unwrap();
        user["id"].as_str().unwrap().to_owned()
    }
}

impl Drop for LocalProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
