//! A browser that follows redirects, keeps cookies and fills in the login page. It stands in for the system's browser.

use form_urlencoded::Serializer;

use super::http::{self, Answer, split};

#[derive(Clone, Default)]
pub struct Browser {
    /// By host and name.
    cookies: Vec<(String, String, String)>,
}

/// Where the browser has come to.
pub struct Page {
    pub url: String,
    pub answer: Answer,
}

impl Browser {
    /// Follows redirects of the provider until a page is shown, or another host is next.
    async fn go(&mut self, method: &str, url: &str, form: &str) -> Page {
        let (mut method, mut url, mut form) = (method.to_owned(), url.to_owned(), form.to_owned());
        let port = split(&url).0.rsplit_once(':').unwrap().1.to_owned();
        loop {
            let host = split(&url).0.to_owned();
            let sent: Vec<_> = self.cookies.iter().filter(|(of, ..)| *of == host).map(|(_, n, v)| format!("{n}={v}")).collect();
            let cookie = sent.join("; ");
            let headers = [("accept", "text/html"), ("content-type", "application/x-www-form-urlencoded"), ("cookie", &cookie)];
            let answer = http::send(&method, &url, if cookie.is_empty() { &headers[..2] } else { &headers }, &form).await;
            self.keep(&host, &answer);
            let Some(next) = answer.header("location").map(|next| absolute(&url, next)) else { return Page { url, answer } };
            if !next.starts_with("http") || !split(&next).0.ends_with(&format!(":{port}")) {
                return Page { url: next, answer };
            }
            (method, url, form) = ("GET".to_owned(), next, String::new());
        }
    }

    fn keep(&mut self, host: &str, answer: &Answer) {
        for (_, line) in answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let Some((name, value)) = line.split(';').next().and_then(|pair| pair.split_once('=')) else { continue };
            self.cookies.retain(|(of, other, _)| of != host || other != name);
            if !value.is_empty() {
                self.cookies.push((host.to_owned(), name.to_owned(), value.to_owned()));
            }
        }
    }

    /// Opens the URL of a login, and signs in if the provider asks for it. Returns the URL at which it leaves the provider.
    pub async fn authorize(&mut self, url: &str, (email, password): (&str, &str)) -> String {
        let page = self.go("GET", url, "").await;
        if page.answer.status != 200 {
            assert!((300..400).contains(&page.answer.status), "{}: {}", page.answer.status, page.answer.body);
            return page.url;
        }
        let form = filled(&page.answer.body, email, password);
        let action = absolute(&page.url, "/login");
        self.go("POST", &action, &form).await.url
    }

    /// The same, and opens the URL at which it comes back to the app. Returns the page that the app shows.
    pub async fn sign_in(&mut self, url: &str, user: (&str, &str)) -> Answer {
        let back = self.authorize(url, user).await;
        http::send("GET", &back, &[], "").await
    }
}

/// The form of the login page, with its hidden fields.
fn filled(html: &str, email: &str, password: &str) -> String {
    let mut form = Serializer::new(String::new());
    for field in html.split("<input type=\"hidden\" name=\"").skip(1) {
        let (name, rest) = field.split_once("\" value=\"").unwrap();
        form.append_pair(name, rest.split_once('"').unwrap().0);
    }
    form.append_pair("email", email).append_pair("password", password).finish()
}

fn absolute(base: &str, next: &str) -> String {
    if !next.starts_with('/') {
        return next.to_owned();
    }
    format!("http://{}{next}", split(base).0)
}
