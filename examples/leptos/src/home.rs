//! The public page.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use wristband_spa_auth::Login;
use wristband_spa_auth::leptos::{SignedIn, SignedOut, use_auth};

/// The login form.
#[component]
pub(crate) fn Home() -> impl IntoView {
    let auth = use_auth();
    let tenant_name = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let tenant = tenant_name.get_untracked();
        auth.login(if tenant.is_empty() { Login::new() } else { Login::to(tenant) });
    };
    view! {
        <section>
            <SignedOut>
                <form on:submit=submit>
                    <label>"Tenant name"<input autocomplete="organization" autocapitalize="none" bind:value=tenant_name /></label>
                    <button disabled=auth.busy()>"Log in"</button>
                </form>
            </SignedOut>
            <SignedIn><p>"Welcome. Your invoices are one click away."</p></SignedIn>
            {move || auth.error().get().map(|error| view! { <p role="alert">{error.to_string()}</p> })}
        </section>
    }
}
