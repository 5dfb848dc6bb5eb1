//! Finds the other browser engines for the tests, and installs them if that needs no password.

use std::path::{Path, PathBuf};

use crate::run::Result;
use crate::test::browsers::{given, install, on_path};

/// A browser engine other than Chromium. The tests skip those that are missing.
struct Engine {
    /// The name that the tests use.
    name: &'static str,
    title: &'static str,
    programs: &'static [Program],
    packages: &'static [&'static str],
}

/// A program that the tests start, and the variable that passes its path to them.
struct Program {
    variable: &'static str,
    names: &'static [&'static str],
    elsewhere: &'static [&'static str],
}

const ENGINES: &[Engine] = &[
    Engine {
        name: "firefox",
        title: "Firefox",
        programs: &[Program {
            variable: "FIREFOX",
            names: &["firefox-esr", "firefox"],
            elsewhere: &["/Applications/Firefox.app/Contents/MacOS/firefox", r"C:\Program Files\Mozilla Firefox\firefox.exe"],
        }],
        packages: &["firefox-esr"],
    },
    Engine {
        name: WEBKIT,
        title: "WebKit",
        programs: &[
            Program { variable: "WEBKIT_DRIVER", names: &["WebKitWebDriver"], elsewhere: &[] },
            Program { variable: "XVFB", names: &["Xvfb"], elsewhere: &[] },
        ],
        packages: &["webkit2gtk-driver", "xvfb"],
    },
];

/// The engine of web views on Linux.
pub(crate) const WEBKIT: &str = "webkit";

/// An installed engine.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// The paths of its programs, by the variables that pass them to the tests.
    pub(crate) programs: Vec<(&'static str, PathBuf)>,
}

/// The installed engines, and a message for each missing one.
#[derive(Debug, Default)]
pub(crate) struct Engines {
    pub(crate) found: Vec<Found>,
    pub(crate) missing: Vec<String>,
}

/// The engines that `is_needed` selects by name, installed first if they are missing and this can be done without asking for a password.
pub(crate) fn find_or_install(is_needed: impl Fn(&str) -> bool) -> Engines {
    let mut engines = Engines::default();
    for engine in ENGINES.iter().filter(|engine| is_needed(engine.name)) {
        match engine.find_or_install() {
            Ok(found) => engines.found.push(found),
            Err(sentence) => engines.missing.push(sentence),
        }
    }
    engines
}

impl Engine {
    fn find_or_install(&self) -> Result<Found> {
        // A path that the user gave is the user's to fix.
        if self.find()?.is_none() {
            install(self.title, self.packages);
        }
        self.find()?.ok_or_else(|| self.how())
    }

    /// The engine, if all of its programs are installed.
    fn find(&self) -> Result<Option<Found>> {
        let mut programs = Vec::new();
        for program in self.programs {
            let Some(path) = program.find()? else { return Ok(None) };
            programs.push((program.variable, path));
        }
        Ok(Some(Found { name: self.name, title: self.title, programs }))
    }

    fn how(&self) -> String {
        let variables: Vec<&str> = self.programs.iter().map(|program| program.variable).collect();
        let (packages, variables) = (self.packages.join(" "), variables.join(" and "));
        let title = self.title;
        format!("{title} is missing: install it with `apt-get install {packages}`, or set {variables} to its path.")
    }
}

impl Program {
    fn find(&self) -> Result<Option<PathBuf>> {
        let named = given(self.variable)?.or_else(|| self.names.iter().find_map(|name| on_path(name)));
        Ok(named.or_else(|| self.elsewhere.iter().map(Path::new).find(|path| path.exists()).map(Path::to_path_buf)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_what_is_missing_and_what_to_do() {
        let sentences: Vec<String> = ENGINES.iter().map(Engine::how).collect();
        assert_eq!(
            sentences,
            [
                "Firefox is missing: install it with `apt-get install firefox-esr`, or set FIREFOX to its path.",
                "WebKit is missing: install it with `apt-get install webkit2gtk-driver xvfb`, \
                 or set WEBKIT_DRIVER and XVFB to its path.",
            ]
        );
    }

    #[test]
    fn an_engine_that_lacks_one_of_its_programs_is_missing() {
        let program = Program { variable: "NO_SUCH_VARIABLE", names: &["no-such-program"], elsewhere: &["/no/such/file"] };
        assert!(program.find().unwrap().is_none());
    }
}
