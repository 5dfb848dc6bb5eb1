//! Names the commands, so that each of them needs a permission. By default Tauri would allow all of them.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&["call_api", "cancel_login", "login", "logout", "state", "user_info"]);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    if let Err(problem) = tauri_build::try_build(attributes) {
        println!("cargo::error={problem:#}");
    }
}
