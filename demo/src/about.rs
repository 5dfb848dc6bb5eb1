//! The page that explains what is stored where, and what is checked.

use leptos::prelude::*;

const STORED: [[&str; 3]; 6] = [
    ["Access token", "Memory", "Until it is renewed, the vault goes, or you log out"],
    ["Refresh token", "Memory", "Until it is used or revoked, the vault goes, or you log out"],
    ["ID token", "Memory", "Until it is renewed, the vault goes, or you log out"],
    ["Claims about you", "Memory", "As long as you are signed in"],
    ["Pending login: state, nonce, code verifier", "IndexedDB", "Until the callback, an hour at the most, five at a time"],
    ["Hint that somebody was signed in, and to which tenant", "IndexedDB", "Until you log out"],
];

const CHECKED: [(&str, &str); 6] = [
    (
        "The callback",
        "Its state belongs to a login that was begun in this browser within an hour, and is used once. The address bar is cleaned first.",
    ),
    (
        "The ID token’s signature",
        "By a key of the provider, with an algorithm from a short list: never “none”, never a shared secret.",
    ),
    (
        "The ID token’s claims",
        "Issuer, audience, nonce, times, and the access token’s hash where there is one. A renewed one is about the same person.",
    ),
    ("User info", "It is about the person and the tenant that the ID token names."),
    ("The tenant", "A name is one label of a host name, and a custom domain is confirmed before the browser is sent there."),
    ("The API’s address", "The access token goes to the listed addresses alone, and never follows a redirect."),
];

/// The page.
#[component]
pub(crate) fn About() -> impl IntoView {
    view! {
        <article class="about">
            <h2>"What is stored where"</h2>
            <p class="lede">
                "Nothing that opens anything is ever written to the disk. What is stored is of use to this browser alone, "
                "and has an end."
            </p>
            <div class="scroll">
                <table>
                    <caption class="unseen">"What is stored where, and until when"</caption>
                    <thead>
                        <tr><th scope="col">"What"</th><th scope="col">"Where"</th><th scope="col">"Until when"</th></tr>
                    </thead>
                    <tbody>
                        {STORED.map(|[what, place, end]| {
                            let class = if place == "Memory" { "place-name memory" } else { "place-name" };
                            view! {
                                <tr>
                                    <th scope="row">{what}</th>
                                    <td><span class=class>{place}</span></td>
                                    <td>{end}</td>
                                </tr>
                            }
                        })}
                    </tbody>
                </table>
            </div>
            <p>
                "The memory is that of the vault: a worker, which no script of the page can read, or the page itself where "
                "there are no files for a worker. The drawing of the demo says which one it is here. Cookies, localStorage "
                "and sessionStorage are not used."
            </p>
            <p>
                "A vault that tabs share is still there after a reload, in browsers that let it outlive the page. Where the "
                "memory is empty and the hint says that somebody was signed in, the browser goes to the provider once, "
                "without a page that asks anything, and comes back with a new session. A visitor who was never signed in is "
                "not sent anywhere."
            </p>
            <h2>"What is checked"</h2>
            <p>"Nothing that comes from outside is believed before it is checked:"</p>
            <dl class="checks">
                {CHECKED.map(|(what, how)| view! { <div><dt>{what}</dt><dd>{how}</dd></div> })}
            </dl>
            <h2>"What it cannot do"</h2>
            <p>
                "A script that an attacker gets into the page can make calls as the app does, and can begin a login of its "
                "own. Keep such scripts out with a Content Security Policy. This page works under a strict one."
            </p>
        </article>
    }
}
