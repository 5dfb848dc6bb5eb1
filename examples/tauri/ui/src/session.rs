//! The state of the session, as the shell tells it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::shell::{self, Problem, SessionView};

/// The session. Copies are handles to the same one.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    /// `None` until the shell has said it.
    view: RwSignal<Option<SessionView>>,
    /// Why the last login or logout failed.
    problem: RwSignal<Option<Problem>>,
    /// Whether a login or a logout is under way.
    busy: RwSignal<bool>,
}

impl Session {
    /// Follows the state of the shell's session.
    pub(crate) fn follow() -> Self {
        let session = Self { view: RwSignal::new(None), problem: RwSignal::new(None), busy: RwSignal::new(false) };
        spawn_local(async move {
            if let Err(problem) = shell::follow(move |view| session.view.set(Some(view))).await {
                session.problem.set(Some(problem));
            }
        });
        session
    }

    /// `loading`, `signed-in`, `signed-out` or `failed`.
    pub(crate) fn status(self) -> String {
        self.view.with(|view| view.as_ref().map_or_else(|| "loading".to_owned(), |view| view.status.clone()))
    }

    pub(crate) fn is_signed_in(self) -> bool {
        self.status() == "signed-in"
    }

    pub(crate) fn waits_for_login(self) -> bool {
        matches!(self.status().as_str(), "signed-out" | "failed")
    }

    pub(crate) fn busy(self) -> bool {
        self.busy.get()
    }

    /// The tenant's name, or else the user's id.
    pub(crate) fn view(self) -> Option<SessionView> {
        self.view.get()
    }

    /// Why the last login, logout or renewal failed.
    pub(crate) fn problem(self) -> Option<String> {
        let of_command = self.problem.get();
        let problem = of_command.or_else(|| self.view.with(|view| view.as_ref()?.problem.clone()));
        // Nobody has to be told of what was canceled.
        problem.filter(|problem| problem.code != "aborted").map(|problem| problem.message)
    }

    /// Calls a command that changes the session. The new state comes by itself.
    pub(crate) fn change<T: DeserializeOwned>(self, command: &'static str, arguments: impl Serialize + 'static) {
        self.busy.set(true);
        self.problem.set(None);
        spawn_local(async move {
            let changed: Result<T, Problem> = shell::call(command, arguments).await;
            self.problem.set(changed.err());
            self.busy.set(false);
        });
    }
}
