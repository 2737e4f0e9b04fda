//! Counter-based random streams.
//!
//! Every random choice is a pure function of (seed, purpose, index): adding a layer never reshuffles the data, and a row
//! can be drawn without drawing those before it. The generator is Philox4x32-10 (Salmon et al. 2011, *Parallel Random
//! Numbers: As Easy as 1, 2, 3*).

/// A family of random numbers for one purpose under one seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
}

/// Numbers of one index of a [`Stream`], drawn one after the other.
#[derive(Debug, Clone)]
pub struct Draws {
    key: [u32; 2],
    index: u64,
    block: u64,
    buffer: [u32; 4],
    used: usize,
}

impl Stream {
    /// The stream of `purpose` (a short constant such as `"init"`) under `seed`.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("labbook random stream v1");
        hasher.update(&seed.to_le_bytes());
        hasher.update(purpose.as_bytes());
        let digest = hasher.finalize();
        let word = |i: usize| u32::from_le_bytes(digest.as_bytes()[4 * i..4 * i + 4].try_into().expect("four bytes"));
        Self { key: [word(0), word(1)] }
    }

    /// The draws of one index: a row, a layer, an epoch.
    pub fn at(self, index: u64) -> Draws {
        Draws { key: self.key, index, block: 0, buffer: [0; 4], used: 4 }
    }
}

impl Draws {
    /// The next 32 random bits.
    pub fn bits(&mut self) -> u32 {
        if self.used == 4 {
            let counter = [self.block as u32, (self.block >> 32) as u32, self.index as u32, (self.index >> 32) as u32];
            self.buffer = philox4x32(counter, self.key);
            self.block += 1;
            self.used = 0;
        }
        self.used += 1;
        self.buffer[self.used - 1]
    }

    /// The next 64 random bits.
    pub fn bits64(&mut self) -> u64 {
        u64::from(self.bits()) | (u64::from(self.bits()) << 32)
    }

    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.bits64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in [low, high).
    pub fn uniform_in(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Standard normal (Box–Muller, one of the pair).
    pub fn normal(&mut self) -> f64 {
        let u = 1.0 - self.uniform();
        let v = self.uniform();
        libm::sqrt(-2.0 * libm::log(u)) * libm::cos(2.0 * std::f64::consts::PI * v)
    }

    /// Uniform in 0..n without bias (Lemire 2019).
    ///
    /// # Panics
    /// If `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "below(0) has no value");
        loop {
            let product = u128::from(self.bits64()) * u128::from(n);
            if (product as u64) >= n.wrapping_neg() % n {
                return (product >> 64) as u64;
            }
        }
    }

    /// Permutes `items` (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

/// Ten rounds of Philox on 4 × 32 bits.
fn philox4x32(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let a = u64::from(counter[0]) * 0xD251_1F53;
        let b = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [(b >> 32) as u32 ^ counter[1] ^ key[0], b as u32, (a >> 32) as u32 ^ counter[3] ^ key[1], a as u32];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of the Random123 distribution (`kat_vectors`).
    #[test]
    fn philox_matches_the_published_vectors() {
        assert_eq!(philox4x32([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox4x32([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    }

    #[test]
    fn an_index_is_independent_of_the_others() {
        let stream = Stream::new(7, "test");
        let first: Vec<_> = (0..5).map(|_| stream.at(3).bits64()).collect();
        assert!(first.iter().all(|&b| b == first[0]));
        assert_ne!(stream.at(3).bits64(), stream.at(4).bits64());
        assert_ne!(stream.at(3).bits64(), Stream::new(8, "test").at(3).bits64());
    }

    #[test]
    fn normals_have_mean_zero_and_variance_one() {
        let mut draws = Stream::new(1, "normal").at(0);
        let x: Vec<f64> = (0..100_000).map(|_| draws.normal()).collect();
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        let var = x.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / x.len() as f64;
        assert!(mean.abs() < 0.02 && (var - 1.0).abs() < 0.02, "mean {mean}, variance {var}");
    }
}
