//! Reads a command's arguments.

use crate::run::Result;

/// The arguments of one command.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    pub(crate) words: Vec<String>,
    switches: Vec<String>,
    values: Vec<(String, String)>,
}

impl Flags {
    /// Reads arguments: `switches` have no value, `valued` are followed by one.
    pub(crate) fn read(arguments: &[String], switches: &[&str], valued: &[&str]) -> Result<Self> {
        let mut flags = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value)),
                _ => (argument.as_str(), None),
            };
            if valued.contains(&name) {
                let value = inline.or_else(|| arguments.next().map(String::as_str));
                let value = value.ok_or_else(|| format!("{name} needs a value."))?;
                flags.values.push((name.into(), value.into()));
            } else if switches.contains(&argument.as_str()) {
                flags.switches.push(argument.clone());
            } else if argument.starts_with('-') {
                return Err(format!("There is no option \"{argument}\": see `cargo xtask help`."));
            } else {
                flags.words.push(argument.clone());
            }
        }
        Ok(flags)
    }

    pub(crate) fn has(&self, switch: &str) -> bool {
        self.switches.iter().any(|given| given == switch)
    }

    /// All values of a flag that can be given several times.
    pub(crate) fn all(&self, flag: &str) -> Vec<&str> {
        self.values.iter().filter(|(name, _)| name == flag).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a flag, if it was given.
    pub(crate) fn last(&self, flag: &str) -> Option<&str> {
        self.all(flag).last().copied()
    }

    /// The number of a flag, such as a port, or the default.
    pub(crate) fn number(&self, flag: &str, default: u16) -> Result<u16> {
        let Some(text) = self.last(flag) else { return Ok(default) };
        match text.parse() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(format!("{flag} must be a number from 1 to 65535.")),
        }
    }

    /// For commands that take flags only.
    pub(crate) fn no_words(&self) -> Result<()> {
        match self.words.first() {
            Some(word) => Err(format!("\"{word}\" is not an argument of this command: see `cargo xtask help`.")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Flags> {
        let arguments: Vec<String> = text.split_whitespace().map(String::from).collect();
        Flags::read(&arguments, &["--dev"], &["--port"])
    }

    #[test]
    fn words_switches_and_values_are_distinguished() {
        let flags = read("demo --dev --port 80").unwrap();
        assert_eq!(flags.words, ["demo"]);
        assert!(flags.has("--dev"));
        assert_eq!(flags.number("--port", 1), Ok(80));
        assert_eq!(read("--port=81").unwrap().number("--port", 1), Ok(81));
        assert_eq!(read("").unwrap().number("--port", 1), Ok(1));
        let twice = read("--port 1 --port 2").unwrap();
        assert_eq!((twice.all("--port"), twice.last("--port")), (vec!["1", "2"], Some("2")));
        assert_eq!(read("").unwrap().last("--port"), None);
    }

    #[test]
    fn unknown_arguments_are_named() {
        assert!(read("--nope").unwrap_err().contains("--nope"));
        assert!(read("--port").unwrap_err().contains("--port"));
        for text in ["0", "65536", "x", "-1"] {
            assert!(read(&format!("--port={text}")).unwrap().number("--port", 1).is_err(), "{text}");
        }
    }
}
