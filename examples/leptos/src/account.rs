//! The user info from the provider.

use leptos::prelude::*;
use serde::Deserialize;
use wristband_spa_auth::leptos::use_user_info;
use wristband_spa_auth::{Error, UserInfo};

/// The custom claims of this application.
#[derive(Deserialize)]
struct CustomClaims {
    department: Option<String>,
}

/// Name, roles, and one of the application's custom claims.
#[component]
pub(crate) fn Account() -> impl IntoView {
    let user_info = use_user_info();
    view! {
        <section>
            <h2>"Account"</h2>
            {move || user_info.get().map(|answer| match answer.and_then(|info| details(&info)) {
                Ok(details) => details.into_any(),
                Err(error) => view! { <p role="alert">{error.to_string()}</p> }.into_any(),
            })}
        </section>
    }
}

fn details(info: &UserInfo) -> Result<impl IntoView + use<>, Error> {
    let claims: CustomClaims = info.custom_claims_as()?;
    let roles: Vec<_> = info.roles().map(|role| role.display_name.unwrap_or(role.name).to_owned()).collect();
    Ok(view! {
        <dl>
            <dt>"Name"</dt><dd>{info.full_name().map(str::to_owned)}</dd>
            <dt>"Roles"</dt><dd>{roles.join(", ")}</dd>
            <dt>"Department"</dt><dd>{claims.department}</dd>
        </dl>
        // This only shows or hides the button. The API decides whether the user may do it.
        {info.has_role("app:invotastic:owner").then(|| view! { <button>"Invite a colleague"</button> })}
    })
}
