//! The developer's commands: `cargo xtask <command>`.

mod build;
mod demo;
mod flags;
mod npm;
mod release;
mod run;
mod setup;
mod size;
mod test;
mod workspace;

use std::process::ExitCode;

use run::say;

const HELP: &str = "\
cargo xtask <command>

  setup                       installs what the other commands need, including the browsers for the tests
  build [--dev] [pkg|demo|examples|tauri] [--config FILE] [--connect ORIGIN] [--policy-in-page]
                              builds the npm package and the demo; --config builds the demo for a deployment with
                              these settings: docs/deploy; the examples, and the one for Tauri, only if named
  demo [--port N] [--provider-port N] [--api-port N] [--no-build]
                              serves the demo together with a local identity provider
  docs                        installs mdBook, which takes minutes the first time, and writes the documentation as a
                              site into target/book
  test [filter…]              runs all checks and tests, or those whose group or name is given;
                              the groups are lint, native, native-apps, browser, provider, providers, pkg, e2e, engines,
                              packaging, frameworks
  fuzz [target…] [--minutes N]
                              runs the fuzz targets with libFuzzer, for 15 minutes in total, and prints what they covered
  mutate [word…]              removes each check of tests/mutations.json from a copy of the code, or those whose
                              name contains the word, and fails if no test notices
  size [--by-crate|--by-function]
                              builds, prints the sizes and fails if one is over its budget; with --by-crate also
                              which crates and modules the package's wasm comes from, with --by-function the largest
                              functions as well
  size --growth               builds a small app with each Rust framework, without a library to sign in, with this one
                              and with another, and prints the table of docs/sizes.md: what the app grows by
  audit [--offline]           installs cargo-deny, which takes minutes the first time, and checks the origins and
                              licences of all crates; without --offline also advisories and npm's signatures
  bench [--quick] [--only NAME,…] [--phases size,init,first,stay,tabs,slow] [--rounds N]
                              measures the npm package and other libraries in Chromium, for three quarters of an hour,
                              and writes tables and plots into docs/bench; with an option into target/bench;
                              slow: visits on slow links, in N rounds, which need a C compiler
  soak [--minutes N] [--vault shared|worker|both] [--out FOLDER] [--seed N] [--prove]
                              uses the npm package in five tabs of Chromium for 25 minutes with each vault, while the
                              provider, the API and the network fail now and then; fails if a call hangs, a
                              session is lost, a refresh token is sent twice or a stream is left open; with --prove
                              the client misbehaves instead, and the command fails if a counter misses that
  sbom                        writes the bills of materials of the crate and the npm package, as CycloneDX, into
                              target/sbom
  reproduce                   builds the npm package in two clean copies, and fails if a byte differs";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_else(|| "help".into());
    let rest: Vec<String> = arguments.collect();
    let result = match command.as_str() {
        "setup" => setup::command(&rest),
        "build" => build::command(&rest),
        "demo" => demo::command(&rest),
        "test" => return test::command(&rest),
        "docs" => build::docs::command(&rest),
        "fuzz" => test::fuzz::command(&rest),
        "mutate" => test::mutate::command(&rest),
        "size" => size::command(&rest),
        "audit" => release::audit::command(&rest),
        "sbom" => release::sbom::command(&rest),
        "reproduce" => release::reproduce::command(&rest),
        "bench" => test::bench::command(&rest),
        "soak" => test::soak::command(&rest),
        "help" | "--help" | "-h" => {
            say(HELP);
            Ok(())
        }
        other => Err(format!("There is no command \"{other}\": see `cargo xtask help`.")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
