//! The login forms: for a user who is signed out, and for a user who wants to switch to another
//! tenant.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use wristband_spa_auth::leptos::{UseAuth, use_auth};
use wristband_spa_auth::{Login, State};

use crate::fold::Fold;
use crate::router::{Route, Router, use_router};

/// The id of the first text box of the form.
pub(crate) const TENANT_FIELD: &str = "tenant-name";

/// The tenants of the local provider, with one user of each.
const PEOPLE: [[&str; 3]; 3] = [
    ["acme", "ada@acme.example", "lovelace"],
    ["globex", "hank@globex.example", "scorpio"],
    ["initech", "bill@initech.example", "lumbergh"],
];

/// What a signed-out user sees: an introduction and the form.
#[component]
pub(crate) fn LogIn(
    /// Whether the provider has tenants.
    has_tenants: bool,
    /// Whether the provider is the local one.
    is_local: bool,
) -> impl IntoView {
    view! {
        <div class="welcome">
            <section class="words" aria-labelledby="shows">
                <h2 id="shows">"Log in, and try to break it"</h2>
                <p>
                    "You log in at the provider, by the code flow with PKCE. The tokens go into the drawing above, and stay "
                    "there. Then you can:"
                </p>
                <ul>
                    <li><strong>"Watch"</strong>" every request, and the tokens’ life, from issue to renewal."</li>
                    <li><strong>"Break"</strong>" the network, the token, the callback, the page itself."</li>
                    <li><strong>"Search"</strong>" all that a script in the page can reach for a token."</li>
                    <li><strong>"Read"</strong>" the line of code behind every button."</li>
                </ul>
            </section>
            <section class="card login" aria-labelledby="login">
                <h2 id="login">"Your login"</h2>
                <LogInForm has_tenants button="Log in" />
                {is_local.then(|| view! { <People /> })}
            </section>
        </div>
    }
}

/// The region for switching to another tenant.
#[component]
pub(crate) fn OtherTenant(
    /// Whether the provider is the local one.
    is_local: bool,
) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="other-tenant">
            <Fold id="other-tenant" title="Another tenant">
                <p class="hint">"A login to another tenant takes the place of this session. The tokens of this one are forgotten."</p>
                {is_local.then(|| view! { <People /> })}
                <LogInForm has_tenants=true button="Switch tenant" />
            </Fold>
        </section>
    }
}

/// A button for each tenant of the local provider, with the user who can log in there.
#[component]
fn People() -> impl IntoView {
    let (auth, router) = (use_auth(), use_router());
    view! {
        <p class="people-words">"At once, as somebody whom the local provider knows:"</p>
        <ul class="people" aria-label="People whom the local provider knows">
            {PEOPLE.map(|[tenant, email, password]| view! {
                <li>
                    <button type="button" disabled=move || must_wait(auth) on:click=move |_| log_in(auth, router, tenant, email)>
                        <span class="unseen">"Log in to "</span>{tenant}
                    </button>
                    <span>{email}<br />"password "<code>{password}</code></span>
                </li>
            }).collect_view()}
        </ul>
    }
}

#[component]
fn LogInForm(has_tenants: bool, button: &'static str) -> impl IntoView {
    let (auth, router) = (use_auth(), use_router());
    let (tenant_name, set_tenant_name) = signal(String::new());
    let (login_hint, set_login_hint) = signal(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !must_wait(auth) {
            let tenant = tenant_name.get_untracked();
            log_in(auth, router, if has_tenants { &tenant } else { "" }, &login_hint.get_untracked());
        }
    };
    let about_tenants = if has_tenants {
        "Empty leads to the provider’s own page, which asks for it."
    } else {
        "This provider has no tenants: leave it empty. What you write here is not used."
    };
    view! {
        <form on:submit=submit>
            <div class="field">
                <label for=TENANT_FIELD>"Tenant name"</label>
                <input
                    id=TENANT_FIELD type="text" autocomplete="organization" autocapitalize="none" spellcheck="false"
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
            <button type="submit" class="primary" disabled=move || must_wait(auth)>{button}</button>
        </form>
    }
}

fn must_wait(auth: UseAuth) -> bool {
    auth.busy().get() || auth.state().with(|state| matches!(state, State::Loading))
}

fn log_in(auth: UseAuth, router: Router, tenant: &str, hint: &str) {
    let (tenant, hint) = (tenant.trim(), hint.trim());
    let login = if tenant.is_empty() { Login::new() } else { Login::to(tenant) };
    let login = if hint.is_empty() { login } else { login.login_hint(hint) };
    // The user must not return to the login route or to the callback. Any other page is a good
    // place to return to.
    let passes_through = matches!(router.route_untracked(), Route::Callback | Route::Login);
    auth.login(if passes_through { login.return_to(router.folder()) } else { login });
}
