//! The protected pages: what the app's API returns for the signed-in user.

use wasm_bindgen_futures::spawn_local;
use wristband_spa_auth::Error;
use wristband_spa_auth::yew::{UseAuth, use_auth};
use yew::prelude::*;
use yew_router::prelude::*;

use crate::Route;
use crate::invoices::{self, Invoice};
use crate::settings::Settings;

/// Fetches the invoices with the access token. The vault adds it.
#[hook]
fn use_invoices() -> Option<Result<Vec<Invoice>, Error>> {
    let auth = use_auth();
    let url = use_context::<Settings>().map(|settings| settings.invoices_url).unwrap_or_default();
    let invoices = use_state(|| None);
    let loaded = invoices.clone();
    use_effect_with(url, move |url| {
        let url = url.clone();
        spawn_local(async move { loaded.set(Some(fetch(&auth, &url).await)) });
    });
    (*invoices).clone()
}

async fn fetch(auth: &UseAuth, url: &str) -> Result<Vec<Invoice>, Error> {
    invoices::read(auth.get(url).await?).await
}

/// The list of all invoices.
#[component]
pub(crate) fn Invoices() -> Html {
    let row = |Invoice { id, customer, .. }: Invoice| {
        html! { <><dt><Link<Route> to={Route::Invoice { id: id.clone() }}>{ id }</Link<Route>></dt><dd>{ customer }</dd></> }
    };
    let rows = use_invoices().map(|answer| match answer {
        Ok(invoices) => html! { <dl>{ for invoices.into_iter().map(row) }</dl> },
        Err(error) => html! { <p role="alert">{ error.to_string() }</p> },
    });
    html! { <section><h2>{ "Open invoices" }</h2>{ rows }</section> }
}

/// The invoice to show.
#[derive(PartialEq, Properties)]
pub(crate) struct InvoicePageProps {
    pub(crate) id: String,
}

/// The page of one invoice.
#[component]
pub(crate) fn InvoicePage(props: &InvoicePageProps) -> Html {
    let location = use_location();
    let all = use_invoices().and_then(Result::ok).unwrap_or_default();
    let details =
        all.into_iter().find(|invoice| invoice.id == props.id).map(|Invoice { amount, currency, customer, due, .. }| {
            html! {
                <dl>
                    <dt>{ "Customer" }</dt><dd>{ customer }</dd>
                    <dt>{ "Amount" }</dt><dd>{ amount }{ " " }{ currency }</dd>
                    <dt id="due">{ "Due" }</dt><dd>{ due }</dd>
                </dl>
            }
        });
    let (query, fragment) = location.map(|at| (at.query_str().to_owned(), at.hash().to_owned())).unwrap_or_default();
    html! {
        <section>
            <h2>{ "Invoice " }{ &props.id }</h2>
            { details }
            // How the router parses the URL.
            <p><small>{ "Query: " }{ query.trim_start_matches('?') }{ ", fragment: " }{ fragment }</small></p>
        </section>
    }
}
