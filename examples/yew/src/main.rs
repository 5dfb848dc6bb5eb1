//! An app with sign-in: a public page, protected pages, and the two URLs to which the provider
//! redirects users.

mod account;
mod home;
mod invoices;
mod pages;
mod settings;
mod status;

use wasm_bindgen_futures::spawn_local;
use wristband_spa_auth::Error;
use wristband_spa_auth::yew::{AuthProvider, CallbackRoute, LoginRoute, RequireAuth};
use yew::prelude::*;
use yew_router::prelude::*;

use account::Account;
use home::Home;
use pages::{InvoicePage, Invoices};
use settings::Settings;
use status::Status;

fn main() {
    yew::Renderer::<App>::new().render();
}

#[derive(Clone, PartialEq, Routable)]
enum Route {
    #[at("/account")]
    Account,
    #[at("/callback")]
    Callback,
    #[at("/")]
    Home,
    #[at("/invoices/:id")]
    Invoice { id: String },
    #[at("/invoices")]
    Invoices,
    #[at("/login")]
    Login,
    #[not_found]
    #[at("/404")]
    NotFound,
}

/// Loads the settings, starts the session, then shows the pages.
#[component]
fn App() -> Html {
    let settings = use_state(|| None::<Result<Settings, Error>>);
    let loaded = settings.clone();
    use_effect_with((), move |()| spawn_local(async move { loaded.set(Some(settings::load().await)) }));
    match &*settings {
        None => Html::default(),
        Some(Err(error)) => html! { <p role="alert">{ error.to_string() }</p> },
        Some(Ok(settings)) => html! {
            <ContextProvider<Settings> context={settings.clone()}>
                <AuthProvider config={settings.config.clone()}><Pages /></AuthProvider>
            </ContextProvider<Settings>>
        },
    }
}

#[component]
fn Pages() -> Html {
    html! {
        <BrowserRouter>
            <header>
                <h1>{ "Invoices" }</h1>
                <nav>
                    <Link<Route> to={Route::Home}>{ "Home" }</Link<Route>>
                    <Link<Route> to={Route::Invoices}>{ "Invoices" }</Link<Route>>
                    <Link<Route> to={Route::Account}>{ "Account" }</Link<Route>>
                </nav>
            </header>
            <main>
                <Status />
                <Switch<Route> render={page} />
            </main>
        </BrowserRouter>
    }
}

fn page(route: Route) -> Html {
    let wait = || html! { <p>{ "One moment…" }</p> };
    let protected = |page: Html| html! { <RequireAuth fallback={wait()}>{ page }</RequireAuth> };
    match route {
        Route::Account => protected(html! { <Account /> }),
        Route::Callback => html! { <CallbackRoute fallback={wait()} /> },
        Route::Home => html! { <Home /> },
        Route::Invoice { id } => protected(html! { <InvoicePage {id} /> }),
        Route::Invoices => protected(html! { <Invoices /> }),
        Route::Login => html! { <LoginRoute fallback={wait()} /> },
        Route::NotFound => html! { <p>{ "There is no such page." }</p> },
    }
}
