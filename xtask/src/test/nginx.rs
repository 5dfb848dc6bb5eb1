//! Finds nginx, on which a test serves the demo, and fetches it if Debian's packages are available.

use std::fs;
use std::path::PathBuf;

use crate::build::empty;
use crate::run::{Result, program, run, say, succeeds};
use crate::test::browsers::{apt_get, given, on_path};
use crate::workspace::{path, scratch};

const PACKAGES: &[&str] = &["nginx", "nginx-common", "libnginx-mod-http-brotli-static"];
const MISSING: &str = "nginx is missing: install it with `apt-get install nginx`, or set NGINX_PATH to its path.";

/// nginx, or a message that says how to get it. The tests skip it if it is missing.
pub(crate) fn find_or_fetch() -> Result<PathBuf> {
    if let Some(found) = find()? {
        return Ok(found);
    }
    if let Err(problem) = fetch() {
        say(problem);
    }
    find()?.ok_or_else(|| MISSING.into())
}

fn find() -> Result<Option<PathBuf>> {
    let elsewhere = [PathBuf::from("/usr/sbin/nginx"), path("target/tools/nginx/usr/sbin/nginx")];
    let there = given("NGINX_PATH")?.or_else(|| on_path("nginx")).or_else(|| elsewhere.into_iter().find(|file| file.exists()));
    // The unpacked nginx may lack a library of the system.
    Ok(there.filter(|nginx| succeeds(program(nginx).arg("-v"))))
}

/// Unpacks Debian's packages for this repository only. Installing them would start a server.
fn fetch() -> Result<()> {
    if on_path("apt-get").is_none() || on_path("dpkg-deb").is_none() {
        return Ok(());
    }
    say("Fetching nginx with apt-get into target/tools");
    if let Some(apt) = apt_get() {
        run(apt().arg("update"))?;
    }
    let folder = scratch("nginx");
    empty(&folder)?;
    run(program("apt-get").arg("download").args(PACKAGES).current_dir(&folder))?;
    let packages = fs::read_dir(&folder).map_err(|error| format!("{} could not be read: {error}.", folder.display()))?;
    packages
        .flatten()
        .try_for_each(|package| run(program("dpkg-deb").arg("--extract").arg(package.path()).arg(path("target/tools/nginx"))))
}
