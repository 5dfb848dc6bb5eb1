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

/// The phase that measures what a proof of possession costs. Only this library has them.
const PROOFS: &str = "proofs";

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
    let Parts { others, proofs, slow } = parts(flags.last("--phases"));
    if others {
        run(&mut measure("bench.mjs", &["--only", "--phases"]))?;
    }
    if is_whole || (flags.has("--quick") && flags.last("--phases").is_none()) {
        run(&mut measure("scale/scale.mjs", &[]))?;
    }
    if proofs {
        run(&mut measure("proofs/proofs.mjs", &[]))?;
    }
    if slow {
        run(&mut measure("slow/slow.mjs", &["--only", "--rounds"]))?;
    }
    Ok(())
}

/// What is measured.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    /// A phase of `bench.mjs`.
    others: bool,
    proofs: bool,
    slow: bool,
}

/// What these phases are about. `None` measures everything.
fn parts(phases: Option<&str>) -> Parts {
    let Some(phases) = phases else { return Parts { others: true, proofs: true, slow: true } };
    let has = |name: &str| phases.split(',').any(|phase| phase == name);
    Parts { others: !phases.split(',').all(|phase| [PROOFS, SLOW].contains(&phase)), proofs: has(PROOFS), slow: has(SLOW) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_with_scripts_of_their_own_are_measured_alone_together_or_not_at_all() {
        let of = |others, proofs, slow| Parts { others, proofs, slow };
        assert_eq!(parts(None), of(true, true, true));
        assert_eq!(parts(Some("slow")), of(false, false, true));
        assert_eq!(parts(Some("proofs,slow")), of(false, true, true));
        assert_eq!(parts(Some("size,slow")), of(true, false, true));
        assert_eq!(parts(Some("size,tabs")), of(true, false, false));
    }
}
