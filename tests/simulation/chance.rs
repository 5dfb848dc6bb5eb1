//! The source of every decision in a run: a seed, or the decisions of an earlier run.

/// A random generator whose draws can be recorded, cut and replayed. Zero is always the harmless
/// choice, so that a removed draw does no harm.
#[derive(Debug)]
pub struct Chance {
    state: u64,
    script: Option<Vec<u32>>,
    at: usize,
    record: Option<Vec<u32>>,
    /// Where each step starts in the record.
    marks: Vec<usize>,
    calm: bool,
}

impl Chance {
    pub fn of_seed(seed: u64) -> Self {
        Self { state: seed, script: None, at: 0, record: None, marks: Vec::new(), calm: false }
    }

    /// Records the draws, for shrinking.
    pub fn recorded(self) -> Self {
        Self { record: Some(Vec::new()), ..self }
    }

    pub fn of_script(script: Vec<u32>) -> Self {
        Self { script: Some(script), ..Self::of_seed(0) }.recorded()
    }

    /// A number from zero to `n - 1`.
    pub fn below(&mut self, n: u32) -> u32 {
        if self.calm || n < 2 {
            return 0;
        }
        let drawn = match &self.script {
            Some(script) => script.get(self.at).copied().unwrap_or(0) % n,
            None => self.next(n),
        };
        self.at += 1;
        if let Some(record) = &mut self.record {
            record.push(drawn);
        }
        drawn
    }

    /// Whether the unlikely event happens. Never, if `n` is zero.
    pub fn one_in(&mut self, n: u32) -> bool {
        n > 0 && self.below(n) == n - 1 && !self.calm
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(u32::try_from(items.len()).unwrap()) as usize]
    }

    /// The index of one of the weights. The first is the harmless choice.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|weight| {
                if left < *weight {
                    true
                } else {
                    left -= weight;
                    false
                }
            })
            .unwrap_or(0)
    }

    /// A duration that is sometimes short and sometimes long, in milliseconds.
    pub fn millis(&mut self, most: u32) -> i64 {
        let scale = self.below(4) * 5;
        i64::from(self.below((most >> (15 - scale)).max(1)))
    }

    /// The next step starts.
    pub fn mark(&mut self) {
        if let Some(record) = &self.record {
            self.marks.push(record.len());
        }
    }

    /// From now on every choice is the harmless one.
    pub fn calm_down(&mut self) {
        self.calm = true;
    }

    /// Whether a script has been replayed to its end.
    pub fn is_over(&self) -> bool {
        self.script.as_ref().is_some_and(|script| self.at >= script.len())
    }

    /// The draws, and where each step starts in them.
    pub fn into_record(self) -> (Vec<u32>, Vec<usize>) {
        (self.record.unwrap_or_default(), self.marks)
    }

    /// The splitmix64 generator, reduced to the range by a multiplication.
    fn next(&mut self, n: u32) -> u32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        u32::try_from(((z >> 32) * u64::from(n)) >> 32).unwrap_or(0)
    }
}
