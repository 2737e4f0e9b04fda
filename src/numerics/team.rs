//! Threads that share one piece of work, each computing outputs of its own.

use super::Simd;

/// Who computes: one thread or several, with which instructions.
///
/// Work is divided over outputs only, so results do not depend on the number of threads.
#[derive(Debug)]
pub struct Team {
    simd: Simd,
    pool: Option<rayon::ThreadPool>,
}

/// Work over consecutive items that can be cut in two.
pub trait Share: Send + Sized {
    /// The first `items` items for the first `workers` workers, and the rest for the others.
    fn cut(self, items: usize, workers: usize) -> (Self, Self);
}

impl Team {
    /// A team of `threads` threads (at least one) that use `simd`; one thread is the caller's own.
    pub fn new(threads: usize, simd: Simd) -> Self {
        // Where the system gives no more threads, the caller's does all the work: slower, with the same bits.
        let pool = (threads > 1).then(|| rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok()).flatten();
        Self { simd, pool }
    }

    /// The instructions in use.
    pub fn simd(&self) -> Simd {
        self.simd
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.pool.as_ref().map_or(1, rayon::ThreadPool::current_num_threads)
    }

    /// Does `work` on a thread of the team: what is divided from there needs nobody to be called from outside, which takes
    /// longer than a small product.
    pub fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// Does `work` on `share`, which is of `items` items, cut into one part a thread.
    pub fn divide<S: Share>(&self, items: usize, share: S, work: impl Fn(S) + Sync) {
        match &self.pool {
            Some(pool) if items > 1 => pool.install(|| divide(items, self.threads().min(items), share, &work)),
            _ => work(share),
        }
    }
}

fn divide<S: Share>(items: usize, workers: usize, share: S, work: &(impl Fn(S) + Sync)) {
    if workers == 1 {
        return work(share);
    }
    let first_workers = workers / 2;
    let first_items = items * first_workers / workers;
    let (first, rest) = share.cut(first_items, first_workers);
    rayon::join(
        || divide(first_items, first_workers, first, work),
        || divide(items - first_items, workers - first_workers, rest, work),
    );
}
