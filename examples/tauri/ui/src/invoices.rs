//! What the API returns for the user. The shell sends the request, with the access token.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::shell::{self, Problem};

/// The response of the API.
#[derive(Deserialize)]
struct Answer {
    invoices: Vec<Invoice>,
}

#[derive(Clone, Deserialize)]
struct Invoice {
    amount: f64,
    currency: String,
    customer: String,
    id: String,
}

#[derive(Serialize)]
struct Call {
    path: &'static str,
}

/// Fetches the invoices.
async fn fetch() -> Result<Vec<Invoice>, Problem> {
    let answer: Answer = shell::call("call_api", Call { path: "invoices" }).await?;
    Ok(answer.invoices)
}

/// The list of all invoices, when the user wants to see it.
#[component]
pub(crate) fn Invoices() -> impl IntoView {
    let invoices = Action::new_local(|_: &()| fetch());
    let row = |Invoice { amount, currency, customer, id }| view! { <dt>{id}</dt><dd>{customer}", "{amount}" "{currency}</dd> };
    view! {
        <section>
            <h2>"Open invoices"</h2>
            {move || invoices.value().get().map(|answer| match answer {
                Ok(invoices) => view! { <dl>{invoices.into_iter().map(row).collect_view()}</dl> }.into_any(),
                Err(problem) => view! { <p role="alert">{problem.message}</p> }.into_any(),
            })}
            <form on:submit=move |event| { event.prevent_default(); invoices.dispatch_local(()); }>
                <button disabled=move || invoices.pending().get()>"Call the API"</button>
            </form>
        </section>
    }
}
