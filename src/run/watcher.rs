//! Watches one run: tells how far it is, stops it when asked, puts it down from time to time and takes it up again.
//!
//! A clock decides when a run is put down, never what becomes of it: see [`Watch`].

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Checkpoints, Monitor, Workshop};
use crate::learn::{Checkpoint, Progress, Watch, Wish};
use crate::nets;
use crate::plan::Run;
use crate::store::Found;

/// Time from one checkpoint of a run to the next, where nobody says otherwise.
pub const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(20);

/// Raised whenever a [`Journal`] is laid out in another way.
const LAYOUT: u32 = 1;

/// How far a run is that has been put down.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Journal {
    /// What the candidates of the tuning came to that are done, in order; `None` for one that has no score.
    scores: Vec<Option<f64>>,
    /// The epoch of the fit that was under way after them, where it can be gone on with.
    epoch: Option<u32>,
    /// Seconds spent so far: a measured value.
    seconds: f64,
}

/// Watches one run.
pub(super) struct Watcher<'a> {
    run: &'a Run<'a>,
    monitor: &'a dyn Monitor,
    stop: &'a AtomicBool,
    checkpoints: Option<Checkpoints<'a>>,
    start: Instant,
    state: Mutex<State>,
}

struct State {
    journal: Journal,
    /// The fit to go on with, until it is asked for.
    fit: Option<Checkpoint>,
    /// When the run was last put down, or began.
    written: Instant,
    /// Whether it could not be, which is told once.
    failed: bool,
}

impl<'a> Watcher<'a> {
    /// Takes up what was put down of the run.
    pub fn new(run: &'a Run<'a>, workshop: &Workshop<'a>, monitor: &'a dyn Monitor) -> Self {
        let start = Instant::now();
        let (journal, fit) = workshop.checkpoints.and_then(|of| taken_up(run, of, monitor)).unwrap_or_default();
        Self {
            run,
            monitor,
            stop: workshop.stop,
            checkpoints: workshop.checkpoints,
            start,
            state: Mutex::new(State { journal, fit, written: start, failed: false }),
        }
    }

    /// What the candidates came to that are done, in order.
    pub fn scores(&self) -> Vec<Option<f64>> {
        self.with(|state| state.journal.scores.clone())
    }

    /// Notes what the next candidate came to.
    pub fn scored(&self, score: Option<f64>) {
        self.with(|state| state.journal.scores.push(score));
        if self.is_due() {
            self.put_down(None);
        }
    }

    /// Seconds spent on the run, also before it was taken up.
    pub fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64() + self.with(|state| state.journal.seconds)
    }

    /// Forgets what was put down: the run has its result.
    pub fn finished(&self) {
        if let Some(Err(error)) = self.checkpoints.map(|of| of.store.remove_checkpoint(&self.run.key)) {
            self.monitor.warns(self.run, &error.to_string());
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().expect("nothing panics while it holds the state"))
    }

    fn is_due(&self) -> bool {
        self.checkpoints.is_some_and(|of| self.with(|state| state.written.elapsed() >= of.every))
    }

    /// A run that cannot be put down goes on all the same.
    fn put_down(&self, fit: Option<Checkpoint>) {
        let Some(Checkpoints { store, .. }) = self.checkpoints else { return };
        let seconds = self.seconds();
        let failure = self.with(|state| {
            let epoch = fit.as_ref().map(|fit| fit.epoch);
            let journal = Journal { scores: state.journal.scores.clone(), epoch, seconds };
            let fit = fit.map_or_else(Vec::new, |fit| fit.state);
            let written = store.put_checkpoint(&self.run.key, [&journal.bytes(), &fit]);
            state.written = Instant::now();
            let failure = written.err().filter(|_| !state.failed);
            state.failed |= failure.is_some();
            failure
        });
        if let Some(error) = failure {
            self.monitor.warns(self.run, &format!("it cannot be put down: {error}"));
        }
    }
}

impl Watch for Watcher<'_> {
    fn progress(&self, done: Progress) -> bool {
        self.monitor.advances(self.run, done);
        !self.stop.load(Ordering::Relaxed)
    }

    fn wish(&self) -> Wish {
        if self.stop.load(Ordering::Relaxed) {
            Wish::Stop
        } else if self.is_due() {
            Wish::Keep
        } else {
            Wish::GoOn
        }
    }

    fn keep(&self, checkpoint: Checkpoint) {
        self.put_down(Some(checkpoint));
    }

    fn resume(&self) -> Option<Checkpoint> {
        self.with(|state| state.fit.take())
    }
}

impl Journal {
    fn bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(&((LAYOUT, nets::CHECKPOINT_LAYOUT), self)).expect("numbers and bytes have a form")
    }

    /// With the fit that was under way; `None` where it is laid out in another way than this program does it.
    fn read(bytes: &[u8]) -> Option<(Self, Option<Checkpoint>)> {
        let (layouts, rest) = postcard::take_from_bytes::<(u32, u32)>(bytes).ok()?;
        if layouts != (LAYOUT, nets::CHECKPOINT_LAYOUT) {
            return None;
        }
        let (journal, rest) = postcard::take_from_bytes::<Self>(rest).ok()?;
        let fit = journal.epoch.map(|epoch| Checkpoint { epoch, state: rest.to_vec() });
        Some((journal, fit))
    }
}

/// What was put down of a run; nothing where that is damaged, which is told, or was laid out by another version.
fn taken_up(run: &Run<'_>, of: Checkpoints<'_>, monitor: &dyn Monitor) -> Option<(Journal, Option<Checkpoint>)> {
    match of.store.checkpoint(&run.key) {
        Found::Absent => None,
        Found::Damaged(reason) => {
            monitor.warns(run, &format!("what was put down of it is damaged, and it begins anew: {reason}"));
            None
        }
        Found::Sound(bytes) => {
            let (journal, fit) = Journal::read(&bytes)?;
            monitor.resumes(run, journal.scores.len(), journal.epoch);
            Some((journal, fit))
        }
    }
}
