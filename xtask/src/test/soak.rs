//! Uses the npm package for a long time, with faults all around it.

use std::env;

use crate::build::package;
use crate::flags::Flags;
use crate::npm;
use crate::run::{Result, node, run};
use crate::setup;
use crate::test::browsers;
use crate::workspace::path;

/// The script copies the package before it starts, from the folder that this variable names.
const DIST: &str = "DIST";

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let flags = Flags::read(arguments, &["--prove"], &["--minutes", "--out", "--seed", "--vault"])?;
    flags.no_words()?;
    if env::var_os(DIST).is_none() {
        setup::to_build()?;
        package::build(false)?;
    }
    npm::install("demo/provider")?;
    npm::install("tests/e2e")?;
    let browser = browsers::find_or_install()?;
    run(node().arg(path("tests/soak/soak.mjs")).args(arguments).env("CHROMIUM", &browser.chromium))
}
