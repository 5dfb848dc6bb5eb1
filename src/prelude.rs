//! What most apps use: `use wristband_spa_auth::prelude::*;`.

pub use crate::{
    Api, Auth, Code, Config, Error, IdleLogout, Login, Logout, Reason, Request, Response, State, UserInfo, UserSession,
};
