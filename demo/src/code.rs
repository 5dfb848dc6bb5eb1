//! The line of code behind each button, in three languages.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use crate::fold::Fold;

const LANGUAGES: [&str; 3] = ["Leptos", "Yew", "TypeScript"];

/// The label that a visitor sees, and the code behind it in each of the [`LANGUAGES`].
const LINES: [(&str, [&str; 3]); 10] = [
    (
        "Start",
        [
            "<AuthProvider config>…</AuthProvider>\nlet auth = use_auth();",
            "<AuthProvider {config}>…</AuthProvider>\nlet auth = use_auth();",
            "const auth = await createAuth(config);",
        ],
    ),
    (
        "Signed in as …",
        [
            "auth.state().with(|state| state.signed_in().cloned())",
            "auth.state().signed_in()",
            "if (auth.state.status === \"signed-in\") …",
        ],
    ),
    (
        "Log in, Switch tenant",
        [
            "auth.login(\n    Login::to(\"acme\").login_hint(email),\n);",
            "auth.login(\n    Login::to(\"acme\").login_hint(email),\n);",
            "await auth.login({\n  tenantName: \"acme\",\n  loginHint: email,\n});",
        ],
    ),
    ("User info", ["auth.user_info().await?", "auth.user_info().await?", "await auth.userInfo()"]),
    ("Call API", ["auth.get(url).await?", "auth.get(url).await?", "await auth.fetch(url)"]),
    ("Renew now", ["auth.renew();", "auth.renew();", "await auth.renew();"]),
    ("Log out", ["auth.logout(Logout::new());", "auth.logout(Logout::new());", "await auth.logout();"]),
    ("Expire now", ["session.expire().await?", "session.expire().await?", "// For demos in Rust alone: the feature “inspect”."]),
    ("Go offline, Reload, Open a second tab, Forge a callback", ["// Nothing: the library sees to it."; 3]),
    ("Read the tokens", ["// Nothing gives a token away, unless the settings allow it for the access token."; 3]),
];

/// The selected language.
#[derive(Clone, Copy, Debug)]
struct Chosen(RwSignal<usize>);

/// Provides the selected language as context. It is kept until the page is closed.
pub(crate) fn provide_code() {
    provide_context(Chosen(RwSignal::new(0)));
}

/// The region with the code.
#[component]
pub(crate) fn Code() -> impl IntoView {
    let chosen = expect_context::<Chosen>().0;
    let choose = move |index: usize| {
        chosen.set(index);
        if let Some(tab) = document().get_element_by_id(&tab_id(index)).and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) {
            let _ = tab.focus();
        }
    };
    let press = move |event: KeyboardEvent| {
        let (now, last) = (chosen.get_untracked(), LANGUAGES.len() - 1);
        let next = match event.key().as_str() {
            "ArrowRight" if now == last => 0,
            "ArrowRight" => now + 1,
            "ArrowLeft" if now == 0 => last,
            "ArrowLeft" => now - 1,
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        choose(next);
    };
    view! {
        <section class="card code" aria-labelledby="code">
            <Fold id="code" title="The line behind each button">
                <div role="tablist" aria-label="Language" on:keydown=press>
                    {LANGUAGES.into_iter().enumerate().map(|(index, language)| view! {
                        <button
                            type="button" role="tab" id=tab_id(index) aria-controls="code-lines"
                            aria-selected=move || (chosen.get() == index).to_string()
                            tabindex=move || if chosen.get() == index { 0 } else { -1 }
                            on:click=move |_| choose(index)
                        >
                            {language}
                        </button>
                    }).collect_view()}
                </div>
                <div role="tabpanel" id="code-lines" tabindex="0" aria-labelledby=move || tab_id(chosen.get())>
                    <dl>
                        {LINES.map(|(button, lines)| view! {
                            <div><dt>{button}</dt><dd><code>{move || lines[chosen.get()]}</code></dd></div>
                        }).collect_view()}
                    </dl>
                </div>
            </Fold>
        </section>
    }
}

fn tab_id(index: usize) -> String {
    format!("code-tab-{index}")
}
