//! The user info from the provider.

use leptos::prelude::*;
use wristband_spa_auth::leptos::use_auth;
use wristband_spa_auth::{Error, Role, Timestamp, UserInfo as Info, Value};

use crate::entries::{Entry, entry};
use crate::failure::Failure;
use crate::fold::Fold;
use crate::time::Moment;

type Answer = Memo<Option<Result<Info, Error>>>;

/// Fetches the user info once for each user who signs in, and provides it as context.
pub(crate) fn provide_user_info() {
    let auth = use_auth();
    // A renewal changes the state, but not the user.
    let person = Memo::new(move |_| {
        auth.state().with(|state| state.signed_in().map(|person| (person.user_id.clone(), person.tenant_id.clone())))
    });
    let answer = LocalResource::new(move || {
        // This is the only dependency: what follows is untracked.
        let asked = person.get().map(|_| untrack(|| auth.user_info()));
        async {
            match asked {
                Some(asked) => Some(asked.await),
                None => None,
            }
        }
    });
    provide_context::<Answer>(Memo::new(move |_| answer.get().flatten()));
}

/// The user info, or `None` until it has arrived.
pub(crate) fn use_user_info() -> Answer {
    expect_context()
}

/// The region with the user info.
#[component]
pub(crate) fn UserInfo() -> impl IntoView {
    let answer = use_user_info();
    view! {
        <section class="card user-info" aria-labelledby="user-info">
            <Fold id="user-info" title="User info">
                {move || match answer.get() {
                    None => view! { <p class="hint">"Asking the provider…"</p> }.into_any(),
                    Some(Ok(info)) => view! { <Entries info /> }.into_any(),
                    Some(Err(error)) => view! { <Failure title="User info could not be fetched" error /> }.into_any(),
                }}
            </Fold>
        </section>
    }
}

#[component]
fn Entries(info: Info) -> impl IntoView {
    let yes_or_no = |flag: bool| if flag { "Yes" } else { "No" }.to_owned();
    let text = |text: Option<&str>| text.map(str::to_owned);
    let (user_id, roles) = (info.user_id().to_owned(), roles(&info));
    let updated_at = info.updated_at().map(Timestamp::from_seconds);
    view! {
        <dl class="entries">
            {entry("Name", text(info.full_name()))}
            {entry("Display name", text(info.display_name()))}
            {entry("E-mail", text(info.email()))}
            {entry("E-mail verified", info.email_verified().map(yes_or_no))}
            {entry("Phone", text(info.phone_number()))}
            {entry("Phone verified", info.phone_number_verified().map(yes_or_no))}
            <Entry name="Roles">{roles}</Entry>
            {entry("Identity provider", text(info.identity_provider_name()))}
            {entry("Tenant ID", text(info.tenant_id()))}
            {entry("Application ID", text(info.application_id()))}
            <Entry name="User ID">{user_id}</Entry>
            {entry("Language", text(info.locale()))}
            {entry("Time zone", text(info.time_zone()))}
            {updated_at.map(|at| view! { <Entry name="Profile updated"><Moment at /></Entry> })}
            {info.custom_claims().cloned().map(|claims| view! { <Entry name="Custom claims"><Claims claims /></Entry> })}
        </dl>
    }
}

fn roles(info: &Info) -> impl IntoView + use<> {
    let item = |role: Role<'_>| view! { <li>{role.display_name.map(str::to_owned)} " " <code>{role.name.to_owned()}</code></li> };
    let items: Vec<_> = info.roles().map(item).collect();
    if items.is_empty() { "None".into_any() } else { view! { <ul class="items">{items}</ul> }.into_any() }
}

/// Claims by name. Their contents depend on the application.
#[component]
fn Claims(claims: Value) -> impl IntoView {
    let items = claims.members().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_text(), str::to_owned);
        view! { <li><code>{name.to_owned()}</code> " " {text}</li> }
    });
    view! { <ul class="items">{items.collect_view()}</ul> }
}
