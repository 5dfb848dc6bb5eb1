use wristband_spa_auth::Auth;
fn keep(auth: &Auth) {
    auth.subscribe(|state| {
        let _ = state.name();
    });
}
fn forget(auth: &Auth) {
    auth.subscribe(|state| {
        let _ = state.name();
    })
    .forget();
}
fn main() {}
