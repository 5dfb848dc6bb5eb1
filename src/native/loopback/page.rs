//! The page that the user sees when the browser has come back.

use crate::protocol::error::Error;

/// A page. None of them has anything in it that came with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Page<'a> {
    /// The sign-in failed.
    Failed(&'a Error),
    /// A request that is no callback.
    Problem,
    /// The user is signed in to the app with this name.
    SignedIn(&'a str),
}

impl Page<'_> {
    /// The document. It needs nothing else: no script, no image, no font.
    pub(crate) fn html(&self) -> String {
        let (title, text) = match self {
            Self::Failed(error) => {
                ("The sign-in failed", format!("Go back to the app to try again. (<code>{}</code>)", error.code().as_str()))
            }
            Self::Problem => ("Nothing here", "This page belongs to an app that is signing a user in.".to_owned()),
            Self::SignedIn("") => ("You are signed in", "You can close this window, and go back to the app.".to_owned()),
            Self::SignedIn(app) => ("You are signed in", format!("You can close this window, and go back to {}.", escape(app))),
        };
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
             <style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto 0;padding:0 1rem}}</style>\
             <h1>{title}</h1><p>{text}</p></html>\n"
        )
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::error::{Code, OAuthError};

    #[test]
    fn nothing_that_a_server_sent_gets_into_the_page() {
        let refusal = OAuthError::new("access_denied", Some("<script>alert(1)</script>")).unwrap();
        let html = Page::Failed(&Error::with_oauth(Code::AccessDenied, refusal)).html();
        assert!(html.contains("access_denied") && !html.contains("script"));
        assert!(Page::SignedIn("<b>\"Fish\" & 'Chips'").html().contains("&lt;b&gt;&quot;Fish&quot; &amp; &#39;Chips&#39;"));
    }
}
