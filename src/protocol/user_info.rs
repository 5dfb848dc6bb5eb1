//! User info: what the provider tells about the person \[OIDC Core §5.3].

use super::error::{Code, Error};
use super::http::{Request, Response};
use super::id_token::IdToken;
use super::json::Value;
use super::secret::AccessToken;

/// What the provider tells about the person who is signed in.
///
/// The names are those of Wristband's own SDKs. What a scope was not granted for is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct UserInfo {
    /// The application (`app_id`).
    pub application_id: Option<String>,
    /// `birthdate`
    pub birthdate: Option<String>,
    /// Claims that are configured for the application (`custom_claims`).
    pub custom_claims: Option<Value>,
    /// The name that the person chose (`preferred_username`).
    pub display_name: Option<String>,
    /// `email`
    pub email: Option<String>,
    /// `email_verified`
    pub email_verified: Option<bool>,
    /// `family_name`
    pub family_name: Option<String>,
    /// The whole name (`name`).
    pub full_name: Option<String>,
    /// `gender`
    pub gender: Option<String>,
    /// `given_name`
    pub given_name: Option<String>,
    /// Who checked the person, such as `wristband` or `google` (`idp_name`).
    pub identity_provider_name: Option<String>,
    /// `locale`
    pub locale: Option<String>,
    /// `middle_name`
    pub middle_name: Option<String>,
    /// `nickname`
    pub nickname: Option<String>,
    /// `phone_number`
    pub phone_number: Option<String>,
    /// `phone_number_verified`
    pub phone_number_verified: Option<bool>,
    /// `picture`
    pub picture_url: Option<String>,
    /// What the person may do (`roles`).
    pub roles: Vec<Role>,
    /// The tenant (`tnt_id`).
    pub tenant_id: Option<String>,
    /// `zoneinfo`
    pub time_zone: Option<String>,
    /// When the profile last changed, in seconds since 1970 (`updated_at`).
    pub updated_at: Option<i64>,
    /// The person (`sub`).
    pub user_id: String,
    /// Everything, as it came.
    pub claims: Value,
}

/// A role of the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// The name for people.
    pub display_name: Option<String>,
    /// The id.
    pub id: Option<String>,
    /// The name for programs, such as `app:invotastic:owner`.
    pub name: String,
}

impl UserInfo {
    /// The request \[OIDC Core §5.3.1].
    pub fn request(endpoint: &str, access_token: AccessToken) -> Request {
        Request { bearer: Some(access_token), ..Request::get(endpoint) }
    }

    /// Reads the answer, which must be about the person whom the ID token names
    /// \[OIDC Core §5.3.2], in the same tenant.
    ///
    /// # Errors
    /// As the provider refused, `user_info_invalid`, or `user_info_subject`.
    pub fn parse(response: &Response, id_token: &IdToken) -> Result<Self, Error> {
        let claims = response.json().map_err(|error| match error.code() {
            Code::ProviderResponseInvalid => Error::with_detail(Code::UserInfoInvalid, "not a JSON object"),
            _ => error,
        })?;
        let subject = claims.text("sub").ok_or_else(|| Error::with_detail(Code::UserInfoInvalid, "sub"))?;
        let other_tenant = id_token.tenant_id().is_some_and(|id| claims.text("tnt_id") != Some(id));
        if subject != id_token.subject() || other_tenant {
            return Err(Code::UserInfoSubject.into());
        }
        Ok(Self::read(claims))
    }

    fn read(claims: Value) -> Self {
        let mut user = Self { user_id: claims.text("sub").unwrap_or_default().to_owned(), ..Self::default() };
        let texts = [
            ("app_id", &mut user.application_id),
            ("birthdate", &mut user.birthdate),
            ("preferred_username", &mut user.display_name),
            ("email", &mut user.email),
            ("family_name", &mut user.family_name),
            ("name", &mut user.full_name),
            ("gender", &mut user.gender),
            ("given_name", &mut user.given_name),
            ("idp_name", &mut user.identity_provider_name),
            ("locale", &mut user.locale),
            ("middle_name", &mut user.middle_name),
            ("nickname", &mut user.nickname),
            ("phone_number", &mut user.phone_number),
            ("picture", &mut user.picture_url),
            ("tnt_id", &mut user.tenant_id),
            ("zoneinfo", &mut user.time_zone),
        ];
        for (name, member) in texts {
            *member = claims.text(name).map(str::to_owned);
        }
        user.custom_claims = claims.get("custom_claims").cloned();
        user.email_verified = claims.get("email_verified").and_then(Value::as_bool);
        user.phone_number_verified = claims.get("phone_number_verified").and_then(Value::as_bool);
        user.updated_at = claims.get("updated_at").and_then(Value::as_integer);
        let roles = claims.get("roles").and_then(Value::as_array).unwrap_or_default();
        user.roles = roles.iter().filter_map(Role::parse).collect();
        user.claims = claims;
        user
    }
}

impl Role {
    /// Reads a role; `None` for one without a name, by which nothing can be decided.
    fn parse(value: &Value) -> Option<Self> {
        let text = |name| value.text(name).map(str::to_owned);
        Some(Self { display_name: text("displayName").or_else(|| text("display_name")), id: text("id"), name: text("name")? })
    }
}
