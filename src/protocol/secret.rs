//! Secrets are types: they print as `[redacted]` and are overwritten when dropped.

use core::fmt;

use zeroize::Zeroize;

/// A text that must never be seen: not in `Debug`, not in a log, not after it was dropped.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself. What is done with it decides whether it stays a secret.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(Secret);

        impl $name {
            /// Takes the text over.
            pub fn new(text: String) -> Self {
                Self(Secret::new(text))
            }

            /// The text itself. What is done with it decides whether it stays a secret.
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    )*};
}

secrets! {
    /// What an API accepts \[RFC 6749 §1.4]. Opaque to this library.
    AccessToken;
    /// What the callback carries and the token endpoint takes once \[RFC 6749 §1.3.1].
    AuthorizationCode;
    /// The secret half of PKCE \[RFC 7636 §4.1].
    CodeVerifier;
    /// Binds an ID token to the login that asked for it \[OIDC Core §3.1.2.1].
    Nonce;
    /// What renews a session \[RFC 6749 §1.5]. It never leaves the session but to the provider.
    RefreshToken;
}

impl AccessToken {
    /// The value of the header `Authorization` \[RFC 6750 §2.1].
    pub fn to_bearer(&self) -> Secret {
        Secret::new(["Bearer ", self.expose()].concat())
    }
}

/// Randomness for one login, drawn by whoever drives the session: 32 bytes each for `state`,
/// `nonce` and the code verifier.
pub struct Entropy(Box<[u8; Self::LENGTH]>);

impl Entropy {
    /// How many bytes one login takes.
    pub const LENGTH: usize = 96;

    /// Takes bytes of a cryptographically secure source over.
    pub fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(Box::new(bytes))
    }

    /// The third of the bytes that belongs to one of the three uses.
    pub(crate) fn part(&self, index: usize) -> &[u8] {
        let start = index * 32;
        self.0.get(start..start + 32).unwrap_or_default()
    }
}

impl Drop for Entropy {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_1_a_secret_does_not_print_itself() {
        let printed = format!("{:?} {:?}", RefreshToken::new("hunter2".into()), Entropy::new([7; 96]));
        assert_eq!(printed, "RefreshToken([redacted]) Entropy([redacted])");
    }
}
