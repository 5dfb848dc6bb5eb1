//! The protected pages: what the app's API returns for the signed-in user.

use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::{use_location, use_params_map};
use wristband_spa_auth::Error;
use wristband_spa_auth::leptos::use_auth;

use crate::invoices::{self, Invoice};
use crate::settings::Settings;

/// Fetches the invoices with the access token. The vault adds it.
fn use_invoices() -> LocalResource<Result<Vec<Invoice>, Error>> {
    let auth = use_auth();
    let url = expect_context::<Settings>().invoices_url;
    LocalResource::new(move || {
        let response = auth.get(&url);
        async { invoices::read(response.await?).await }
    })
}

/// The list of all invoices.
#[component]
pub(crate) fn Invoices() -> impl IntoView {
    let invoices = use_invoices();
    let row = |invoice: Invoice| {
        let address = format!("/invoices/{}?view=full#due", invoice.id);
        view! { <dt><A href=address>{invoice.id}</A></dt><dd>{invoice.customer}</dd> }
    };
    view! {
        <section>
            <h2>"Open invoices"</h2>
            {move || invoices.get().map(|answer| match answer {
                Ok(invoices) => view! { <dl>{invoices.into_iter().map(row).collect_view()}</dl> }.into_any(),
                Err(error) => view! { <p role="alert">{error.to_string()}</p> }.into_any(),
            })}
        </section>
    }
}

/// The page of one invoice.
#[component]
pub(crate) fn InvoicePage() -> impl IntoView {
    let (invoices, parameters, location) = (use_invoices(), use_params_map(), use_location());
    let id = Memo::new(move |_| parameters.with(|parameters| parameters.get("id").unwrap_or_default()));
    let invoice = move || {
        let all = invoices.get()?.ok()?;
        all.into_iter().find(|invoice| invoice.id == id.get())
    };
    view! {
        <section>
            <h2>"Invoice "{id}</h2>
            {move || invoice().map(|Invoice { amount, currency, customer, due, .. }| view! {
                <dl><dt>"Customer"</dt><dd>{customer}</dd><dt>"Amount"</dt><dd>{amount}" "{currency}</dd><dt id="due">"Due"</dt><dd>{due}</dd></dl>
            })}
            // How the router parses the URL.
            <p><small>"Query: "{move || location.search.get()}", fragment: "{move || location.hash.get()}</small></p>
        </section>
    }
}
