//! What a session can ask of a page of the app.

use std::rc::Rc;

use super::oneshot;

/// A page of the app, on the other side of a port.
pub(crate) trait Page {
    /// Navigates to a URL. `keep_in_history` says whether the Back button returns to this page.
    fn navigate(&self, url: &str, keep_in_history: bool);

    /// Asks the page to open the session again, with its current URL.
    fn reopen(self: Rc<Self>);

    /// Replaces the path in the address bar. If `announce` is set, the page dispatches `popstate`, so that the
    /// app's router follows. The receiver resolves when this is done.
    fn replace_address(&self, path: &str, announce: bool) -> oneshot::Receiver<()>;
}
