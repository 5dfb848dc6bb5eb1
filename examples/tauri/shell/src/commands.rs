//! The commands: all that the web view can ask for. Whatever runs in the web view can call them with any argument.

use serde_json::Value;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use wristband_spa_auth::{Login, Logout};

use crate::api;
use crate::problem::Problem;
use crate::session::Session;
use crate::view::{SessionView, UserView};
use crate::window;

/// Sends the state of the session to this channel, now and after every change. A channel is for one receiver. An event would need
/// the permission to listen for all events.
#[tauri::command]
pub(crate) async fn state(session: State<'_, Session>, changes: Channel<SessionView>) -> Result<(), Problem> {
    session.follow(changes).await
}

/// Opens the login page of this tenant in the system's browser, and waits for the user. The library checks the name.
#[tauri::command]
pub(crate) async fn login(app: AppHandle, session: State<'_, Session>, tenant: Option<String>) -> Result<(), Problem> {
    let login = tenant.map_or_else(Login::new, Login::to);
    session.auth().await?.login(login).await?;
    window::focus(&app);
    Ok(())
}

/// Ends a login that waits for the user.
#[tauri::command]
pub(crate) async fn cancel_login(session: State<'_, Session>) -> Result<(), Problem> {
    session.auth().await?.cancel_login();
    Ok(())
}

/// Signs the user out, here and at the provider. Returns whether the provider's own session ends too.
#[tauri::command]
pub(crate) async fn logout(session: State<'_, Session>) -> Result<bool, Problem> {
    Ok(session.auth().await?.logout(Logout::new()).await?.ends_provider_session)
}

/// The user.
#[tauri::command]
pub(crate) async fn user_info(session: State<'_, Session>) -> Result<UserView, Problem> {
    Ok((&session.auth().await?.user_info().await?).into())
}

/// Sends a `GET` request to the app's API, with the access token. The web view chooses a path below the API, and
/// gets the JSON of the response: never a header.
#[tauri::command]
pub(crate) async fn call_api(session: State<'_, Session>, path: String) -> Result<Value, Problem> {
    api::get(&session.auth().await?, &path).await
}
