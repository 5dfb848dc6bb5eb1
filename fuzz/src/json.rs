//! JSON, the basis of everything else.

use wristband_spa_auth::Value;

pub fn check(data: &[u8]) {
    // The other parser hands its parts to the same type, which refuses a duplicate member.
    let (ours, theirs) = (Value::parse(data), serde_json::from_slice::<Value>(data).ok());
    let one = if ours.is_some() { &ours } else { &theirs };
    let is_at_the_end = one.as_ref().is_some_and(has_number_at_the_end);
    assert!(is_at_the_end || ours.is_some() == theirs.is_some(), "only one of the two reads it");
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return };
    assert!(same(&ours, &theirs), "read differently: {ours:?} {theirs:?}");
    let text = ours.to_text();
    let again = Value::parse(text.as_bytes()).expect("what is written can be read");
    assert!(same(&again, &ours), "written as {text}");
    let others: Value = serde_json::from_str(&text).expect("what is written can be read by others");
    assert!(same(&others, &ours), "written for others as {text}");
}

/// Whether a number is so large that its last digits decide whether it can be represented: a number that cannot
/// is refused, and at the very end of the range parsers differ.
fn has_number_at_the_end(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_number_at_the_end),
        Value::Float(number) => number.abs() > f64::MAX * (1.0 - 1e-14),
        Value::Object(members) => members.iter().any(|(_, value)| has_number_at_the_end(value)),
        _ => false,
    }
}

/// The last digits of a fraction may differ: the library uses no number with a fraction.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Float(a), Value::Float(b)) => {
            a.is_sign_negative() == b.is_sign_negative() && (a - b).abs() <= (a.abs() * 1e-14).max(f64::MIN_POSITIVE)
        }
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.0 == b.0 && same(&a.1, &b.1)),
        _ => a == b,
    }
}
