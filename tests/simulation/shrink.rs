//! Shrinks a run that breaks a law to its shortest form.

use super::{Broken, Chance, Setting, tell};

/// More attempts than this are not worth the wait.
const MOST_ATTEMPTS: u32 = 4_000;

struct Shrinker<'a> {
    setting: &'a Setting,
    law: &'static str,
    attempts: u32,
    script: Vec<u32>,
    marks: Vec<usize>,
}

/// The shortest run found that breaks the same law, narrated.
pub fn shrink(setting: &Setting, seed: u64) -> (Option<Broken>, Vec<String>) {
    let (broken, told, chance) = tell(setting, Chance::of_seed(seed).recorded());
    let Some(broken) = broken else { return (None, told) };
    let (script, marks) = chance.into_record();
    let mut shrinker = Shrinker { setting, law: broken.law, attempts: 0, script, marks };
    while shrinker.remove_steps() || shrinker.calm_draws() {}
    let (broken, told, _) = tell(setting, Chance::of_script(shrinker.script));
    (broken, told)
}

impl Shrinker<'_> {
    /// Keeps the script if it breaks the same law.
    fn try_script(&mut self, script: Vec<u32>) -> bool {
        self.attempts += 1;
        let (broken, _, chance) = tell(self.setting, Chance::of_script(script));
        let same = broken.is_some_and(|broken| broken.law == self.law);
        if same {
            (self.script, self.marks) = chance.into_record();
        }
        same
    }

    /// Removes whole steps, many at once and then one by one. Returns whether any was removed.
    fn remove_steps(&mut self) -> bool {
        let before = self.marks.len();
        let mut size = (before / 2).max(1);
        loop {
            let mut first = 0;
            while first < self.marks.len() && self.attempts < MOST_ATTEMPTS {
                let begin = self.marks[first];
                let end = self.marks.get(first + size).copied().unwrap_or(self.script.len());
                let script = [&self.script[..begin], &self.script[end.max(begin)..]].concat();
                if begin == end || !self.try_script(script) {
                    first += size;
                }
            }
            if size == 1 {
                return self.marks.len() < before && self.attempts < MOST_ATTEMPTS;
            }
            size /= 2;
        }
    }

    /// Replaces single choices by the harmless one. Returns whether any was replaced.
    fn calm_draws(&mut self) -> bool {
        let mut any = false;
        let mut index = 0;
        while index < self.script.len() && self.attempts < MOST_ATTEMPTS {
            if self.script[index] != 0 {
                let mut script = self.script.clone();
                script[index] = 0;
                any |= self.try_script(script);
            }
            index += 1;
        }
        any && self.attempts < MOST_ATTEMPTS
    }
}
