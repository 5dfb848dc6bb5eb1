//! On a server a session never starts: every component renders its `loading` state.
#![allow(clippy::unwrap_used)]

use leptos::prelude::*;
use wristband_spa_auth::leptos::{
    AuthProvider, CallbackRoute, LoginRoute, RequireAuth, SignedIn, SignedOut, use_auth, use_user_info,
};
use wristband_spa_auth::{Config, Login, State};

fn config() -> Config {
    Config::wristband("invotastic-acme.us.wristband.dev", "client-1", "https://app.example/callback").build().unwrap()
}

#[component]
fn Everything() -> impl IntoView {
    let (auth, user_info) = (use_auth(), use_user_info());
    let wait = || "wait";
    assert_eq!(auth.state().get_untracked(), State::Loading);
    assert!(auth.auth().is_none() && auth.error().get_untracked().is_none() && !auth.busy().get_untracked());
    assert!(user_info.get_untracked().is_none());
    view! {
        <p>"public"</p>
        <SignedIn><p>"in"</p></SignedIn>
        <SignedOut><p>"out"</p></SignedOut>
        <RequireAuth login=Login::to("acme") fallback=wait><p>"protected"</p></RequireAuth>
        <CallbackRoute fallback=wait />
        <LoginRoute fallback=wait />
        <button disabled=auth.busy() on:click=move |_| auth.login(Login::new())>"Log in"</button>
    }
}

#[test]
fn every_component_renders_as_loading_on_the_server() {
    let owner = Owner::new();
    let html = owner.with(|| view! { <AuthProvider config=config()><Everything /></AuthProvider> }.to_html());
    for shown in ["public", "Log in"] {
        assert!(html.contains(shown), "{html}");
    }
    assert_eq!(html.matches("wait").count(), 3, "{html}");
    for hidden in ["<p>in", "<p>out", "protected"] {
        assert!(!html.contains(hidden), "{html}");
    }
}

#[test]
fn rendered_components_may_be_dropped_on_another_thread() {
    let owner = Owner::new();
    let view = owner.with(|| view! { <AuthProvider config=config()><Everything /></AuthProvider> }.into_any());
    std::thread::spawn(move || drop((view, owner))).join().unwrap();
}
