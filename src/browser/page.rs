//! What a session may want of a page of the app.

use std::rc::Rc;

use super::oneshot;

/// A page of the app, on the other side of a port.
pub(crate) trait Page {
    /// Sends the browser away, to come back by the back button or not.
    fn navigate(&self, url: &str, keep_in_history: bool);

    /// Has the page open the session again, from where it is.
    fn reopen(self: Rc<Self>);

    /// Shows another path in the address bar. An app's router hears of it as if the person had
    /// gone back. What is returned tells when that is done.
    fn replace_address(&self, path: &str, announce: bool) -> oneshot::Receiver<()>;
}
