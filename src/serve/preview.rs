//! What there is to see, and word to all who look when that changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde::Serialize;

/// The latest state of a book.
#[derive(Debug, Default)]
pub(super) struct Preview {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    shown: Shown,
    runs: Runs,
    /// Counts the changes of `runs`.
    beat: u64,
    closed: bool,
}

/// What is shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// Counts what was shown; 0 as long as there is nothing.
    pub edition: u64,
    /// The files of the book, by their paths.
    pub pages: Arc<BTreeMap<String, Vec<u8>>>,
    /// What is wrong with the book, in words; the pages are then those of before.
    pub mistakes: Option<Arc<str>>,
}

/// How far the runs are.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Runs {
    /// All of them; 0 where nothing runs.
    pub total: usize,
    /// Those that ended.
    pub done: usize,
    /// Those under way, by key.
    #[serde(serialize_with = "in_order")]
    pub current: BTreeMap<String, Current>,
    /// Those that gave no result, and why.
    pub failures: Vec<String>,
}

/// A run under way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Current {
    /// Experiment, parameters and seed.
    pub name: String,
    /// Epochs done.
    pub epoch: u32,
    /// Epochs in all.
    pub epochs: u32,
    /// The training loss by epoch, where there is one.
    pub losses: Vec<f64>,
}

fn in_order<S: serde::Serializer>(current: &BTreeMap<String, Current>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(current.values())
}

/// What somebody who looks has seen so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    edition: Option<u64>,
    beat: Option<u64>,
}

/// What is new to somebody.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum News {
    /// Another edition.
    Edition(u64),
    /// The runs have gone on.
    Runs(Runs),
    /// Nothing, for a while.
    Nothing,
    /// There will be no more.
    Closed,
}

impl Preview {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the preview")
    }

    /// What is shown now.
    pub(super) fn shown(&self) -> Shown {
        self.state().shown.clone()
    }

    /// Shows pages; says whether they are others than before.
    pub(super) fn show(&self, pages: BTreeMap<String, Vec<u8>>) -> bool {
        let mut state = self.state();
        let is_new = state.shown.mistakes.is_some() || *state.shown.pages != pages;
        if is_new || state.shown.edition == 0 {
            state.shown = Shown { edition: state.shown.edition + 1, pages: Arc::new(pages), mistakes: None };
            self.changed.notify_all();
        }
        is_new
    }

    /// Shows what is wrong with the book.
    pub(super) fn show_mistakes(&self, text: String) {
        let mut state = self.state();
        if state.shown.mistakes.as_deref() != Some(&text) {
            state.shown.edition += 1;
            state.shown.mistakes = Some(text.into());
            self.changed.notify_all();
        }
    }

    /// Changes how far the runs are.
    pub(super) fn change_runs(&self, change: impl FnOnce(&mut Runs)) {
        let mut state = self.state();
        change(&mut state.runs);
        state.beat += 1;
        self.changed.notify_all();
    }

    /// Says that there will be no more news.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// Waits for something that was not seen, though no longer than `patience`.
    pub(super) fn news(&self, seen: &mut Seen, patience: Duration) -> News {
        let until = Instant::now() + patience;
        let mut state = self.state();
        loop {
            if state.closed {
                return News::Closed;
            }
            if state.shown.edition > 0 && seen.edition != Some(state.shown.edition) {
                seen.edition = Some(state.shown.edition);
                return News::Edition(state.shown.edition);
            }
            if seen.beat != Some(state.beat) {
                seen.beat = Some(state.beat);
                return News::Runs(state.runs.clone());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return News::Nothing;
            }
            state = self.changed.wait_timeout(state, left).expect("nothing panics while it holds the preview").0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(text: &str) -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([("index.html".to_owned(), text.as_bytes().to_vec())])
    }

    #[test]
    fn only_what_is_new_is_news() {
        let (preview, mut seen, now) = (Preview::default(), Seen::default(), Duration::ZERO);
        assert_eq!(preview.news(&mut seen, now), News::Runs(Runs::default()));
        assert_eq!(preview.news(&mut seen, now), News::Nothing);
        assert!(preview.show(pages("a")));
        assert_eq!(preview.news(&mut seen, now), News::Edition(1));
        assert!(!preview.show(pages("a")));
        assert_eq!(preview.news(&mut seen, now), News::Nothing);
        preview.show_mistakes("a mistake".into());
        preview.show_mistakes("a mistake".into());
        assert_eq!(preview.news(&mut seen, now), News::Edition(2));
        // The pages of before are right again.
        assert!(preview.show(pages("a")));
        assert_eq!(preview.news(&mut seen, now), News::Edition(3));
        preview.change_runs(|runs| runs.total = 3);
        assert_eq!(preview.news(&mut seen, now), News::Runs(Runs { total: 3, ..Runs::default() }));
        preview.close();
        assert_eq!(preview.news(&mut seen, now), News::Closed);
    }
}
