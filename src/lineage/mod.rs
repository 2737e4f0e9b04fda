//! Where a figure, a table, a claim or a number comes from.
//!
//! 1. [`subject`] says what a name or an expression means, and which runs it rests on.
//! 2. [`trace`] follows it back through those runs: directive, parameters, seeds, data, versions, keys, and the command
//!    that redoes only this.
//! 3. [`text`] writes that down for a terminal; the pages' form is the exhibit room's business.
//!
//! A lineage holds no time and nothing of the machine: it is the same wherever the book is built.

mod finding;
pub mod subject;
pub mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

use crate::analysis::{Judgement, estimate_of};
use crate::audit;
use crate::diagnostic::{Sources, Span, line_column};
use crate::experiment::{Book, expression};
use crate::ledger::{Ledger, Wording};
use crate::markdown::Directive;
use crate::plan::{self, Plan, Run};
use crate::run::Results;
use crate::store::Ending;
use crate::survey::Survey;
pub use finding::{Compared, Finding};
pub use subject::{Kind, Subject};

/// What lineages are read from.
#[derive(Debug)]
pub struct Evidence<'a> {
    book: &'a Book,
    sources: &'a Sources,
    results: &'a Results,
    survey: &'a Survey,
    ledger: &'a Ledger,
    /// What came of the book's claims, in its order.
    judgements: &'a [Judgement],
    /// The runs, by experiment.
    runs: BTreeMap<&'a str, Vec<&'a Run<'a>>>,
    /// What declares an id.
    directives: BTreeMap<&'a str, &'a Directive>,
    /// Where each number is printed, by its expression.
    numbers: BTreeMap<&'a str, Vec<Span>>,
}

/// All that stands behind one thing a reader sees.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lineage {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub id: String,
    /// As the author wrote it.
    pub declaration: Declaration,
    /// Where else it stands: every place of a number that is printed more than once.
    pub also_at: Vec<String>,
    /// What a number comes to, as printed.
    pub value: Option<String>,
    /// What a claim said when its results were first recorded, where it was changed after that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub former: Option<Wording>,
    /// Whether a claim was added when the results that decide it had been recorded already.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// What came of a claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// The declarations it rests on: experiments, their datasets and models, in this order.
    pub rests_on: Vec<Declaration>,
    /// The axes of the runs and the values they take there, in the order of the book.
    pub parameters: Vec<Setting>,
    /// Everything else the runs were given, defaults included, by dotted name.
    pub settings: Vec<Setting>,
    /// Seeds of the runs.
    pub seeds: Vec<u64>,
    /// The data, by name.
    pub datasets: Vec<Data>,
    /// Version of each algorithm used, by its name.
    pub versions: BTreeMap<String, u64>,
    /// The runs, in the order of the plan.
    pub runs: Vec<RunOrigin>,
    /// The command that redoes only this.
    pub command: String,
}

/// A directive or an expression as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Declaration {
    /// Its name.
    pub id: String,
    /// `chapters/01-scale.md:42`; empty where nothing of the book declares it.
    pub place: String,
    /// The text, fences included.
    pub text: String,
}

/// A parameter and the values it takes over the runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// As they are printed, each once.
    pub values: Vec<String>,
}

/// A dataset behind the runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Data {
    /// Its name; a variant carries what distinguishes it: `digits[difficulty=0.9]`.
    pub id: String,
    /// Why it is not here, where it is not; all that follows is then empty.
    pub absent: Option<String>,
    /// Where the rows come from.
    pub origin: String,
    /// Under which licence.
    pub licence: String,
    /// BLAKE3 of its bytes, in hexadecimal.
    pub digest: String,
    /// Rows for training and for the test.
    pub rows: [usize; 2],
    /// Columns a model sees.
    pub columns: usize,
}

/// One run behind it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunOrigin {
    /// Its experiment.
    pub experiment: String,
    /// Its grid point.
    pub params: serde_json::Map<String, Json>,
    /// Its seed.
    pub seed: u64,
    /// Both for people: `model=svm, m=1000, seed=3`.
    pub name: String,
    /// Digest of everything its result depends on.
    pub key: String,
    /// How it ended; `None` where it has no result yet.
    pub ending: Option<String>,
    /// What was chosen on validation rows.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub chosen: BTreeMap<String, Json>,
}

impl<'a> Evidence<'a> {
    /// Sorts what is known so that a lineage is quickly traced.
    pub fn new(
        book: &'a Book,
        sources: &'a Sources,
        plan: &'a Plan<'a>,
        results: &'a Results,
        survey: &'a Survey,
        ledger: &'a Ledger,
        judgements: &'a [Judgement],
    ) -> Self {
        let mut evidence = Self {
            book,
            sources,
            results,
            survey,
            ledger,
            judgements,
            runs: BTreeMap::new(),
            directives: BTreeMap::new(),
            numbers: BTreeMap::new(),
        };
        for run in &plan.runs {
            evidence.runs.entry(&run.experiment.id).or_default().push(run);
        }
        for directive in book.chapters.iter().flat_map(|chapter| &chapter.directives) {
            let id = directive.id.as_ref().filter(|_| directive.kind.value != "show");
            id.map(|id| evidence.directives.entry(&id.value).or_insert(directive));
        }
        for (span, text) in subject::numbers(book) {
            evidence.numbers.entry(text).or_default().push(span);
        }
        evidence
    }

    /// The runs a subject rests on, in the order of the plan.
    fn runs(&self, subject: &Subject) -> Vec<&'a Run<'a>> {
        let mut seen = BTreeSet::new();
        let experiments = subject.slices.iter().map(|s| s.experiment.as_str()).filter(|id| seen.insert(*id));
        let runs = experiments.flat_map(|id| self.runs.get(id).into_iter().flatten());
        runs.copied().filter(|run| subject.rests_on(run)).collect()
    }

    fn written(&self, id: &str, directive: &Directive) -> Declaration {
        let span = directive.span;
        let text = self.sources.get(span.file).text.get(span.start..span.end).unwrap_or_default();
        Declaration { id: id.to_owned(), place: self.place(span), text: text.trim_end().to_owned() }
    }

    /// `chapters/01-scale.md:42`
    fn place(&self, span: Span) -> String {
        format!("{}:{}", self.sources.get(span.file).path, line_column(self.sources, span).line)
    }
}

/// Follows a subject back to where it comes from.
pub fn trace(subject: &Subject, evidence: &Evidence<'_>) -> Lineage {
    let runs = evidence.runs(subject);
    let seeds: BTreeSet<u64> = runs.iter().map(|run| run.seed).collect();
    let (declaration, also_at) = declared(subject, evidence);
    Lineage {
        kind: subject.kind,
        id: subject.id.clone(),
        declaration,
        also_at,
        value: value(subject, evidence.results),
        former: former(subject, evidence),
        late: evidence.book.claims.named(&subject.id).is_some_and(|claim| audit::is_late(claim, evidence.ledger)),
        finding: finding(subject, evidence),
        rests_on: rests_on(subject, &runs, evidence),
        parameters: parameters(&runs),
        settings: settings(&runs),
        seeds: seeds.into_iter().collect(),
        datasets: datasets(subject, evidence),
        versions: versions(&runs),
        runs: runs.iter().map(|run| origin(run, evidence)).collect(),
        command: command(subject, evidence.book),
    }
}

/// What a number comes to.
fn value(subject: &Subject, results: &Results) -> Option<String> {
    let expr = expression::parse(subject.expression.as_deref()?).ok().filter(|_| subject.kind == Kind::Number)?;
    Some(estimate_of(&expr, results).print(expr.unit()))
}

/// What a claim said before it was changed.
fn former(subject: &Subject, evidence: &Evidence<'_>) -> Option<Wording> {
    let claim = evidence.book.claims.named(&subject.id)?;
    audit::changed(claim, evidence.ledger).cloned()
}

/// What came of a claim.
fn finding(subject: &Subject, evidence: &Evidence<'_>) -> Option<Finding> {
    let place = evidence.book.claims.place(&subject.id)?;
    Some(Finding::of(&evidence.judgements[place], evidence.book.claims[place].test))
}

/// The subject as written, and the other places where it is written the same.
fn declared(subject: &Subject, evidence: &Evidence<'_>) -> (Declaration, Vec<String>) {
    let mut declaration = Declaration { id: subject.id.clone(), place: String::new(), text: String::new() };
    if let Some(directive) = evidence.directives.get(subject.id.as_str()) {
        return (evidence.written(&subject.id, directive), Vec::new());
    }
    let Some(text) = &subject.expression else { return (declaration, Vec::new()) };
    let spans = evidence.numbers.get(text.as_str()).into_iter().flatten();
    let mut places = spans.map(|span| evidence.place(*span));
    declaration.place = places.next().unwrap_or_default();
    declaration.text.clone_from(text);
    (declaration, places.collect())
}

/// The experiments behind it, then their datasets and models, as far as the book declares them.
fn rests_on(subject: &Subject, runs: &[&Run<'_>], evidence: &Evidence<'_>) -> Vec<Declaration> {
    let mut ids: Vec<&str> = subject.slices.iter().map(|slice| slice.experiment.as_str()).collect();
    ids.extend(datasets_of(subject, evidence.book).into_iter().map(declared_id));
    let model = |run: &Run<'_>| {
        let named = evidence.book.experiment(&run.experiment.id)?;
        named.axes.iter().position(|axis| axis.name == "model").map(|axis| run.point().at[axis].to_string())
    };
    let models: BTreeSet<String> = runs.iter().filter_map(|run| model(run)).collect();
    ids.extend(models.iter().map(String::as_str));
    let mut seen = BTreeSet::from([subject.id.as_str()]);
    ids.retain(|id| seen.insert(id));
    let declared = ids.into_iter().filter_map(|id| Some((id, evidence.directives.get(id)?)));
    declared.map(|(id, directive)| evidence.written(id, directive)).collect()
}

/// A variant `digits[difficulty=0.9]` is declared where `digits` is.
fn declared_id(dataset: &str) -> &str {
    dataset.split('[').next().unwrap_or(dataset)
}

/// The datasets of the runs, also of those that could not be planned because their data are not here.
fn datasets_of<'b>(subject: &'b Subject, book: &'b Book) -> Vec<&'b str> {
    let mut ids: Vec<&str> = subject.dataset.iter().map(String::as_str).collect();
    for slice in &subject.slices {
        let points = book.experiment(&slice.experiment).into_iter().flat_map(|e| e.points.iter().map(move |p| (e, p)));
        let kept = points.filter(|(experiment, point)| slice.holds(experiment, point, None));
        ids.extend(kept.map(|(_, point)| point.work.dataset.as_str()));
    }
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    ids
}

fn datasets(subject: &Subject, evidence: &Evidence<'_>) -> Vec<Data> {
    let data = |id: &str| {
        let survey = evidence.survey;
        let empty = Data {
            id: id.to_owned(),
            absent: None,
            origin: String::new(),
            licence: String::new(),
            digest: String::new(),
            rows: [0; 2],
            columns: 0,
        };
        match survey.known.get(id) {
            Some(known) => Data {
                origin: known.facts.origin.clone(),
                licence: known.facts.licence.clone(),
                digest: known.digest.clone(),
                rows: [known.facts.train_rows, known.facts.test_rows],
                columns: known.facts.columns,
                ..empty
            },
            None => {
                let why = survey.absent.get(id).cloned().unwrap_or_else(|| "it is used by no run".to_owned());
                Data { absent: Some(why), ..empty }
            }
        }
    };
    datasets_of(subject, evidence.book).into_iter().map(data).collect()
}

fn parameters(runs: &[&Run<'_>]) -> Vec<Setting> {
    gather(runs.iter().flat_map(|run| run.params()).map(|(name, value)| (name.to_owned(), value.to_string())))
}

/// What the runs were given beside data, seed and versions, which are told apart.
fn settings(runs: &[&Run<'_>]) -> Vec<Setting> {
    let told = |name: &str| ["data", "seed", "version"].contains(&name.split('.').next().unwrap_or(name));
    let mut seen = BTreeSet::new();
    let points = runs.iter().filter(|run| seen.insert((&run.experiment.id, run.point)));
    let fields = points.flat_map(|run| plan::fields(&run.inputs.whole()));
    let mut settings = gather(fields.filter(|(name, _)| !told(name)));
    settings.sort_by(|a, b| a.name.cmp(&b.name));
    settings
}

/// Names and values → each name once, with its values, each once, in the order in which they come.
fn gather(pairs: impl Iterator<Item = (String, String)>) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    let mut places: BTreeMap<String, (usize, BTreeSet<String>)> = BTreeMap::new();
    for (name, value) in pairs {
        let (index, values) = places.entry(name).or_insert_with_key(|name| {
            settings.push(Setting { name: name.clone(), values: Vec::new() });
            (settings.len() - 1, BTreeSet::new())
        });
        if values.insert(value.clone()) {
            settings[*index].values.push(value);
        }
    }
    settings
}

/// The version of the runs' own procedure, and of each kind of model.
fn versions(runs: &[&Run<'_>]) -> BTreeMap<String, u64> {
    let mut versions = BTreeMap::new();
    for run in runs {
        let fields = run.inputs["version"].as_object().into_iter().flatten();
        for (what, version) in fields {
            let kind = run.inputs["model"]["kind"].as_str().unwrap_or("model");
            let name = if what == "model" { kind } else { what };
            versions.extend(version.as_u64().map(|version| (name.to_owned(), version)));
        }
    }
    versions
}

fn origin(run: &Run<'_>, evidence: &Evidence<'_>) -> RunOrigin {
    let results = evidence.results.experiment(&run.experiment.id);
    let record = results.and_then(|results| results.record(run.point, run.seed));
    RunOrigin {
        experiment: run.experiment.id.clone(),
        params: run.params().map(|(name, value)| (name.to_owned(), serde_json::json!(value))).collect(),
        seed: run.seed,
        key: run.key.as_str().to_owned(),
        name: run.name(),
        ending: record.map(|record| match &record.ending {
            Ending::Finished => "finished".to_owned(),
            Ending::Diverged { epoch } => format!("diverged in epoch {epoch}"),
            Ending::Unfitted { reason } => reason.clone(),
        }),
        chosen: record.map(|record| record.chosen.clone()).unwrap_or_default(),
    }
}

/// Runs again what stands behind it, and nothing else.
fn command(subject: &Subject, book: &Book) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for slice in &subject.slices {
        if !ids.contains(&slice.experiment.as_str()) {
            ids.push(&slice.experiment);
        }
    }
    let profile = book.profile.as_ref().filter(|profile| book.config.profile.as_ref() != Some(profile));
    let profile = profile.map_or_else(String::new, |profile| format!(" --profile {profile}"));
    match ids.is_empty() {
        true => format!("labbook build{profile}"),
        false => format!("labbook run {} --rerun{profile}", ids.join(" ")),
    }
}
