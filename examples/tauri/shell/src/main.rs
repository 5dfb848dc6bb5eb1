//! The process of the app. It signs the user in, keeps the tokens and calls the API. The web view only shows the results.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod api;
mod commands;
mod deep_link;
mod problem;
mod session;
mod settings;
mod view;
mod window;

use std::process::ExitCode;

use tauri::{Manager as _, RunEvent};

use session::Session;

fn main() -> ExitCode {
    let built = tauri::Builder::default()
        // The first plugin, as it has to be. A second process passes its URL to the first one, and ends.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| window::focus(app)))
        .plugin(tauri_plugin_deep_link::init())
        .setup(|app| {
            // The window can ask for the session at once, so the session is there first.
            app.manage(Session::start());
            deep_link::listen(app);
            window::open(app)?;
            Ok(())
        })
        .invoke_handler(tauri::generate_handler![
            commands::call_api,
            commands::cancel_login,
            commands::login,
            commands::logout,
            commands::state,
            commands::user_info,
        ])
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|app, event| {
                if let RunEvent::Exit = event {
                    app.state::<Session>().close();
                }
            });
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("The app cannot start: {problem}");
            ExitCode::FAILURE
        }
    }
}
