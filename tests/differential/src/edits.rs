//! The ways in which a token can be unusual or wrong.

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::draft::{ACCESS_TOKEN, CLIENT, Draft, ISSUER, NONCE, NOW, Signer};
use crate::keys::{base64url, hash};

type Edit = fn(&mut Draft, &mut Chance);

/// Makes a few changes, or none.
pub fn edit(draft: &mut Draft, chance: &mut Chance) {
    for _ in 0..chance.below(4) {
        let edit = *chance.pick(EDITS);
        edit(draft, chance);
    }
}

const EDITS: &[Edit] = &[
    |draft, chance| {
        claim(draft, "iss", chance, &[json!("https://evil.example"), json!(format!("{ISSUER}/")), json!(7), Value::Null])
    },
    |draft, chance| claim(draft, "aud", chance, &audiences()),
    |draft, chance| {
        draft.claims["aud"] = json!([CLIENT, "another"]);
        claim(draft, "azp", chance, &[json!(CLIENT), json!("another")]);
    },
    |draft, chance| claim(draft, "azp", chance, &[json!(CLIENT), json!("another"), json!(7), Value::Null]),
    |draft, chance| {
        claim(draft, "sub", chance, &[json!(""), json!("x".repeat(255)), json!("x".repeat(256)), json!(7), Value::Null])
    },
    |draft, chance| {
        claim(draft, "iat", chance, &[json!(NOW - 900)]);
        claim(draft, "exp", chance, &dates(&[-61, -60, -59, -1, 0, 1]));
    },
    |draft, chance| claim(draft, "exp", chance, &dates(&[-900, -10, 600])),
    |draft, chance| claim(draft, "iat", chance, &dates(&[-900, 0, 59, 60, 61, 900])),
    |draft, chance| claim(draft, "nbf", chance, &dates(&[-900, 0, 60, 61, 900])),
    |draft, chance| claim(draft, "auth_time", chance, &dates(&[-900, 0, 900])),
    |draft, chance| claim(draft, "nonce", chance, &[json!("another"), json!(""), json!(NONCE), json!(7), Value::Null]),
    |draft, chance| {
        let hashes = access_token_hashes(draft);
        claim(draft, "at_hash", chance, &hashes);
    },
    |draft, chance| claim(draft, "email", chance, &[json!("a@b.example"), json!(7), Value::Null]),
    |draft, chance| claim(draft, "email_verified", chance, &[json!(true), json!("true"), json!(1)]),
    |draft, chance| claim(draft, "tnt_id", chance, &[json!("tenant"), json!(7), json!({"a": [1, 2.5]})]),
    |draft, _| draft.claims["picture"] = json!("x".repeat(70_000)),
    |draft, chance| member(&mut draft.header, "alg", chance.pick(&algorithms())),
    |draft, chance| {
        member(&mut draft.header, "kid", chance.pick(&[json!("another"), json!("first"), json!(""), json!(7), Value::Null]))
    },
    |draft, chance| member(&mut draft.header, "typ", chance.pick(&types())),
    |draft, chance| member(&mut draft.header, "crit", chance.pick(&[json!([]), json!(["exp"]), Value::Null])),
    |draft, chance| member(&mut draft.header, "cty", chance.pick(&[json!("JWT"), json!("json"), Value::Null])),
    |draft, chance| member(&mut draft.header, "x5t", chance.pick(&[json!("thumbprint"), json!({"a": null})])),
    |draft, chance| draft.signer = *chance.pick(&[Signer::Damaged, Signer::Missing, Signer::Stranger]),
    |draft, chance| draft.respell = Some(*chance.pick(RESPELLINGS)),
    |draft, chance| draft.more_claims = chance.pick(&MORE_CLAIMS).to_string(),
    |draft, chance| draft.more_header = chance.pick(&MORE_HEADER).to_string(),
    |draft, chance| member(&mut draft.jwk, "use", chance.pick(&[json!("enc"), json!("sig"), Value::Null])),
    |draft, chance| member(&mut draft.jwk, "alg", chance.pick(&[json!("RSA256"), json!("RS256"), json!("ES256"), Value::Null])),
    |draft, chance| member(&mut draft.jwk, "key_ops", chance.pick(&[json!(["verify"]), json!(["sign"]), json!([]), Value::Null])),
    |draft, chance| member(&mut draft.jwk, "kid", chance.pick(&[json!("another"), Value::Null])),
    |draft, _| draft.others.push(draft.jwk.clone()),
    |draft, _| {
        remove(&mut draft.header, "kid");
        draft.others.push(draft.jwk.clone());
    },
];

fn audiences() -> Vec<Value> {
    vec![
        json!("another"),
        json!([CLIENT]),
        json!([CLIENT, "another"]),
        json!(["another"]),
        json!([CLIENT, CLIENT]),
        json!([CLIENT, 7]),
        json!([]),
        json!(7),
        Value::Null,
    ]
}

/// Dates as numbers, with a fraction, and values that are no dates.
fn dates(offsets: &[i64]) -> Vec<Value> {
    let whole = offsets.iter().map(|offset| json!(NOW + offset));
    let fractions = offsets.iter().map(|offset| json!((NOW + offset) as f64 + 0.5));
    whole.chain(fractions).chain([json!(1e300), json!("soon"), json!(-1), Value::Null]).collect()
}

fn access_token_hashes(draft: &Draft) -> Vec<Value> {
    let whole = hash(draft.algorithm.hash(), ACCESS_TOKEN);
    let (half, _) = whole.split_at(whole.len() / 2);
    vec![json!(base64url(half)), json!(base64url(half)), json!(base64url(&whole)), json!(""), json!(7), Value::Null]
}

fn algorithms() -> Vec<Value> {
    let names = ["none", "None", "HS256", "RS512", "PS256", "RS256", "ES256", "ES384", "EdDSA", "es256", ""];
    names.into_iter().map(Value::from).chain([json!(7), Value::Null]).collect()
}

fn types() -> Vec<Value> {
    let names = ["JWT", "jwt", "id+jwt", "application/id+jwt", "application/jwt", "JOSE", "at+jwt", "logout+jwt", "", "/"];
    names.into_iter().map(Value::from).chain([json!(7), Value::Null]).collect()
}

/// Members put before the others: duplicates, or members in an invalid spelling.
const MORE_CLAIMS: [&str; 5] =
    [r#""sub":"somebody","#, r#""role":"a","role":"b","#, r#""name":"a","name":"b","#, r#""x":"\ud83d","#, r#""x":1e400,"#];
const MORE_HEADER: [&str; 5] = [r#""alg":"none","#, r#""x":"a","x":"b","#, r#""x":"\ud83d","#, r#""x":1e400,"#, r#""x":"\u00e4","#];

const RESPELLINGS: &[fn(&str) -> String] = &[
    |token| format!("{token}="),
    |token| format!("{token}."),
    |token| format!("{token}.AAAA"),
    |token| format!(" {token}"),
    |token| token.replacen('.', "+.", 1),
    |token| token.rsplit_once('.').map_or_else(String::new, |(input, _)| input.to_owned()),
    loosened,
];

/// The token with those bits of its last character set that belong to no byte.
fn loosened(token: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = token.as_bytes().to_vec();
    let last = bytes.last_mut().expect("a token");
    // A token without a signature ends with a dot, which encodes no bits.
    if let Some(value) = ALPHABET.iter().position(|letter| letter == last) {
        *last = ALPHABET[value | 1];
    }
    String::from_utf8(bytes).expect("base64url")
}

fn claim(draft: &mut Draft, name: &str, chance: &mut Chance, values: &[Value]) {
    // Sometimes the member is missing.
    if chance.below(values.len() + 1) == 0 {
        remove(&mut draft.claims, name);
    } else {
        member(&mut draft.claims, name, chance.pick(values));
    }
}

fn member(object: &mut Value, name: &str, value: &Value) {
    object[name] = value.clone();
}

fn remove(object: &mut Value, name: &str) {
    object.as_object_mut().expect("an object").remove(name);
}
