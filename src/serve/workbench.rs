//! A change of the book → its pages, and the runs that it lacks.
//!
//! Pages are made at once from the results that are there. What is missing runs on a thread of its own, and the pages are
//! made again as results come in. Runs that an edit still needs go on; where it needs others, they are stopped at the next
//! epoch.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::preview::{Current, Preview, Runs};
use super::watch::Watcher;
use super::{Cause, Settings};
use crate::desk::{Desk, Error, Form};
use crate::diagnostic::{Diagnostics, Style};
use crate::learn::Progress;
use crate::plan::{Rule, Run};
use crate::run::{CHECKPOINT_INTERVAL, Monitor};
use crate::store::Key;

/// An edit is over when nothing has changed for so long…
const QUIET: Duration = Duration::from_millis(30);
/// …or when it has gone on for so long.
const RESTLESS: Duration = Duration::from_millis(300);
/// Between two makings of the pages while results come in.
const PACE: Duration = Duration::from_secs(3);
/// Points of a curve that is shown of a run under way.
const MOST_LOSSES: usize = 400;

/// Makes the pages again at each cause, until all is over.
pub(super) fn work(
    settings: &Settings,
    mut watcher: Watcher,
    preview: &Arc<Preview>,
    causes: Sender<Cause>,
    caused: &Receiver<Cause>,
) {
    let mut bench =
        Workbench { settings, preview: Arc::clone(preview), causes, runner: None, given_up: BTreeSet::new() };
    loop {
        if let Some((desk, pending)) = bench.make() {
            watcher.look_around(Path::new(&desk.book.config.output));
            bench.see_to_runs(desk, pending);
        }
        if next(caused) == Cause::Stopped {
            break;
        }
    }
    bench.stop();
}

/// Waits for a cause, and for the end of the edit that it belongs to.
fn next(caused: &Receiver<Cause>) -> Cause {
    let Ok(mut last) = caused.recv() else { return Cause::Stopped };
    let since = Instant::now();
    while last != Cause::Stopped && since.elapsed() < RESTLESS {
        match caused.recv_timeout(QUIET) {
            Ok(cause) => last = cause,
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return Cause::Stopped,
        }
    }
    last
}

struct Workbench<'a> {
    settings: &'a Settings,
    preview: Arc<Preview>,
    causes: Sender<Cause>,
    runner: Option<Runner>,
    /// Runs that gave no result: they are not tried again until something that they depend on changes.
    given_up: BTreeSet<Key>,
}

/// Runs under way.
struct Runner {
    keys: BTreeSet<Key>,
    stop: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Workbench<'_> {
    /// Makes the pages, or says what is wrong with the book. Returns the book where it is sound, and the runs it lacks.
    fn make(&self) -> Option<(Desk, BTreeSet<Key>)> {
        let start = Instant::now();
        let opened = Desk::open(&self.settings.book, self.settings.profile.as_deref(), self.settings.mirrors.clone());
        let desk = match opened {
            Ok(desk) => desk,
            Err(error) => return self.refuse(&format!("error: {error}")),
        };
        if desk.diagnostics.has_errors() {
            return self.refuse(&desk.diagnostics.render(&desk.sources, Style::Plain));
        }
        let made = match make(&desk) {
            Ok(made) => made,
            Err(error) => return self.refuse(&format!("error: {error}")),
        };
        let said = made.diagnostics.render(&desk.sources, Style::Plain);
        if made.diagnostics.has_errors() {
            return self.refuse(&said);
        }
        let count = made.files.len();
        if self.preview.show(made.files) {
            (self.settings.say)(&said);
            (self.settings.say)(&format!("{count} pages and files in {:.2} s\n", start.elapsed().as_secs_f64()));
        }
        Some((desk, made.pending))
    }

    fn refuse<T>(&self, mistakes: &str) -> Option<T> {
        (self.settings.say)(mistakes.trim_end());
        (self.settings.say)("\n");
        self.preview.show_mistakes(mistakes.to_owned());
        None
    }

    /// Has those runs go on that the book needs, and no others.
    fn see_to_runs(&mut self, desk: Desk, mut wanted: BTreeSet<Key>) {
        match self.runner.take() {
            Some(runner) if runner.ended.load(Ordering::Acquire) => {
                runner.thread.join().expect("faults of runs are caught");
                if !runner.stop.load(Ordering::Relaxed) {
                    self.given_up.extend(runner.keys.intersection(&wanted).cloned());
                }
            }
            Some(runner) => {
                // What is not wanted has a result now, or nobody needs it any more.
                let is_idle = |key: &&Key| !wanted.contains(*key) && !desk.store.contains(key);
                if runner.keys.iter().any(|key| is_idle(&key)) {
                    runner.stop.store(true, Ordering::Relaxed);
                }
                self.runner = Some(runner);
                return;
            }
            None => {}
        }
        wanted.retain(|key| !self.given_up.contains(key));
        if let Some(jobs) = self.settings.jobs.filter(|_| !wanted.is_empty()) {
            self.runner = Some(self.start(desk, wanted, jobs));
        }
    }

    fn start(&self, desk: Desk, keys: BTreeSet<Key>, jobs: usize) -> Runner {
        let (stop, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let thread = {
            let (keys, stop, ended) = (keys.clone(), Arc::clone(&stop), Arc::clone(&ended));
            let (preview, causes, say) = (Arc::clone(&self.preview), self.causes.clone(), self.settings.say);
            std::thread::spawn(move || {
                run(&desk, &keys, jobs, &stop, &preview, &causes, say);
                ended.store(true, Ordering::Release);
                // Nobody there to hear it: all is over.
                let _ = causes.send(Cause::Ran);
            })
        };
        Runner { keys, stop, ended, thread }
    }

    fn stop(&mut self) {
        if let Some(runner) = self.runner.take() {
            runner.stop.store(true, Ordering::Relaxed);
            runner.thread.join().expect("faults of runs are caught");
        }
    }
}

/// What was made of a book.
struct Made {
    /// By their paths.
    files: BTreeMap<String, Vec<u8>>,
    diagnostics: Diagnostics,
    /// The keys of the runs that have no result.
    pending: BTreeSet<Key>,
}

fn make(desk: &Desk) -> Result<Made, Error> {
    let mut diagnostics = Diagnostics::default();
    let survey = desk.survey(&mut diagnostics);
    if diagnostics.has_errors() {
        return Ok(Made { files: BTreeMap::new(), diagnostics, pending: BTreeSet::new() });
    }
    let plan = desk.plan(&|_| true, &survey, Rule::Cached);
    let composed = desk.compose(&plan, &survey, Form::Pages)?;
    let files = composed.outputs.into_iter().map(|output| (output.path, output.bytes)).collect();
    let pending = plan.pending().iter().map(|run| run.key.clone()).collect();
    Ok(Made { files, diagnostics: composed.diagnostics, pending })
}

/// Runs the runs of these keys.
fn run(
    desk: &Desk,
    keys: &BTreeSet<Key>,
    jobs: usize,
    stop: &AtomicBool,
    preview: &Preview,
    causes: &Sender<Cause>,
    say: fn(&str),
) {
    let _in_use = desk.store.share();
    let survey = desk.survey(&mut Diagnostics::default());
    let plan = desk.plan(&|_| true, &survey, Rule::Cached);
    let runs: Vec<_> = plan.pending().into_iter().filter(|run| keys.contains(&run.key)).collect();
    preview.change_runs(|shown| *shown = Runs { total: runs.len(), ..Runs::default() });
    let reporter = Reporter { preview, causes, say, last: Mutex::new(Instant::now()) };
    let failures = desk.execute(&runs, jobs, CHECKPOINT_INTERVAL, stop, &reporter);
    let failures: Vec<String> =
        failures.into_iter().map(|failure| format!("{}: {}", failure.run, failure.reason)).collect();
    failures.iter().for_each(|failure| say(&format!("error: {failure}\n")));
    // Losing what was remembered loses no result.
    let _ = plan.remember(&desk.store);
    preview.change_runs(|shown| *shown = Runs { failures, ..Runs::default() });
}

/// Reports the runs to the preview.
struct Reporter<'a> {
    preview: &'a Preview,
    causes: &'a Sender<Cause>,
    say: fn(&str),
    /// When the pages were last to be made again.
    last: Mutex<Instant>,
}

impl Monitor for Reporter<'_> {
    fn begins(&self, run: &Run<'_>) {
        let name = format!("{}[{}]", run.experiment.id, run.name());
        let current = Current { name, epoch: 0, epochs: 1, losses: Vec::new() };
        self.preview.change_runs(|runs| drop(runs.current.insert(run.key.as_str().to_owned(), current)));
    }

    fn resumes(&self, _: &Run<'_>, _: usize, _: Option<u32>) {}

    fn warns(&self, run: &Run<'_>, what: &str) {
        (self.say)(&format!("warning: {}[{}]: {what}\n", run.experiment.id, run.name()));
    }

    fn advances(&self, run: &Run<'_>, progress: Progress) {
        self.preview.change_runs(|runs| {
            let Some(current) = runs.current.get_mut(run.key.as_str()) else { return };
            (current.epoch, current.epochs) = (progress.epoch, progress.epochs);
            current.losses.extend(progress.loss.filter(|loss| loss.is_finite()));
            if current.losses.len() > MOST_LOSSES {
                // Every other one is enough for the eye.
                let mut keep = false;
                current.losses.retain(|_| {
                    keep = !keep;
                    keep
                });
            }
        });
    }

    fn ends(&self, run: &Run<'_>, _: bool) {
        self.preview.change_runs(|runs| {
            runs.current.remove(run.key.as_str());
            runs.done += 1;
        });
        let mut last = self.last.lock().expect("nothing panics while it holds this");
        if last.elapsed() >= PACE {
            *last = Instant::now();
            // Nobody there to hear it: all is over.
            let _ = self.causes.send(Cause::Ran);
        }
    }
}
