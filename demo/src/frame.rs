//! The frame of every page: header and footer.

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;

use crate::router::{Route, use_router};

/// Header, footer, and the page between them.
#[component]
pub(crate) fn Frame(
    /// The page.
    children: Children,
) -> impl IntoView {
    let router = use_router();
    let main = NodeRef::<html::Main>::new();
    let page = Memo::new(move |_| router.route().page());
    Effect::new(move |_| {
        let page = match page.get() {
            Route::About => "What is stored where",
            Route::Check => "Check the set-up",
            _ => "Sign-in demo",
        };
        document().set_title(&[page, " · wristband-spa-auth"].concat());
    });
    // Screen readers start to read at the focus, so a new page takes the focus.
    let focus_page = move || {
        if let Some(main) = main.get_untracked() {
            let _ = main.focus();
        }
    };
    view! {
        <a class="skip" href="#page" on:click=move |event| { event.prevent_default(); focus_page(); }>"Skip to the page"</a>
        <header class="top">
            <div class="wide">
                <div class="brand">
                    <h1>"wristband-spa-auth"</h1>
                    <p>"Sign-in for single-page apps on Wristband, live"</p>
                </div>
                <nav aria-label="Pages">
                    <PageLink page="" route=Route::Home label="Demo" on_shown=focus_page />
                    <PageLink page="about" route=Route::About label="What is stored where" on_shown=focus_page />
                    <PageLink page="check" route=Route::Check label="Set-up" on_shown=focus_page />
                </nav>
            </div>
        </header>
        <main id="page" class="wide" tabindex="-1" node_ref=main>{children()}</main>
        <footer class="wide">
            <p>
                "An independent open-source project, not affiliated with Wristband. "
                <a href="https://docs.wristband.dev/">"Wristband’s documentation"</a>
            </p>
        </footer>
    }
}

/// A link to a page of the app.
#[component]
fn PageLink(page: &'static str, route: Route, label: &'static str, on_shown: impl Fn() + 'static) -> impl IntoView {
    let router = use_router();
    let is_current = move || router.route().page() == route;
    let follow = move |event: MouseEvent| {
        // Other buttons and keys mean a new tab, a new window or a download. The browser handles these.
        let is_plain = event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if is_plain {
            event.prevent_default();
            router.go(page);
            on_shown();
        }
    };
    view! {
        <a href=router.address_of(page) aria-current=move || is_current().then_some("page") on:click=follow>{label}</a>
    }
}
