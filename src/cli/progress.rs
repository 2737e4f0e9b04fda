//! Shows runs going by: bars on a terminal, plain lines elsewhere.
//!
//! Clocks are read here, for the eye only: nothing of it reaches a result.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::learn::Progress;
use crate::plan::Run;
use crate::run::Monitor;

/// Between two plain lines.
const QUIET: Duration = Duration::from_secs(5);

/// A display of the runs of one plan.
pub struct Display {
    all: MultiProgress,
    total: ProgressBar,
    terminal: bool,
    state: Mutex<State>,
}

struct State {
    start: Instant,
    spoken: Instant,
    runs: usize,
    done: usize,
    /// Expected operations: of all runs, of those done, and the share done of those under way.
    cost: f64,
    cost_done: f64,
    current: BTreeMap<String, Current>,
}

struct Current {
    bar: Option<ProgressBar>,
    cost: f64,
    share: f64,
}

impl Display {
    /// A display for these runs, out of `total`.
    pub fn new(pending: &[&Run<'_>], total: usize) -> Self {
        let terminal = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        let all = MultiProgress::with_draw_target(if terminal {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        });
        let style = ProgressStyle::with_template("{bar:30.cyan} {pos}/{len} runs · {elapsed} · {msg}");
        let bar = ProgressBar::new(pending.len() as u64).with_style(style.expect("the template is sound"));
        let bar = all.add(bar);
        let now = Instant::now();
        let cost = pending.iter().map(|r| r.cost.max(1) as f64).sum();
        let state = State {
            start: now,
            spoken: now,
            runs: pending.len(),
            done: 0,
            cost,
            cost_done: 0.0,
            current: BTreeMap::new(),
        };
        let display = Self { all, total: bar, terminal, state: Mutex::new(state) };
        if !pending.is_empty() {
            display.say(&format!("{} of {total} runs have to run", pending.len()));
        }
        display
    }

    fn say(&self, line: &str) {
        if self.terminal {
            // A terminal that went away is no reason to stop working.
            let _ = self.all.println(line);
        } else {
            say!("{line}");
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().expect("nothing panics while it holds the display"))
    }

    /// Takes the bars away.
    pub fn finish(&self) {
        self.total.finish_and_clear();
        let (done, runs, elapsed) = self.with(|s| (s.done, s.runs, s.start.elapsed()));
        if runs > 0 {
            say!("{done} of {runs} runs done in {}", words(elapsed));
        }
    }
}

impl State {
    /// How long the rest will take, from the operations done so far.
    fn time_left(&self) -> Option<Duration> {
        let under_way: f64 = self.current.values().map(|c| c.cost * c.share).sum();
        let share = (self.cost_done + under_way) / self.cost;
        let elapsed = self.start.elapsed();
        (share > 0.01 && elapsed > Duration::from_secs(1)).then(|| elapsed.mul_f64((1.0 - share).max(0.0) / share))
    }

    fn outlook(&self) -> String {
        let rate = self.done as f64 / self.start.elapsed().as_secs_f64().max(1e-3);
        let left = self.time_left().map_or_else(String::new, |left| format!(" · about {} left", words(left)));
        format!("{rate:.1} runs/s{left}")
    }
}

impl Monitor for Display {
    fn begins(&self, run: &Run<'_>) {
        let name = format!("{}[{}]", run.experiment.id, run.name());
        let bar = self.terminal.then(|| {
            let style = ProgressStyle::with_template("  {bar:12} {msg}").expect("the template is sound");
            self.all.add(ProgressBar::new(1).with_style(style).with_message(name))
        });
        let current = Current { bar, cost: run.cost.max(1) as f64, share: 0.0 };
        self.with(|s| s.current.insert(run.key.as_str().to_owned(), current));
    }

    fn advances(&self, run: &Run<'_>, progress: Progress) {
        let outlook = self.with(|s| {
            if let Some(current) = s.current.get_mut(run.key.as_str()) {
                current.share = f64::from(progress.epoch) / f64::from(progress.epochs.max(1));
                if let Some(bar) = &current.bar {
                    bar.set_length(progress.epochs.into());
                    bar.set_position(progress.epoch.into());
                }
            }
            s.outlook()
        });
        self.total.set_message(outlook);
    }

    fn resumes(&self, run: &Run<'_>, candidates: usize, epoch: Option<u32>) {
        let tuned = (candidates > 0).then(|| format!("after {candidates} tuned candidates"));
        let at = epoch.map(|epoch| format!("in epoch {epoch}"));
        let place: Vec<String> = tuned.into_iter().chain(at).collect();
        self.say(&format!("{}[{}] resumed {}", run.experiment.id, run.name(), place.join(", ")));
    }

    fn warns(&self, run: &Run<'_>, what: &str) {
        self.say(&format!("warning: {}[{}]: {what}", run.experiment.id, run.name()));
    }

    fn ends(&self, run: &Run<'_>, has_result: bool) {
        let line = self.with(|s| {
            if let Some(current) = s.current.remove(run.key.as_str()) {
                s.cost_done += current.cost;
                if let Some(bar) = current.bar {
                    bar.finish_and_clear();
                }
            }
            s.done += usize::from(has_result);
            let due = !self.terminal && s.spoken.elapsed() >= QUIET;
            due.then(|| {
                s.spoken = Instant::now();
                format!("{}/{} runs · {}", s.done, s.runs, s.outlook())
            })
        });
        self.total.inc(u64::from(has_result));
        if let Some(line) = line {
            self.say(&line);
        }
    }
}

/// A time for people: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub fn words(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}
