//! The user info from the provider.

use serde::Deserialize;
use wristband_spa_auth::yew::use_user_info;
use wristband_spa_auth::{Error, UserInfo};
use yew::prelude::*;

/// The custom claims of this application.
#[derive(Deserialize)]
struct CustomClaims {
    department: Option<String>,
}

/// Name, roles, and one of the application's custom claims.
#[component]
pub(crate) fn Account() -> Html {
    let details = use_user_info().map(|answer| match answer.and_then(|info| details(&info)) {
        Ok(details) => details,
        Err(error) => html! { <p role="alert">{ error.to_string() }</p> },
    });
    html! { <section><h2>{ "Account" }</h2>{ details }</section> }
}

fn details(info: &UserInfo) -> Result<Html, Error> {
    let claims: CustomClaims = info.custom_claims_as()?;
    let roles: Vec<_> = info.roles().map(|role| role.display_name.unwrap_or(role.name)).collect();
    Ok(html! {
        <>
            <dl>
                <dt>{ "Name" }</dt><dd>{ info.full_name() }</dd>
                <dt>{ "Roles" }</dt><dd>{ roles.join(", ") }</dd>
                <dt>{ "Department" }</dt><dd>{ claims.department }</dd>
            </dl>
            // This only shows or hides the button. The API decides whether the user may do it.
            if info.has_role("app:invotastic:owner") {
                <button>{ "Invite a colleague" }</button>
            }
        </>
    })
}
