//! The user info response.

use serde_json::Value as Json;
use wristband_spa_auth::protocol::user_info::UserInfo;

use crate::claims::previous;
use crate::given;
use crate::opinion::{expect_harmless, object};

pub fn check(data: &[u8]) {
    let response = given::response(data);
    let id_token = previous();
    let user = match UserInfo::parse(&response, &id_token) {
        Ok(user) => user,
        Err(error) => return expect_harmless(&error),
    };
    assert!((200..300).contains(&response.status));
    let body = object(&response);
    assert_eq!((body["sub"].as_str(), body["tnt_id"].as_str()), (Some("person"), Some("tenant")), "another user or tenant");
    assert_eq!((user.user_id(), user.tenant_id()), ("person", Some("tenant")));
    assert_eq!(user.email(), body["email"].as_str());
    assert_eq!(user.email_verified(), body["email_verified"].as_bool());
    let roles: Vec<&str> = user.roles().map(|role| role.name).collect();
    let named: Vec<&str> = body["roles"].as_array().into_iter().flatten().filter_map(|role| role["name"].as_str()).collect();
    assert_eq!(roles, named);
    let shown: Json = serde_json::from_str(&user.to_json().to_text()).expect("what is written is JSON");
    assert_eq!((shown["userId"].as_str(), shown["fullName"].as_str()), (Some("person"), body["name"].as_str()));
    assert_eq!(shown["roles"].as_array().map(Vec::len), Some(named.len()));
}
