use wristband_spa_auth::Auth;
fn is_send<T: Send>(_: T) {}
fn f(auth: Auth) {
    is_send(async move { auth.renew().await });
}
fn main() {}
