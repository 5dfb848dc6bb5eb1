//! The public page.

use web_sys::HtmlInputElement;
use wristband_spa_auth::Login;
use wristband_spa_auth::yew::{SignedIn, SignedOut, use_auth};
use yew::prelude::*;

/// The login form.
#[component]
pub(crate) fn Home() -> Html {
    let auth = use_auth();
    let tenant_name = use_node_ref();
    let (busy, error) = (auth.busy(), auth.error().map(ToString::to_string));
    let input = tenant_name.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let tenant = input.cast::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default();
        auth.login(if tenant.is_empty() { Login::new() } else { Login::to(tenant) });
    };
    html! {
        <section>
            <SignedOut>
                <form onsubmit={submit}>
                    <label>{ "Tenant name" }<input ref={tenant_name} autocomplete="organization" autocapitalize="none" /></label>
                    <button disabled={busy}>{ "Log in" }</button>
                </form>
            </SignedOut>
            <SignedIn><p>{ "Welcome. Your invoices are one click away." }</p></SignedIn>
            if let Some(error) = error {
                <p role="alert">{ error }</p>
            }
        </section>
    }
}
