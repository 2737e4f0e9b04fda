//! Counter-based random streams.
//!
//! Every random choice is a pure function of (seed, purpose, index): adding a layer never reshuffles the data, and a row
//! can be drawn without drawing those before it. The generator is Philox4x32-10 (Salmon et al. 2011, *Parallel Random
//! Numbers: As Easy as 1, 2, 3*).

use super::{Simd, elementary};

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
            let low = product as u64;
            // The bound is below n: the slow remainder is seldom needed.
            if low >= n || low >= n.wrapping_neg() % n {
                return (product >> 64) as u64;
            }
        }
    }

    /// Fills `out` with random bits, from the next whole block on; many times as fast as one by one.
    ///
    /// Thirty-two words are made of eight blocks: first the first word of each, then the second of each, ….
    pub fn fill_bits(&mut self, simd: Simd, out: &mut [u32]) {
        simd.run(
            #[inline(always)]
            || {
                for chunk in out.chunks_mut(4 * BLOCKS) {
                    let words = self.blocks();
                    chunk.iter_mut().zip(words.as_flattened()).for_each(|(out, word)| *out = *word);
                }
            },
        );
        self.used = 4;
    }

    /// Fills `out` with standard normal floats (Box–Muller, both of the pair), from the next whole block on.
    ///
    /// They have 24 random bits, and none is beyond ±5.77.
    pub fn fill_normal(&mut self, simd: Simd, out: &mut [f32]) {
        simd.run(
            #[inline(always)]
            || {
                for chunk in out.chunks_mut(4 * BLOCKS) {
                    let words = self.blocks();
                    let mut normals = [[0.0; BLOCKS]; 4];
                    for pair in 0..2 {
                        for i in 0..BLOCKS {
                            let radius = (-2.0 * elementary::ln(fraction(words[pair][i]) + UNIT)).sqrt();
                            let (sin, cos) = elementary::sin_cos_turns(fraction(words[pair + 2][i]));
                            normals[pair][i] = radius * cos;
                            normals[pair + 2][i] = radius * sin;
                        }
                    }
                    chunk.iter_mut().zip(normals.as_flattened()).for_each(|(out, normal)| *out = *normal);
                }
            },
        );
        self.used = 4;
    }

    /// The next eight blocks, word by word.
    #[inline(always)]
    fn blocks(&mut self) -> [[u32; BLOCKS]; 4] {
        let mut words = [[0; BLOCKS], [0; BLOCKS], [self.index as u32; BLOCKS], [(self.index >> 32) as u32; BLOCKS]];
        for (block, i) in (self.block..).zip(0..BLOCKS) {
            words[0][i] = block as u32;
            words[1][i] = (block >> 32) as u32;
        }
        self.block += BLOCKS as u64;
        let mut key = self.key;
        for _ in 0..10 {
            for i in 0..BLOCKS {
                let next = philox_round([words[0][i], words[1][i], words[2][i], words[3][i]], key);
                for (words, word) in words.iter_mut().zip(next) {
                    words[i] = word;
                }
            }
            key = next_key(key);
        }
        words
    }

    /// Permutes `items` (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

/// Blocks that are made at once.
const BLOCKS: usize = 8;

/// 2⁻²⁴, the distance of the floats that [`fraction`] gives.
const UNIT: f32 = 1.0 / 16_777_216.0;

/// The highest 24 bits as a float in [0, 1).
#[inline(always)]
fn fraction(bits: u32) -> f32 {
    (bits >> 8) as i32 as f32 * UNIT
}

/// Ten rounds of Philox on 4 × 32 bits.
fn philox4x32(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        counter = philox_round(counter, key);
        key = next_key(key);
    }
    counter
}

#[inline(always)]
fn philox_round(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let a = u64::from(counter[0]) * 0xD251_1F53;
    let b = u64::from(counter[2]) * 0xCD9E_8D57;
    [(b >> 32) as u32 ^ counter[1] ^ key[0], b as u32, (a >> 32) as u32 ^ counter[3] ^ key[1], a as u32]
}

#[inline(always)]
fn next_key(key: [u32; 2]) -> [u32; 2] {
    [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)]
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
    fn a_fill_has_the_words_of_its_blocks_on_every_path() {
        for simd in Simd::available() {
            let mut draws = Stream::new(3, "fill").at(5);
            let mut filled = [0; 45];
            draws.fill_bits(simd, &mut filled);
            let mut one_by_one = Stream::new(3, "fill").at(5);
            for block in 0..8 {
                for word in 0..4 {
                    assert_eq!(filled[word * 8 + block], one_by_one.bits(), "{}", simd.name());
                }
            }
            // The second group is used in part; what follows comes from the blocks after it.
            (0..32).for_each(|_| _ = one_by_one.bits());
            assert_eq!(draws.bits(), one_by_one.bits());
        }
    }

    #[test]
    fn filled_normals_are_normal_and_the_same_on_every_path() {
        let fill = |simd| {
            let mut x = vec![0.0; 100_001];
            Stream::new(1, "normal").at(0).fill_normal(simd, &mut x);
            x
        };
        let x = fill(Simd::PORTABLE);
        for simd in Simd::available() {
            assert!(fill(simd).iter().zip(&x).all(|(a, b)| a.to_bits() == b.to_bits()), "{}", simd.name());
        }
        let moment = |power: i32| x.iter().map(|&x| libm::pow(f64::from(x), f64::from(power))).sum::<f64>() / 1e5;
        let moments = [moment(1), moment(2), moment(3), moment(4)];
        for (found, expected) in moments.iter().zip([0.0, 1.0, 0.0, 3.0]) {
            assert!((found - expected).abs() < 0.06, "{moments:?}");
        }
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
