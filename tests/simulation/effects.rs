//! How the effects of a session are performed.

use sha2::{Digest as _, Sha256};
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::id_token::Signature;
use wristband_spa_auth::protocol::json::Value;
use wristband_spa_auth::protocol::time::Timestamp;
use wristband_spa_auth::session::{Answer, CallId, Effect, Input, SessionNumber, TokenGeneration};

use super::device::Trouble;
use super::events::Happening;
use super::laws;
use super::tally::Kind;
use super::text::{self, MARK};
use super::vault::{Asked, Question, Refused, Seen};
use super::world::World;

impl World<'_> {
    pub fn perform(&mut self, vault: usize, effect: Effect, announced: &Seen) {
        self.say(|| format!("session {vault} -> {}", shortened(&format!("{effect:?}"))));
        match effect {
            Effect::AnnounceLogout(session) => {
                for other in (0..self.vaults.len()).filter(|other| *other != vault && self.is_awake(*other)).collect::<Vec<_>>() {
                    let delay = i64::from(self.chance.below(200));
                    let happening = Happening::Announces(other, session.clone(), Box::new(announced.clone()));
                    self.schedule(delay, happening);
                }
            }
            Effect::Answer { call_id, answer } => self.answered(vault, call_id, answer),
            Effect::FetchServerTime { request } => {
                let untold = self.device.offline || self.chance.one_in(self.mood.network);
                if untold {
                    self.tally.count(Kind::TimeUntold);
                }
                let time = (!untold).then(|| Timestamp::from_seconds(self.time.div_euclid(1000)));
                self.bring(vault, Input::ServerTime { request, time });
            }
            Effect::CheckSignature { request, check } => {
                let valid = super::keys::verifies(&check.keys, check.signing_input.expose(), &check.signature);
                let access_token_hash = Sha256::digest(check.access_token.expose().as_bytes()).to_vec();
                let mut verdict = Ok(if valid { Signature::Valid { access_token_hash } } else { Signature::Invalid });
                if self.mood.device > 0 && self.chance.one_in(self.mood.device * 8) {
                    self.tally.count(Kind::SignatureUncheckable);
                    verdict = Err(Code::InsecureContext.into());
                }
                self.bring(vault, Input::SignatureChecked { request, signature: verdict });
            }
            Effect::ClaimPending { request, key } => {
                let config = self.config();
                let pending = self.device.storage.claim(config, key.as_str());
                self.bring(vault, Input::PendingClaimed { request, pending });
            }
            Effect::StorePending { request, key, pending } => {
                let now = self.device.now(self.time);
                let wall = self.device.wall(self.time);
                if let Some(login) = text::login_number(key.as_str()).and_then(|login| self.logins.get_mut(login as usize)) {
                    login.stored_at = Some(wall);
                }
                // Every other login may replace one that the loop guard counts.
                if pending.to_json().get("automatic").and_then(Value::as_bool) != Some(true) {
                    self.automatic.clear();
                }
                let stored = self.device.storage.store(now, key.as_str(), pending);
                self.judge_storage();
                self.bring(vault, Input::PendingStored { request, stored });
            }
            Effect::ClearHint => self.device.storage.write_hint(None),
            Effect::WriteHint(hint) => {
                self.device.guard_is_weak |= self.device.storage.trouble != Trouble::None;
                self.device.storage.write_hint(Some(hint));
            }
            Effect::Fetch { request, what, timeout } => self.send(vault, request, what, timeout),
            Effect::MakeKey { request, key } => {
                let mut thumbprint = Ok(super::proofs::thumbprint(vault, key));
                if self.mood.device > 0 && self.chance.one_in(self.mood.device * 8) {
                    thumbprint = Err(Code::InsecureContext.into());
                }
                self.bring(vault, Input::KeyMade { request, thumbprint });
            }
            Effect::Navigate { call_id, url, .. } => self.navigate(vault, call_id, url.expose()),
            Effect::ReplaceAddress { call_id, path, .. } => self.replace_address(vault, call_id, &path),
            Effect::Reopen => {
                self.tally.count(Kind::Recovered);
                self.schedule(0, Happening::Reopens(vault));
            }
            other => self.breaks(laws::ANSWERS, || format!("no handler for {other:?}")),
        }
    }

    /// A caller receives an answer.
    fn answered(&mut self, vault: usize, call_id: CallId, answer: Result<Answer, wristband_spa_auth::Error>) {
        let record = &mut self.vaults[vault];
        let Some(index) = record.asks.iter().position(|asked| asked.call_id == call_id) else {
            return self.breaks(laws::ANSWERS, || format!("session {vault} answered {call_id:?} twice, or unasked: {answer:?}"));
        };
        let asked = record.asks.swap_remove(index);
        record.answered += 1;
        match answer {
            Err(error) => {
                self.tally.count_code(error.code());
                if error.code() == Code::StateExpired {
                    self.tally.count(Kind::CallbackExpired);
                }
                if error.code().as_str().is_empty() || error.blame().as_str().is_empty() {
                    self.breaks(laws::ANSWERS, || format!("an error without a code: {error}"));
                }
            }
            Ok(Answer::Token { access_token, generation, session, .. }) => {
                self.tally.count(Kind::TokenAnswered);
                self.judge_access_token(vault, access_token.expose());
                if let Question::Token { api, .. } = asked.what {
                    if let Some(api) = self.own_token(api)
                        && let Some(token) = &mut self.vaults[vault].own_tokens[api]
                    {
                        token.generation = Some(generation);
                    }
                    self.judge_api_of_token(api, access_token.expose());
                }
                self.judge_session_of_token(vault, &asked, session, access_token.expose());
                self.call_an_api(&asked, session, generation);
            }
            Ok(Answer::UserInfo(user_info)) => {
                self.tally.count(Kind::UserInfoAnswered);
                self.judge_user_info(vault, &user_info);
                self.judge_session_of_answer(vault, &asked);
            }
            Ok(_) if asked.what == Question::Renew => self.judge_session_of_answer(vault, &asked),
            _ => {}
        }
    }

    /// A token was requested to call an API, which may refuse it. A call is tried twice.
    fn call_an_api(&mut self, asked: &Asked, session: SessionNumber, generation: TokenGeneration) {
        let Question::Token { api, tried: false } = asked.what else { return };
        let any = self.chance.below(3) as usize;
        let api = api.or_else(|| self.refusing_api.filter(|_| !self.chance.one_in(3))).unwrap_or(any);
        let refuses = self.refusing_api == Some(api) || self.chance.one_in(8);
        if refuses {
            let delay = if self.chance.one_in(3) { self.chance.millis(30_000) } else { i64::from(self.chance.below(300)) };
            self.schedule(delay, Happening::Refuses(asked.tab, asked.page, Refused { session, generation, api }));
        }
    }

    /// The page of the caller, if it is still open.
    fn page_of(&self, asked: &Asked) -> Option<usize> {
        let tab = self.tabs.get(asked.tab)?;
        (tab.page()? == asked.page).then_some(asked.tab)
    }

    fn navigate(&mut self, vault: usize, call_id: CallId, url: &str) {
        let Some(asked) = self.vaults[vault].asked(call_id).copied() else {
            return self.breaks(laws::ANSWERS, || format!("a redirect for {call_id:?}, which was answered before"));
        };
        self.judge_navigation(vault, &asked, url);
        if asked.what != Question::Logout {
            self.tally.count(Kind::LoginLeft);
        }
        if let Some(tab) = self.page_of(&asked) {
            let delay = i64::from(self.chance.below(300));
            self.schedule(delay, Happening::Departs(tab, asked.page, url.to_owned()));
        }
    }

    fn replace_address(&mut self, vault: usize, call_id: CallId, path: &str) {
        let place = path.split(['?', '#']).next().unwrap_or_default();
        let foreign = !path.starts_with('/') || path.starts_with("//") || place.contains('\\') || place.contains("evil.example");
        if foreign || path.contains(MARK) {
            self.breaks(laws::ADDRESSES, || format!("the address bar was made to show {path}"));
        }
        let Some(asked) = self.vaults[vault].asked(call_id).copied() else {
            return self.breaks(laws::ANSWERS, || format!("an address for {call_id:?}, which was answered before"));
        };
        if let Some(tab) = self.page_of(&asked) {
            self.tabs[tab].show([super::provider::APP, path].concat());
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(260).collect()
}
