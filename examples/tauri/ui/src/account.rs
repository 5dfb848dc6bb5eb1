//! The user info. The shell fetches it from the provider.

use leptos::prelude::*;

use crate::session::Session;
use crate::shell::{self, UserView};

/// Name, email address and roles.
#[component]
pub(crate) fn Account() -> impl IntoView {
    let session = expect_context::<Session>();
    // Another user is another account. A renewal changes nothing here.
    let user_id = Memo::new(move |_| session.view().and_then(|view| view.user_id));
    let user = LocalResource::new(move || {
        user_id.track();
        shell::call::<UserView>("user_info", ())
    });
    view! {
        <section>
            <h2>"Account"</h2>
            {move || user.get().map(|answer| match answer {
                Ok(user) => view! {
                    <dl>
                        <dt>"Name"</dt><dd>{user.name}</dd>
                        <dt>"Email"</dt><dd>{user.email}</dd>
                        <dt>"Roles"</dt><dd>{user.roles.join(", ")}</dd>
                    </dl>
                }.into_any(),
                Err(problem) => view! { <p role="alert">{problem.message}</p> }.into_any(),
            })}
        </section>
    }
}
