//! Measures the npm package beside other libraries.

use crate::browsers;
use crate::flags::Flags;
use crate::npm;
use crate::package;
use crate::run::{Result, node, run};
use crate::setup;
use crate::workspace::path;

/// Where the figures and plots of a whole run are kept.
const KEPT: &str = "docs/bench";

/// Where those of a part of it go.
const TRIED: &str = "target/bench";

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let flags = Flags::read(arguments, &["--quick"], &["--only", "--phases"])?;
    flags.no_words()?;
    setup::to_build()?;
    package::build(false)?;
    npm::install(npm::BENCH)?;
    npm::install("demo/provider")?;
    npm::install("tests/e2e")?;
    let browser = browsers::find_or_install()?;
    let is_whole = arguments.is_empty();
    let folder = path(if is_whole { KEPT } else { TRIED });
    let measure = |script: &str| {
        let mut command = node();
        command.arg(script).arg("--out").arg(&folder).current_dir(path(npm::BENCH)).env("CHROMIUM", &browser.chromium);
        command
    };
    run(measure("bench.mjs").args(arguments))?;
    if is_whole || flags.has("--quick") {
        run(measure("scale/scale.mjs").args(arguments.iter().filter(|argument| *argument == "--quick")))?;
    }
    Ok(())
}
