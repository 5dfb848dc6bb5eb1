//! User info: the provider's claims about the user \[OIDC Core §5.3].

use serde::de::DeserializeOwned;

use super::error::{Code, Error};
use super::http::{Request, Response};
use super::id_token::IdToken;
use super::json::Value;
use super::secret::AccessToken;

/// The provider's claims about the user who is signed in.
///
/// The names are those of Wristband's own SDKs. A claim whose scope was not granted is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct UserInfo {
    claims: Value,
}

/// A role of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role<'a> {
    /// The name for display.
    pub display_name: Option<&'a str>,
    /// The id.
    pub id: Option<&'a str>,
    /// The name for code, such as `app:invotastic:owner`.
    pub name: &'a str,
}

macro_rules! texts {
    ($($(#[$doc:meta])* $method:ident, $name:literal, $claim:literal;)*) => {
        /// The string claims, each after its name in the JavaScript API.
        const TEXTS: &[(&str, &str)] = &[$(($name, $claim)),*];

        impl UserInfo {$(
            $(#[$doc])*
            pub fn $method(&self) -> Option<&str> {
                self.claims.get_str($claim)
            }
        )*}
    };
}

texts! {
    /// The application (`app_id`).
    application_id, "applicationId", "app_id";
    /// The application's name (`app_name`).
    application_name, "applicationName", "app_name";
    /// `birthdate`
    birthdate, "birthdate", "birthdate";
    /// The name that the user chose (`preferred_username`).
    display_name, "displayName", "preferred_username";
    /// `email`
    email, "email", "email";
    /// `family_name`
    family_name, "familyName", "family_name";
    /// The full name (`name`).
    full_name, "fullName", "name";
    /// `gender`
    gender, "gender", "gender";
    /// `given_name`
    given_name, "givenName", "given_name";
    /// Who authenticated the user, such as `wristband` or `google` (`idp_name`).
    identity_provider_name, "identityProviderName", "idp_name";
    /// `locale`
    locale, "locale", "locale";
    /// `middle_name`
    middle_name, "middleName", "middle_name";
    /// `nickname`
    nickname, "nickname", "nickname";
    /// `phone_number`
    phone_number, "phoneNumber", "phone_number";
    /// `picture`
    picture_url, "pictureUrl", "picture";
    /// The tenant (`tnt_id`).
    tenant_id, "tenantId", "tnt_id";
    /// The tenant's name (`tnt_name`).
    tenant_name, "tenantName", "tnt_name";
    /// `zoneinfo`
    time_zone, "timeZone", "zoneinfo";
}

impl UserInfo {
    /// The request for user info \[OIDC Core §5.3.1].
    pub fn request(endpoint: &str, access_token: AccessToken) -> Request {
        Request { bearer: Some(access_token), ..Request::get(endpoint) }
    }

    /// Parses the response. It must have the subject of the ID token
    /// \[OIDC Core §5.3.2], and the same tenant.
    ///
    /// # Errors
    /// A `provider_…` code for a failed response, `user_info_invalid`, or `user_info_subject`.
    pub fn parse(response: &Response, id_token: &IdToken) -> Result<Self, Error> {
        let claims = response.json().map_err(|error| match error.code() {
            Code::ProviderResponseInvalid => Error::with_detail(Code::UserInfoInvalid, "not a JSON object"),
            _ => error,
        })?;
        let subject = claims.get_str("sub").ok_or_else(|| Error::with_detail(Code::UserInfoInvalid, "sub"))?;
        let other_tenant = id_token.tenant_id().is_some_and(|id| claims.get_str("tnt_id") != Some(id));
        if subject != id_token.subject() || other_tenant {
            return Err(Code::UserInfoSubject.into());
        }
        Ok(Self { claims })
    }

    /// Claims that were checked before.
    pub(crate) fn from_claims(claims: Value) -> Self {
        Self { claims }
    }

    /// All claims, as received.
    pub fn claims(&self) -> &Value {
        &self.claims
    }

    /// The claims that are configured for the application (`custom_claims`).
    pub fn custom_claims(&self) -> Option<&Value> {
        self.claims.get("custom_claims")
    }

    /// The claims that are configured for the application, decoded into one of the app's types. If
    /// there are none, it is decoded from an empty object.
    ///
    /// # Errors
    /// `user_info_invalid`, naming the claim that has the wrong type.
    pub fn custom_claims_as<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let none = Value::Object(Vec::new());
        let claims = self.custom_claims().unwrap_or(&none);
        T::deserialize(claims).map_err(|error| Error::with_detail(Code::UserInfoInvalid, error.within("custom_claims").to_string()))
    }

    /// All claims, decoded into one of the app's types.
    ///
    /// # Errors
    /// `user_info_invalid`, naming the claim that has the wrong type.
    pub fn claims_as<T: DeserializeOwned>(&self) -> Result<T, Error> {
        T::deserialize(&self.claims).map_err(|error| Error::with_detail(Code::UserInfoInvalid, error.to_string()))
    }

    /// `email_verified`
    pub fn email_verified(&self) -> Option<bool> {
        self.flag("email_verified")
    }

    /// Whether the user has the role with this name, such as `app:invotastic:owner`. For display
    /// only: the API decides what a user may do.
    pub fn has_role(&self, name: &str) -> bool {
        self.roles().any(|role| role.name == name)
    }

    /// `phone_number_verified`
    pub fn phone_number_verified(&self) -> Option<bool> {
        self.flag("phone_number_verified")
    }

    /// The roles of the user (`roles`).
    pub fn roles(&self) -> impl Iterator<Item = Role<'_>> {
        self.claims.get("roles").and_then(Value::as_array).unwrap_or_default().iter().filter_map(Role::parse)
    }

    /// When the profile last changed, in seconds since 1970 (`updated_at`).
    pub fn updated_at(&self) -> Option<i64> {
        self.claims.get("updated_at").and_then(Value::as_integer)
    }

    /// The id of the user (`sub`).
    pub fn user_id(&self) -> &str {
        self.claims.get_str("sub").unwrap_or_default()
    }

    /// An object with the names of the JavaScript API.
    pub fn to_json(&self) -> Value {
        let mut roles = Vec::new();
        for role in self.roles() {
            roles.push(role.to_json());
        }
        let mut user = Value::object([]);
        user.insert("claims", self.claims.clone());
        user.insert("customClaims", self.custom_claims().cloned().unwrap_or_default());
        user.insert("emailVerified", self.email_verified().into());
        user.insert("phoneNumberVerified", self.phone_number_verified().into());
        user.insert("roles", Value::Array(roles));
        user.insert("updatedAt", self.updated_at().into());
        user.insert_str("userId", Some(self.user_id()));
        for (name, claim) in TEXTS {
            user.insert_str(name, self.claims.get_str(claim));
        }
        user
    }

    fn flag(&self, claim: &str) -> Option<bool> {
        self.claims.get(claim).and_then(Value::as_bool)
    }
}

impl<'a> Role<'a> {
    /// Parses a role. `None` without a name, because the name is what code checks.
    fn parse(value: &'a Value) -> Option<Self> {
        let text = |name| value.get_str(name);
        Some(Self { display_name: text("displayName").or_else(|| text("display_name")), id: text("id"), name: text("name")? })
    }

    fn to_json(self) -> Value {
        let mut role = Value::object([]);
        role.insert_str("displayName", self.display_name);
        role.insert_str("id", self.id);
        role.insert_str("name", Some(self.name));
        role
    }
}
