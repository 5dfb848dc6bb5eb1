//! What the web view shows. It has no session and no tokens: it asks the shell, which is the app's own process.
#![allow(unreachable_pub, reason = "the component macro of Leptos writes `pub`, whatever it is told")]

mod account;
mod invoices;
mod login;
mod session;
mod shell;
mod status;

use leptos::prelude::*;

use account::Account;
use invoices::Invoices;
use login::LoginForm;
use session::Session;
use status::Status;

fn main() {
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let session = Session::follow();
    provide_context(session);
    view! {
        <header><h1>"Invoices"</h1></header>
        <main>
            <Status />
            {move || session.problem().map(|problem| view! { <section><p role="alert">{problem}</p></section> })}
            <Show when=move || session.waits_for_login()><LoginForm /></Show>
            <Show when=move || session.is_signed_in()><Account /><Invoices /></Show>
        </main>
    }
}
