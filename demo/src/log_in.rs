//! What somebody sees who is not signed in.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use wristband_spa_auth::leptos::use_auth;
use wristband_spa_auth::{Login, State};

use crate::router::{Route, use_router};

/// What the demo shows, and the form that leads to the provider.
#[component]
pub(crate) fn LogIn(
    /// Whether the provider has tenants.
    has_tenants: bool,
) -> impl IntoView {
    view! {
        <div class="welcome">
            <section class="words" aria-labelledby="shows">
                <h2 id="shows">"What this shows"</h2>
                <p>
                    "You log in at the provider, by the code flow with PKCE. The app learns who you are once every check of "
                    "the ID token has passed. Then you can watch the session:"
                </p>
                <ul>
                    <li><strong>"User info"</strong>", with roles and custom claims, as the provider tells it."</li>
                    <li><strong>"The session"</strong>", which renews itself in good time, or now if you wish."</li>
                    <li><strong>"An API call"</strong>", to which the library adds the access token: the app never holds it."</li>
                    <li><strong>"A reload"</strong>", after which you are still signed in, although no token was stored."</li>
                </ul>
            </section>
            <section class="card" aria-labelledby="login">
                <h2 id="login">"Your login"</h2>
                <LogInForm has_tenants />
            </section>
        </div>
    }
}

#[component]
fn LogInForm(has_tenants: bool) -> impl IntoView {
    let (auth, router) = (use_auth(), use_router());
    let (tenant_name, set_tenant_name) = signal(String::new());
    let (login_hint, set_login_hint) = signal(String::new());
    let must_wait = move || auth.busy().get() || auth.state().with(|state| matches!(state, State::Loading));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if must_wait() {
            return;
        }
        let tenant = tenant_name.get_untracked().trim().to_owned();
        let hint = login_hint.get_untracked().trim().to_owned();
        let login = if has_tenants && !tenant.is_empty() { Login::to(tenant) } else { Login::new() };
        let login = if hint.is_empty() { login } else { login.login_hint(hint) };
        // At the login route and the callback nobody should end up again. Anywhere else is as good
        // a place to come back to as it is to leave from.
        let passes_through = matches!(router.route_untracked(), Route::Callback | Route::Login);
        auth.login(if passes_through { login.return_to(router.folder()) } else { login });
    };
    let about_tenants = if has_tenants {
        "Empty leads to the provider’s own page, which asks for it."
    } else {
        "This provider has no tenants: leave it empty. What you write here is not used."
    };
    view! {
        <form on:submit=submit>
            <div class="field">
                <label for="tenant-name">"Tenant name"</label>
                <input
                    id="tenant-name" type="text" autocomplete="organization" autocapitalize="none" spellcheck="false"
                    aria-describedby="about-tenant-name"
                    prop:value=tenant_name on:input:target=move |event| set_tenant_name.set(event.target().value())
                />
                <p id="about-tenant-name" class="hint">{about_tenants}</p>
            </div>
            <div class="field">
                <label for="login-hint">"Login hint"</label>
                <input
                    id="login-hint" type="text" inputmode="email" autocomplete="username" autocapitalize="none" spellcheck="false"
                    aria-describedby="about-login-hint"
                    prop:value=login_hint on:input:target=move |event| set_login_hint.set(event.target().value())
                />
                <p id="about-login-hint" class="hint">"Usually an e-mail address. It fills in the provider’s form."</p>
            </div>
            <button type="submit" class="primary" disabled=must_wait>"Log in"</button>
        </form>
    }
}
