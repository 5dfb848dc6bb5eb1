//! The login form.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;

use crate::session::Session;
use crate::shell;

#[derive(Serialize)]
struct Login {
    tenant: Option<String>,
}

/// Asks for the tenant. The shell opens its login page in the system's browser.
#[component]
pub(crate) fn LoginForm() -> impl IntoView {
    let session = expect_context::<Session>();
    let tenant_name = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let tenant = Some(tenant_name.get_untracked()).filter(|name| !name.is_empty());
        session.change::<()>("login", Login { tenant });
    };
    let cancel = move |_| {
        spawn_local(async {
            // There may be nothing to cancel any more.
            let _ = shell::call::<()>("cancel_login", ()).await;
        })
    };
    view! {
        <section>
            <form on:submit=submit>
                <label>"Tenant name"<input autocomplete="organization" autocapitalize="none" bind:value=tenant_name /></label>
                <button disabled=move || session.busy()>"Log in"</button>
            </form>
            <Show when=move || session.busy()>
                <p>"Your browser shows the login page. " <button on:click=cancel>"Cancel"</button></p>
            </Show>
        </section>
    }
}
