//! The app: loads the settings, starts the session, then shows the page.

use leptos::prelude::*;
use web_sys::Url;
use wristband_spa_auth::State;
use wristband_spa_auth::leptos::{AuthProvider, use_auth};

use crate::about::About;
use crate::api::Api;
use crate::arrival::{Arrival, is_forged, provide_arrival, use_arrival};
use crate::attempts::Attempts;
use crate::check::Check;
use crate::code::{Code, provide_code};
use crate::drawing::Drawing;
use crate::failure::Failure;
use crate::fold::is_narrow;
use crate::frame::Frame;
use crate::log::Log;
use crate::log_in::{LogIn, OtherTenant};
use crate::other_tab::provide_other_tabs;
use crate::router::{Route, Router, provide_router, use_router};
use crate::session::Session;
use crate::settings::{self, Settings};
use crate::status::Status;
use crate::time::provide_clock;
use crate::user_info::{UserInfo, provide_user_info};
use crate::watch::provide_watch;

/// The whole app.
#[component]
pub(crate) fn App() -> impl IntoView {
    let router = provide_router();
    let is_forged = is_forged();
    let settings = LocalResource::new(move || settings::load(router.folder()));
    view! {
        <Frame>
            {move || settings.get().map(|settings| match settings {
                Ok(settings) => {
                    let (config, vault) = (settings.config.clone(), settings.vault.clone());
                    view! { <AuthProvider config vault><Pages settings=settings.clone() is_forged /></AuthProvider> }.into_any()
                }
                Err(error) => view! {
                    <Failure title="The demo cannot start" error />
                    {move || (router.route() == Route::About).then(|| view! { <About /> })}
                }.into_any(),
            })}
        </Frame>
    }
}

/// Everything between header and footer. The session is provided outside of it, so it survives navigation between pages.
#[component]
fn Pages(settings: Settings, is_forged: bool) -> impl IntoView {
    let router = use_router();
    provide_arrival(router, is_forged);
    provide_clock();
    provide_user_info();
    provide_watch();
    provide_other_tabs();
    provide_code();
    begin_login_at_login_route(router);
    // All other routes show the same page.
    let page = Memo::new(move |_| router.route().page());
    view! {
        <Status />
        {move || {
            match page.get() {
                Route::About => view! { <About /> }.into_any(),
                Route::Check => view! { <Check settings=settings.clone() /> }.into_any(),
                _ => view! { <Home settings=settings.clone() /> }.into_any(),
            }
        }}
        <Trouble />
    }
}

/// The demo: the drawing, and below it the actions. The drawing stays in place when the user signs
/// in or out; everything below it is rendered again.
#[component]
fn Home(settings: Settings) -> impl IntoView {
    let auth = use_auth();
    let is_somebody = Memo::new(move |_| auth.state().with(|state| state.signed_in().is_some()));
    let (has_tenants, is_local) = (settings.has_tenants(), settings.is_local());
    let api_url = settings.api_url;
    view! {
        <Drawing places=settings.places />
        {move || {
            if is_somebody.get() {
                view! { <Inside api_url=api_url.clone() has_tenants is_local /> }.into_any()
            } else {
                view! { <LogIn has_tenants is_local /><div class="pair"><Log /><Code /></div> }.into_any()
            }
        }}
    }
}

/// The regions for a signed-in user.
#[component]
fn Inside(api_url: Option<String>, has_tenants: bool, is_local: bool) -> impl IntoView {
    if is_narrow() {
        // Below the drawing, what a hand can do; the rest is folded.
        return view! {
            <Session />
            <Api url=api_url />
            <div class="folds">
                <Attempts />
                <Log />
                <Code />
                <UserInfo />
                {has_tenants.then(|| view! { <OtherTenant is_local /> })}
            </div>
        }
        .into_any();
    }
    view! {
        <Session />
        <Attempts />
        <div class="pair"><Log /><Code /></div>
        <div class="pair">
            <UserInfo />
            <div class="stack">
                <Api url=api_url />
                {has_tenants.then(|| view! { <OtherTenant is_local /> })}
            </div>
        </div>
    }
    .into_any()
}

/// The last error: of an action, or else of the sign-in. It lies over the page, which does not move,
/// until the user closes it or starts another action.
#[component]
fn Trouble() -> impl IntoView {
    let auth = use_auth();
    let arrival = use_arrival();
    let closed = RwSignal::new(None);
    let trouble = Memo::new(move |_| match (auth.error().get(), auth.state().get()) {
        (Some(error), _) => Some(("That did not work", error)),
        (None, State::Failed(error)) if arrival.get() == Some(Arrival::Forged) => Some(("The forged callback was refused", error)),
        (None, State::Failed(error)) => Some(("The sign-in failed", error)),
        (None, _) => None,
    });
    // An error that occurs again is shown again.
    Effect::new(move |_| {
        if trouble.with(Option::is_none) {
            closed.set(None);
        }
    });
    let close = move |_| closed.set(trouble.get_untracked());
    move || {
        let (title, error) = trouble.get().filter(|trouble| closed.with(|closed| closed.as_ref() != Some(trouble)))?;
        Some(view! {
            <div class="notice">
                <div class="wide">
                    <Failure title error />
                    <button type="button" on:click=close>"Close"</button>
                </div>
            </div>
        })
    }
}

/// Wristband redirects users to the login route, with a tenant, so that the app starts a login there.
fn begin_login_at_login_route(router: Router) {
    let auth = use_auth();
    let is_known = Memo::new(move |_| auth.state().with(|state| matches!(state, State::SignedIn(_) | State::SignedOut(_))));
    Effect::new(move |_| {
        if router.route() != Route::Login || !is_known.get() {
            return;
        }
        let Some(address) = login_address(router) else { return };
        // Otherwise Back would return to this URL, which redirects again.
        router.rename_to("");
        auth.login_from_url(address);
    });
}

/// The page's URL, if it names a tenant. The user returns to the app's folder unless the URL says
/// otherwise: the library's default is the root of the origin.
fn login_address(router: Router) -> Option<String> {
    let address = Url::new(&window().location().href().ok()?).ok()?;
    let parameters = address.search_params();
    let names_tenant = ["tenant_name", "tenant_domain", "tenant_custom_domain"].iter().any(|name| parameters.has(name));
    if !parameters.has("return_url") {
        parameters.append("return_url", &router.folder());
    }
    names_tenant.then(|| address.href())
}
