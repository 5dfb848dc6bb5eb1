//! Why an API refuses a request: the header `WWW-Authenticate` \[RFC 9110 §11.6.1, RFC 6750 §3].

use super::error::plain_words;

/// One challenge of the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    parameters: Vec<(String, String)>,
}

/// What an API needs of the user's authentication \[RFC 9470 §3].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepUp {
    /// The authentication context classes, the preferred first, separated by spaces.
    pub acr_values: Option<String>,
    /// The maximum time since the user authenticated, in seconds.
    pub max_age: Option<u32>,
}

/// The longest header that is read, in bytes.
const MAX: usize = 8 * 1024;

impl Challenge {
    /// The challenge with an error, of the schemes `Bearer` and `DPoP`.
    pub fn with_error(header: &str) -> Option<Self> {
        let challenges = if header.len() > MAX { Vec::new() } else { Reader(header).challenges() };
        challenges.into_iter().find(|challenge| challenge.get("error").is_some())
    }

    /// Whether the error is this one.
    pub fn is(&self, error: &str) -> bool {
        self.get("error") == Some(error)
    }

    /// What the API needs, if it refuses because of how or when the user authenticated.
    pub fn step_up(&self) -> Option<StepUp> {
        if !self.is("insufficient_user_authentication") {
            return None;
        }
        let acr_values = self.get("acr_values").and_then(plain_words);
        Some(StepUp { acr_values, max_age: self.get("max_age").and_then(|seconds| seconds.parse().ok()) })
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What is left of the header.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn challenges(mut self) -> Vec<Challenge> {
        let mut challenges: Vec<Challenge> = Vec::new();
        // Whether the last scheme is one of those that are read.
        let mut is_read = false;
        loop {
            self.skip(|byte| matches!(byte, b' ' | b'\t' | b','));
            let Some(word) = self.token() else { return challenges };
            self.skip(|byte| matches!(byte, b' ' | b'\t'));
            let is_parameter = self.0.starts_with('=') && !self.0.starts_with("==");
            if !is_parameter {
                is_read = word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("dpop");
                if is_read {
                    challenges.push(Challenge::default());
                }
                // What is left of a token68.
                self.skip(|byte| byte == b'=');
                continue;
            }
            self.0 = self.0.get(1..).unwrap_or_default();
            self.skip(|byte| matches!(byte, b' ' | b'\t'));
            let Some(value) = self.value() else { return challenges };
            if let Some(challenge) = challenges.last_mut().filter(|_| is_read) {
                challenge.parameters.push((word, value));
            }
        }
    }

    fn skip(&mut self, is_skipped: impl Fn(u8) -> bool) {
        let length = self.0.bytes().take_while(|byte| is_skipped(*byte)).count();
        self.0 = self.0.get(length..).unwrap_or_default();
    }

    /// A token, or a part of a token68.
    fn token(&mut self) -> Option<String> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~/".contains(byte);
        let length = self.0.bytes().take_while(is_part).count();
        let (token, rest) = self.0.split_at_checked(length).filter(|_| length > 0)?;
        self.0 = rest;
        Some(token.to_owned())
    }

    /// A token or a quoted string. `None` if the quotes are not closed.
    fn value(&mut self) -> Option<String> {
        let Some(mut rest) = self.0.strip_prefix('"') else { return Some(self.token().unwrap_or_default()) };
        let mut value = String::new();
        loop {
            let mut characters = rest.chars();
            match characters.next()? {
                '"' => break self.0 = characters.as_str(),
                '\\' => value.push(characters.next()?),
                character => value.push(character),
            }
            rest = characters.as_str();
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step_up(header: &str) -> Option<(Option<String>, Option<u32>)> {
        Challenge::with_error(header)?.step_up().map(|needed| (needed.acr_values, needed.max_age))
    }

    #[test]
    fn the_challenges_of_the_standard_are_read() {
        // RFC 9470 §3, figures 2 and 3.
        let acr = r#"Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="myACR""#;
        assert_eq!(step_up(acr), Some((Some("myACR".into()), None)));
        let age = r#"Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="5""#;
        assert_eq!(step_up(age), Some((None, Some(5))));
        // RFC 9449 §9.
        let nonce = r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#;
        assert!(Challenge::with_error(nonce).unwrap().is("use_dpop_nonce"));
    }

    #[test]
    fn the_challenge_is_found_among_others() {
        for header in [
            r#"Basic realm="a, Bearer error=\"x\"", DPoP algs="ES256", error="insufficient_user_authentication""#,
            r#"Negotiate dG9rZW4==, bearer realm="x",error=insufficient_user_authentication"#,
            r#"Bearer, DPoP error = "insufficient_user_authentication""#,
            r#"Basic error="invalid_token", Bearer ERROR="insufficient_user_authentication""#,
        ] {
            assert!(Challenge::with_error(header).is_some_and(|challenge| challenge.step_up().is_some()), "{header}");
        }
    }

    #[test]
    fn anything_else_is_no_challenge() {
        for header in [
            "",
            "Bearer",
            "Basic error=\"insufficient_user_authentication\"",
            "Bearer error=\"open",
            "=",
            ",,,",
            "Bearer error=\"\\",
        ] {
            assert_eq!(step_up(header), None, "{header}");
        }
        assert_eq!(step_up(&["Bearer error=\"insufficient_user_authentication\", x=\"", &"a".repeat(MAX), "\""].concat()), None);
        assert_eq!(step_up(r#"Bearer error="insufficient_user_authentication", max_age="-1""#), Some((None, None)));
    }
}
