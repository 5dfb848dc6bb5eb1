//! Measures the npm package and other libraries.

use crate::build::package;
use crate::flags::Flags;
use crate::npm;
use crate::run::{Result, node, run};
use crate::setup;
use crate::test::browsers;
use crate::workspace::path;

/// The folder for the results of a full run.
const KEPT: &str = "docs/bench";

/// The folder for the results of a partial run.
const TRIED: &str = "target/bench";

/// The phase with its own script, because it uses other hosts, links and pages.
const SLOW: &str = "slow";

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let flags = Flags::read(arguments, &["--quick"], &["--only", "--phases", "--rounds"])?;
    flags.no_words()?;
    setup::to_build()?;
    package::build(false)?;
    npm::install(npm::BENCH)?;
    npm::install("demo/provider")?;
    npm::install("tests/e2e")?;
    let browser = browsers::find_or_install()?;
    let is_whole = arguments.is_empty();
    let folder = path(if is_whole { KEPT } else { TRIED });
    let measure = |script: &str, valued: &[&str]| {
        let mut command = node();
        command.arg(script).arg("--out").arg(&folder).current_dir(path(npm::BENCH)).env("CHROMIUM", &browser.chromium);
        command.args(flags.has("--quick").then_some("--quick"));
        for flag in valued {
            command.args(flags.last(flag).map(|value| [*flag, value]).into_iter().flatten());
        }
        command
    };
    let (measures_others, measures_slow) = parts(flags.last("--phases"));
    if measures_others {
        run(&mut measure("bench.mjs", &["--only", "--phases"]))?;
    }
    if is_whole || (flags.has("--quick") && flags.last("--phases").is_none()) {
        run(&mut measure("scale/scale.mjs", &[]))?;
    }
    if measures_slow {
        run(&mut measure("slow/slow.mjs", &["--only", "--rounds"]))?;
    }
    Ok(())
}

/// Whether these phases include one of `bench.mjs`, and whether they include the slow links. `None` measures both.
fn parts(phases: Option<&str>) -> (bool, bool) {
    let Some(phases) = phases else { return (true, true) };
    let is_slow = |phase: &str| phase == SLOW;
    (!phases.split(',').all(is_slow), phases.split(',').any(is_slow))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_links_are_measured_alone_together_or_not_at_all() {
        assert_eq!(parts(None), (true, true));
        assert_eq!(parts(Some("slow")), (false, true));
        assert_eq!(parts(Some("size,slow")), (true, true));
        assert_eq!(parts(Some("size,tabs")), (true, false));
    }
}
