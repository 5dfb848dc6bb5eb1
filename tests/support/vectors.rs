//! The table of vectors, `tests/vectors/*.json`: what the provider says, and the expected outcome.

use serde_json::{Value, json};

use super::provider::Kind;
use super::{APP, CLIENT, World};

const CHAPTERS: [&str; 7] = [
    include_str!("../vectors/claims.json"),
    include_str!("../vectors/header.json"),
    include_str!("../vectors/keys.json"),
    include_str!("../vectors/token_response.json"),
    include_str!("../vectors/user_info.json"),
    include_str!("../vectors/discovery.json"),
    include_str!("../vectors/callback.json"),
];

/// A lie, or an unusual truth, told at one moment.
#[derive(Clone)]
pub struct Case {
    pub chapter: String,
    pub name: String,
    pub is_lie: bool,
    pub standard: String,
    /// The moment: `departure`, `callback`, `login`, `renewal` or `user info`.
    pub moment: String,
    /// The code of the error or `accepted`, and the state of the session afterwards.
    pub expected: String,
    /// Why it is not tried in browsers.
    pub not_in_browsers: Option<String>,
    pub kind: Kind,
    pub login: Value,
    pub faults: Value,
}

pub fn cases() -> Vec<Case> {
    CHAPTERS.iter().flat_map(|text| chapter_of(&serde_json::from_str(text).unwrap())).collect()
}

fn chapter_of(chapter: &Value) -> Vec<Case> {
    chapter["rows"].as_array().unwrap().iter().flat_map(|row| cases_of(&chapter["chapter"], row)).collect()
}

fn cases_of(chapter: &Value, row: &Value) -> Vec<Case> {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text in {row}")).to_owned();
    let is_lie = row.get("lie").is_some();
    let case = |(moment, expected): (&String, &Value)| Case {
        chapter: text(chapter),
        name: text(&row[if is_lie { "lie" } else { "truth" }]),
        is_lie,
        standard: text(&row["standard"]),
        moment: moment.clone(),
        expected: text(expected),
        not_in_browsers: row["only"]["native"].as_str().map(str::to_owned),
        kind: if row["provider"] == "openid" { Kind::OpenId } else { Kind::Wristband },
        login: row["login"].clone(),
        faults: row["faults"].clone(),
    };
    row["expected"].as_object().unwrap().iter().map(case).collect()
}

/// Return addresses, hostile ones among them, and the path of the app at which each ends; `None` if it is dropped.
pub fn return_addresses() -> Vec<(String, Option<String>)> {
    let rows: Vec<(Value, Option<String>)> = serde_json::from_str(include_str!("../vectors/return_addresses.json")).unwrap();
    let text = |wish: &Value| match wish["$text"].as_array() {
        Some(pieces) => pieces.iter().map(piece).collect(),
        None => wish.as_str().unwrap().replace("$app", APP.trim_end_matches('/')),
    };
    rows.iter().map(|(wish, kept)| (text(wish), kept.clone())).collect()
}

impl Case {
    /// The id of the case wherever results are kept.
    pub fn id(&self) -> String {
        format!("{}: {} ({})", self.chapter, self.name, self.moment)
    }

    /// Whether the lie hides the tokens of the same response: an unreadable token cannot be revoked.
    pub fn hides_tokens(&self) -> bool {
        self.faults.as_array().unwrap().iter().any(|fault| fault["endpoint"] == "token" && fault["idToken"].is_null())
    }

    /// From now on the provider of this world tells the lie.
    pub fn tell(&self, world: &mut World) {
        for fault in self.faults.as_array().unwrap() {
            let issuer = world.provider.issuer();
            let known =
                Known { client: CLIENT, issuer: &issuer, now: world.provider.clock.seconds(), sub: &world.provider.subject };
            let fault = expanded(fault, &known);
            world.provider.order(fault);
        }
    }
}

/// What only a provider knows.
pub struct Known<'a> {
    pub client: &'a str,
    pub issuer: &'a str,
    /// In seconds.
    pub now: i64,
    pub sub: &'a str,
}

/// The value, completed with what only a provider knows: `$client`, `$issuer`, `$sub` in strings, `{"$now": seconds}`; and with what
/// is too long to be written down: `{"$text": [text or [text, times], …]}` and `{"$nest": depth}`.
pub fn expanded(value: &Value, known: &Known<'_>) -> Value {
    match value {
        Value::String(text) => {
            let text = text.replace("$client", known.client).replace("$issuer", known.issuer);
            json!(text.replace("$sub", known.sub))
        }
        Value::Array(items) => items.iter().map(|item| expanded(item, known)).collect(),
        Value::Object(members) => match members.iter().next().map(|(name, value)| (name.as_str(), value)) {
            Some(("$now", seconds)) => later(known.now, seconds),
            Some(("$text", pieces)) => json!(pieces.as_array().unwrap().iter().map(piece).collect::<String>()),
            Some(("$nest", depth)) => (1..depth.as_u64().unwrap()).fold(json!([]), |inner, _| json!([inner])),
            _ => members.iter().map(|(name, value)| (name.clone(), expanded(value, known))).collect(),
        },
        other => other.clone(),
    }
}

fn later(now: i64, seconds: &Value) -> Value {
    seconds.as_i64().map_or_else(|| json!(now as f64 + seconds.as_f64().unwrap()), |seconds| json!(now + seconds))
}

fn piece(piece: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match piece.as_array() {
        Some(repeated) => text(&repeated[0]).repeat(usize::try_from(repeated[1].as_u64().unwrap()).unwrap()),
        None => text(piece),
    }
}
