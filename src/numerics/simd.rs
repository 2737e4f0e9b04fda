//! Which vector instructions run: found once, or forced by `LABBOOK_SIMD`.

use std::sync::OnceLock;

/// A set of vector instructions that this processor has.
///
/// Results do not depend on it. There is no way to make one that the processor lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Simd(Path);

/// The code paths, slowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    /// Plain Rust, the oracle of the others.
    Portable,
    #[cfg(target_arch = "aarch64")]
    Neon,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// `LABBOOK_SIMD` names a path that is unknown or that this processor lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("LABBOOK_SIMD={asked}: this processor has {}", Simd::available().iter().map(|s| s.name()).collect::<Vec<_>>().join(", "))]
pub struct Unsupported {
    asked: String,
}

impl Simd {
    /// Plain Rust, which every processor has.
    pub const PORTABLE: Self = Self(Path::Portable);

    /// The paths of this processor, slowest first.
    pub fn available() -> Vec<Self> {
        let mut paths = vec![Self::PORTABLE];
        #[cfg(target_arch = "aarch64")]
        paths.push(Self(Path::Neon));
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if avx2 {
                paths.push(Self(Path::Avx2));
            }
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            if avx2 && avx512 {
                paths.push(Self(Path::Avx512));
            }
        }
        paths
    }

    /// The path that `LABBOOK_SIMD` asks for, or the fastest.
    ///
    /// # Errors
    /// If the processor lacks what is asked for.
    pub fn choose() -> Result<Self, Unsupported> {
        let available = Self::available();
        match std::env::var("LABBOOK_SIMD") {
            Ok(asked) if !asked.is_empty() => {
                available.into_iter().find(|s| s.name() == asked).ok_or(Unsupported { asked })
            }
            _ => Ok(available.last().copied().unwrap_or(Self::PORTABLE)),
        }
    }

    /// What [`Simd::choose`] says, asked once; [`Simd::PORTABLE`] where that is an error, which the caller at the edge
    /// has reported.
    pub fn active() -> Self {
        static ACTIVE: OnceLock<Simd> = OnceLock::new();
        *ACTIVE.get_or_init(|| Self::choose().unwrap_or(Self::PORTABLE))
    }

    /// As `LABBOOK_SIMD` names it.
    pub fn name(self) -> &'static str {
        match self.0 {
            Path::Portable => "portable",
            #[cfg(target_arch = "aarch64")]
            Path::Neon => "neon",
            #[cfg(target_arch = "x86_64")]
            Path::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Path::Avx512 => "avx512",
        }
    }

    pub(super) fn path(self) -> Path {
        self.0
    }

    /// Does `work`, compiled for these instructions: a loop over slices becomes vector code, and `mul_add` one
    /// instruction. Write `#[inline(always)]` before the closure: code that is called is not compiled for these
    /// instructions, it only has the same bits. The compiler never reorders or contracts floating-point operations, so the bits stay.
    #[inline]
    pub fn run<R>(self, work: impl FnOnce() -> R) -> R {
        match self.0 {
            Path::Portable => work(),
            // aarch64 always has these instructions.
            #[cfg(target_arch = "aarch64")]
            Path::Neon => work(),
            // SAFETY: a `Simd` of this path exists only where the processor has these features.
            #[cfg(target_arch = "x86_64")]
            Path::Avx2 => unsafe { run_avx2(work) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Path::Avx512 => unsafe { run_avx512(work) },
        }
    }
}

/// Asks for `x`, which will be read soon and may lie far from what was read last; where a processor knows no such wish,
/// nothing happens.
#[inline]
pub fn prefetch<T>(x: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..size_of_val(x)).step_by(64) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every processor of this kind has the instruction, and it reads nothing that the program can see.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(x.as_ptr().cast::<i8>().wrapping_add(line)) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = x;
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
fn run_avx512<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_processor_lacks_is_an_error_with_its_choices() {
        let error = Unsupported { asked: "sse9".into() };
        assert!(error.to_string().starts_with("LABBOOK_SIMD=sse9: this processor has portable"), "{error}");
    }
}
