//! An app with sign-in: a public page, protected pages, and the two URLs to which the provider
//! redirects users.
#![allow(unreachable_pub, reason = "the component macro of Leptos writes `pub`, whatever it is told")]

mod account;
mod home;
mod invoices;
mod pages;
mod settings;
mod status;

use leptos::prelude::*;
use leptos_router::components::{A, Outlet, ParentRoute, Route, Router, Routes};
use leptos_router::path;
use wristband_spa_auth::leptos::{AuthProvider, CallbackRoute, LoginRoute, RequireAuth};

use account::Account;
use home::Home;
use pages::{InvoicePage, Invoices};
use status::Status;

fn main() {
    mount_to_body(App);
}

/// Loads the settings, starts the session, then shows the pages.
#[component]
fn App() -> impl IntoView {
    let settings = LocalResource::new(settings::load);
    move || {
        settings.get().map(|settings| match settings {
            Ok(settings) => {
                provide_context(settings.clone());
                view! { <AuthProvider config=settings.config><Pages /></AuthProvider> }.into_any()
            }
            Err(error) => view! { <p role="alert">{error.to_string()}</p> }.into_any(),
        })
    }
}

#[component]
fn Pages() -> impl IntoView {
    let wait = || view! { <p>"One moment…"</p> };
    view! {
        <Router>
            <header>
                <h1>"Invoices"</h1>
                <nav>
                    <A href="/" exact=true>"Home"</A>
                    <A href="/invoices">"Invoices"</A>
                    <A href="/account">"Account"</A>
                </nav>
            </header>
            <main>
                <Status />
                <Routes fallback=|| view! { <p>"There is no such page."</p> }>
                    <Route path=path!("/") view=Home />
                    <Route path=path!("/callback") view=move || view! { <CallbackRoute fallback=wait /> } />
                    <Route path=path!("/login") view=move || view! { <LoginRoute fallback=wait /> } />
                    // One guard for all nested routes.
                    <ParentRoute path=path!("") view=move || view! { <RequireAuth fallback=wait><Outlet /></RequireAuth> }>
                        <Route path=path!("/account") view=Account />
                        <Route path=path!("/invoices") view=Invoices />
                        <Route path=path!("/invoices/:id") view=InvoicePage />
                    </ParentRoute>
                </Routes>
            </main>
        </Router>
    }
}
