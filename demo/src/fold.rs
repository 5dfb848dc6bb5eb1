//! Parts of the page that are folded on a phone.

use leptos::prelude::*;
use web_sys::Element;

/// Whether the window is as narrow as a phone's. It is asked when a part is shown: turning the phone folds nothing.
pub(crate) fn is_narrow() -> bool {
    window().match_media("(max-width: 40rem)").ok().flatten().is_some_and(|query| query.matches())
}

/// A part with a heading. On a phone, only the heading is shown until the user opens it.
#[component]
pub(crate) fn Fold(
    /// The id of the heading. If there is none, the part is one of details without a heading of its own.
    #[prop(optional)]
    id: Option<&'static str>,
    title: &'static str,
    children: Children,
) -> impl IntoView {
    let heading = id.map(|id| view! { <h2 id=id>{title}</h2> });
    if !is_narrow() {
        return view! { {heading} {children()} }.into_any();
    }
    let summary = heading.map_or_else(|| title.into_any(), IntoAny::into_any);
    view! { <details class="fold"><summary>{summary}</summary><div class="folded">{children()}</div></details> }.into_any()
}

/// Shows an element that may be folded away, and scrolls to it.
pub(crate) fn reveal(element: &Element) {
    if let Ok(Some(fold)) = element.closest("details") {
        let _ = fold.set_attribute("open", "");
    }
    element.scroll_into_view();
}
