use wristband_spa_auth::{State, Value};
fn name(state: &State) -> String {
    match state {
        State::Loading => String::new(),
        // Not `session.email`: what the user is called is a claim, which a provider may leave out.
        State::SignedIn(session) => session.claims.get("email").and_then(Value::as_str).unwrap_or_default().to_owned(),
        State::SignedOut(reason) => reason.to_string(),
        State::Failed(error) => error.message(),
        _ => String::new(),
    }
}
fn main() {}
