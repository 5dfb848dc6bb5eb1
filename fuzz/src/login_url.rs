//! The URL of the app's login route, to which Wristband and any other site can link.

use url::Url;
use wristband_spa_auth::session::Input;

use crate::given::{APP, wristband};
use crate::opinion::{expect_harmless, parameters, values};
use crate::options::expect_safe_departure;
use crate::page::{ASK, Page, entropy};

pub fn check(data: &[u8]) {
    let address = format!("{APP}/login?{}", String::from_utf8_lossy(data));
    let (mut page, _) = Page::open(wristband(), APP);
    let departure = page.depart(Input::LoginFromUrl { call_id: ASK, address: address.clone(), entropy: entropy() });
    if let Some(error) = &departure.error {
        expect_harmless(error);
    }
    let Some(url) = &departure.url else { return assert!(departure.error.is_some(), "the browser stays, without an error") };
    let asked = parameters(Url::parse(&address).expect("others read it too").query().unwrap_or_default());
    let text = |name| match values(&asked, name)[..] {
        [text] if !text.is_empty() => Some(text),
        [] | [_] => None,
        _ => panic!("{name} is there twice, and {url} was chosen"),
    };
    let name = text("tenant_name").or_else(|| match values(&asked, "tenant_domain")[..] {
        [text] if !text.is_empty() => Some(text),
        _ => None,
    });
    expect_safe_departure(&departure, name, text("tenant_custom_domain"));
    // An international name that cannot be decoded leads nowhere.
    if departure.pending.is_some() && departure.place().is_some() {
        for name in ["login_hint", "idp_hint"] {
            let hint = text(name).filter(|hint| !hint.contains('\u{fffd}'));
            assert!(hint.is_none() || departure.sent(name).as_deref() == hint, "another {name}");
        }
    }
}
