//! Why an API refuses a request: the header `WWW-Authenticate` \[RFC 9110 §11.6.1, RFC 6750 §3].

use super::options::MAX_OPTION;

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
    /// The challenge with this error, of the schemes `Bearer` and `DPoP`. A header can have an error for each scheme.
    pub fn with_error(header: &str, error: &str) -> Option<Self> {
        let challenges = if header.len() > MAX { Vec::new() } else { Reader(header).challenges() };
        challenges.into_iter().find(|challenge| challenge.get("error") == Some(error))
    }

    /// Whether the server wants another proof, with a nonce of its own \[RFC 9449 §8, §9].
    pub fn wants_nonce(header: &str) -> bool {
        Self::with_error(header, "use_dpop_nonce").is_some()
    }

    /// What the API needs, if it refuses because of how or when the user authenticated. `None` too if that cannot be
    /// understood: a login that leaves a part of it out would be refused again. `access_token` is the token that was
    /// sent; an API that repeats it is not followed, because what it needs is sent in a URL.
    pub fn step_up(header: &str, access_token: &str) -> Option<StepUp> {
        let challenge = Self::with_error(header, "insufficient_user_authentication")?;
        let is_text = |words: &&str| {
            words.len() <= MAX_OPTION
                && words.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
                && !words.trim().is_empty()
        };
        let acr_values = match challenge.get("acr_values") {
            None => None,
            Some(_) if header.contains(access_token) => return None,
            Some(words) => Some(words).filter(is_text)?.to_owned().into(),
        };
        let max_age = challenge.get("max_age").map(str::parse).transpose().ok()?;
        Some(StepUp { acr_values, max_age })
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

    /// A quoted string, or what is there up to a space or a comma: values that need quotes are also seen without.
    /// `None` if the quotes are not closed.
    fn value(&mut self) -> Option<String> {
        let Some(mut rest) = self.0.strip_prefix('"') else {
            let length = self.0.bytes().take_while(|byte| !matches!(byte, b' ' | b'\t' | b',')).count();
            let (value, rest) = self.0.split_at_checked(length)?;
            self.0 = rest;
            return Some(value.to_owned());
        };
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
        Challenge::step_up(header, "the-token").map(|needed| (needed.acr_values, needed.max_age))
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
        assert!(Challenge::with_error(nonce, "use_dpop_nonce").is_some());
    }

    #[test]
    fn the_challenge_is_found_among_others() {
        for header in [
            r#"Basic realm="a, Bearer error=\"x\"", DPoP algs="ES256", error="insufficient_user_authentication""#,
            r#"Negotiate dG9rZW4==, bearer realm="x",error=insufficient_user_authentication"#,
            r#"Bearer, DPoP error = "insufficient_user_authentication""#,
            r#"Basic error="invalid_token", Bearer ERROR="insufficient_user_authentication""#,
            r#"DPoP error="invalid_token", Bearer error="insufficient_user_authentication""#,
        ] {
            assert_eq!(step_up(header), Some((None, None)), "{header}");
        }
        let both = r#"Bearer error="invalid_token", DPoP error="use_dpop_nonce", algs="ES256""#;
        assert!(Challenge::with_error(both, "use_dpop_nonce").is_some());
    }

    #[test]
    fn what_the_api_needs_is_taken_as_it_is() {
        for acr in [
            "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/windowshello",
            "http://idmanagement.gov/ns/assurance/aal/2?phishing_resistant=true",
            "possessionorinherence multifactorauthentication",
            &["urn:example:level:aa"; 40].join(" "),
        ] {
            let header = format!(r#"Bearer error="insufficient_user_authentication", acr_values="{acr}""#);
            assert_eq!(step_up(&header), Some((Some(acr.to_owned()), None)));
        }
        let unquoted = "Bearer error=insufficient_user_authentication, acr_values=urn:example:mfa, max_age=300";
        assert_eq!(step_up(unquoted), Some((Some("urn:example:mfa".into()), Some(300))));
    }

    #[test]
    fn a_need_that_cannot_be_understood_is_none() {
        for member in [
            r#"acr_values="""#,
            r#"acr_values=" ""#,
            "acr_values=\"m\u{e4}\"",
            r#"acr_values="the-token""#,
            r#"max_age="-1""#,
            "max_age=99999999999",
        ] {
            let header = format!("Bearer error=\"insufficient_user_authentication\", {member}");
            assert_eq!(step_up(&header), None, "{member}");
        }
        let long = format!(r#"Bearer error="insufficient_user_authentication", acr_values="{}""#, "a ".repeat(1001));
        assert_eq!(step_up(&long), None);
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
    }
}
