//! The book in each of its profiles: what is wrong there, and which runs it needs.

use std::collections::BTreeSet;

use super::{Desk, Error};
use crate::cache::Needs;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::experiment::Experiment;
use crate::experiment::config::Profile;
use crate::plan::Rule;
use crate::store::Key;

impl Desk {
    /// Adds what is wrong with the book in the profiles that are not in force, and only there.
    ///
    /// # Errors
    /// If the book cannot be read again.
    pub fn check_profiles(&self, diagnostics: &mut Diagnostics) -> Result<(), Error> {
        let known = self.diagnostics.sorted();
        let others = self.book.config.profiles.keys().filter(|name| self.book.profile.as_ref() != Some(name));
        for name in others {
            let desk = self.under(Some(name))?;
            for found in desk.diagnostics.sorted().into_iter().filter(|found| !known.contains(found)) {
                let message = format!("in the profile `{name}`: {}", found.message);
                diagnostics.push(Diagnostic { message, ..found.clone() });
            }
        }
        Ok(())
    }

    /// The keys of all runs of the book, in whichever profile.
    ///
    /// # Errors
    /// If the book cannot be read again.
    pub fn keys_of_profiles(&self) -> Result<BTreeSet<Key>, Error> {
        let mut keys = BTreeSet::new();
        // What is wrong with another profile is nothing to this one.
        for (_, desk) in self.in_profiles()?.iter().filter(|(_, desk)| !desk.diagnostics.has_errors()) {
            let survey = desk.survey(&mut Diagnostics::default());
            keys.extend(desk.plan(&|_| true, &survey, Rule::Recorded).runs.into_iter().map(|run| run.key));
        }
        Ok(keys)
    }

    /// Who needs the runs of the cache. Where the data of an experiment are not here, it needs those it had last.
    ///
    /// # Errors
    /// If the book cannot be read again, or has mistakes in one of its profiles: who knows what it needs there.
    pub fn needs(&self) -> Result<Needs, Error> {
        let mut needs = Needs::default();
        for (profile, desk) in self.in_profiles()? {
            if desk.diagnostics.has_errors() {
                return Err(Error::Profile(profile.unwrap_or_default()));
            }
            let survey = desk.survey(&mut Diagnostics::default());
            for run in desk.plan(&|_| true, &survey, Rule::Recorded).runs {
                needs.book.entry(run.key).or_insert_with(|| run.experiment.id.clone());
            }
            let is_absent = |e: &&Experiment| e.points.iter().any(|p| !survey.known.contains_key(&p.work.dataset));
            for experiment in desk.book.experiments.iter().filter(is_absent) {
                let last = desk.store.last_keys(&experiment.id).into_values();
                needs.book.extend(last.map(|key| (key, experiment.id.clone())));
            }
        }
        for id in self.ledger.experiments() {
            let runs = self.ledger.experiment(id).into_iter().flat_map(|recorded| &recorded.runs);
            needs.record.extend(runs.map(|run| (run.key.clone(), id.to_owned())));
        }
        Ok(needs)
    }

    /// The book in each of its profiles, with how that is called; the one without a name is what a build takes.
    fn in_profiles(&self) -> Result<Vec<(Option<&'static str>, Self)>, Error> {
        let defined = Profile::NAMES.into_iter().filter(|name| self.book.config.profiles.contains_key(*name));
        let names: BTreeSet<_> = defined.map(Some).chain([None, Some("full")]).collect();
        let open = |name| Ok((name, self.under(name)?));
        names.into_iter().map(open).collect()
    }
}
