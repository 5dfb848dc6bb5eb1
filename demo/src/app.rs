//! The app: settings first, then the session, then the page.

use leptos::prelude::*;
use web_sys::Url;
use wristband_spa_auth::State;
use wristband_spa_auth::leptos::{AuthProvider, SignedIn, use_auth};

use crate::about::About;
use crate::api::Api;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::log_in::LogIn;
use crate::router::{Route, Router, provide_router, use_router};
use crate::session::Session;
use crate::settings::{self, Settings};
use crate::status::Status;
use crate::user_info::{UserInfo, provide_user_info};

/// The whole app.
#[component]
pub(crate) fn App() -> impl IntoView {
    let router = provide_router();
    let settings = LocalResource::new(move || settings::load(router.folder()));
    view! {
        <Frame>
            {move || settings.get().map(|settings| match settings {
                Ok(settings) => {
                    let config = settings.config.clone();
                    view! { <AuthProvider config><Pages settings=settings.clone() /></AuthProvider> }.into_any()
                }
                Err(error) => view! {
                    <Failure title="The demo cannot start" error />
                    {move || (router.route() == Route::About).then(|| view! { <About /> })}
                }.into_any(),
            })}
        </Frame>
    }
}

/// Everything between header and footer. The session lives around it, so it outlives every change of page.
#[component]
fn Pages(settings: Settings) -> impl IntoView {
    let router = use_router();
    provide_user_info();
    begin_login_at_login_route(router);
    // Of all the addresses, only this one looks different.
    let is_about = Memo::new(move |_| router.route() == Route::About);
    view! {
        <Status />
        <Trouble />
        {move || {
            if is_about.get() {
                view! { <About /> }.into_any()
            } else {
                view! { <Home settings=settings.clone() /> }.into_any()
            }
        }}
    }
}

/// The demo: a form for whoever is signed out, three regions for whoever is signed in.
#[component]
fn Home(settings: Settings) -> impl IntoView {
    let auth = use_auth();
    let nobody = Memo::new(move |_| auth.state().with(|state| state.signed_in().is_none()));
    let has_tenants = settings.has_tenants();
    let api_url = StoredValue::new(settings.api_url);
    view! {
        {move || nobody.get().then(|| view! { <LogIn has_tenants /> })}
        <SignedIn>
            <div class="regions">
                <UserInfo />
                <Session />
                <Api url=api_url.get_value() />
            </div>
        </SignedIn>
    }
}

/// What went wrong last: with an action, or else with the sign-in.
#[component]
fn Trouble() -> impl IntoView {
    let auth = use_auth();
    let trouble = Memo::new(move |_| match (auth.error().get(), auth.state().get()) {
        (Some(error), _) => Some(("That did not work", error)),
        (None, State::Failed(error)) => Some(("The sign-in failed", error)),
        (None, _) => None,
    });
    move || trouble.get().map(|(title, error)| view! { <Failure title error /> })
}

/// Wristband sends people to the login route to have a login begun there, for a tenant that it names.
fn begin_login_at_login_route(router: Router) {
    let auth = use_auth();
    let is_known = Memo::new(move |_| auth.state().with(|state| matches!(state, State::SignedIn(_) | State::SignedOut(_))));
    Effect::new(move |_| {
        if router.route() != Route::Login || !is_known.get() {
            return;
        }
        let Some(address) = login_address(router) else { return };
        // Otherwise the Back button would lead to this address, and from here away again.
        router.rename_to_home();
        auth.login_from_url(address);
    });
}

/// The address of the page, if it names a tenant. The person returns to the app's folder unless
/// the address says otherwise: the library's own choice is the root of the origin.
fn login_address(router: Router) -> Option<String> {
    let address = Url::new(&window().location().href().ok()?).ok()?;
    let parameters = address.search_params();
    let names_tenant = ["tenant_name", "tenant_domain", "tenant_custom_domain"].iter().any(|name| parameters.has(name));
    if !parameters.has("return_url") {
        parameters.append("return_url", &router.folder());
    }
    names_tenant.then(|| address.href())
}
