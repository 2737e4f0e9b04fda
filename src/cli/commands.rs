//! The verbs that work on a book.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use super::progress::{Display, words};
use super::{Build, Effort, Exit, ExportFormat, Profile, TextFormat, record};
use crate::analysis::Verdict;
use crate::desk::{self, Desk, Form};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Style, did_you_mean};
use crate::exhibit;
use crate::experiment::Experiment;
use crate::files;
use crate::plan::{self, Outlook, Part, Plan, Rule, Run, Status};
use crate::run::{CHECKPOINT_INTERVAL, Failure};
use crate::survey::{self, Survey};

/// `labbook check`
pub fn check(book: &Path) -> Exit {
    let (desk, exit) = open(book, None);
    let Some(desk) = desk.filter(|_| exit == Exit::Fine) else { return exit };
    let mut diagnostics = Diagnostics::default();
    survey::survey_files(&desk.book, &desk.places(), &mut diagnostics);
    if let Err(error) = desk.check_profiles(&mut diagnostics) {
        return failed(&error.to_string());
    }
    report(&desk, &diagnostics);
    if diagnostics.has_errors() { Exit::Failed } else { Exit::Fine }
}

/// `labbook build`
pub fn build(book: &Path, arguments: &Build) -> Exit {
    let (desk, exit) = open(book, arguments.profile.profile.as_deref());
    let Some(mut desk) = desk.filter(|_| exit == Exit::Fine) else { return exit };
    match epoch() {
        Ok(epoch) => desk.epoch = epoch,
        Err(message) => return failed(&message),
    }
    let _in_use = desk.store.share();
    let start = std::time::Instant::now();
    let rule = if arguments.frozen { Rule::Recorded } else { Rule::Cached };
    let (mut survey, mut plan) = match plan_of(&desk, &|_| true, rule) {
        Ok(planned) => planned,
        Err(exit) => return exit,
    };
    if arguments.frozen {
        if let Err(exit) = record::complete(&desk, &survey, &plan) {
            return exit;
        }
        // Nothing runs: the pages say the same whether or not the data are here.
        survey.absent.retain(|id, _| !survey.known.contains_key(id));
    }
    if arguments.effort.rerun {
        desk::rerun(&mut plan);
    }
    // Failed runs have been named; the pages show what there is.
    let ran = execute(&desk, &plan, plan.pending(), &arguments.effort);
    if ran == Exit::Interrupted {
        return ran;
    }
    let form = if arguments.epub { Form::PagesAndEpub } else { Form::Pages };
    match desk.publish(&plan, &survey, arguments.dest.as_deref(), form) {
        Ok(published) => {
            let warned = report(&desk, &published.diagnostics);
            say!(
                "{} pages and files in `{}`: {} written, {} unchanged, {} removed, in {}",
                published.written + published.unchanged,
                published.folder.display(),
                published.written,
                published.unchanged,
                published.removed,
                words(start.elapsed()),
            );
            if let Some(counted) = exhibit::counted(&published.verdicts) {
                say!("claims: {counted}");
            }
            record::say_changed(published.changed_claims.iter().map(String::as_str));
            if arguments.pdf {
                match desk.print(&published.folder) {
                    Ok(path) => say!("the book is printed to `{}`", path.display()),
                    Err(error) => return failed(&error.to_string()),
                }
            }
            if arguments.open {
                open_in_browser(&published.folder.join("index.html"));
            }
            let warned = warned || !desk.diagnostics.sorted().is_empty();
            let refuted = published.verdicts.iter().any(|(_, verdict)| *verdict == Verdict::Refuted);
            if published.diagnostics.has_errors() || (arguments.strict && (warned || refuted)) {
                Exit::Failed
            } else {
                ran
            }
        }
        Err(error) => failed(&error.to_string()),
    }
}

/// `labbook plan`
pub fn plan(book: &Path, profile: &Profile, format: TextFormat) -> Exit {
    let (desk, exit) = open(book, profile.profile.as_deref());
    let Some(desk) = desk.filter(|_| exit == Exit::Fine) else { return exit };
    let plan = match plan_of(&desk, &|_| true, Rule::Cached) {
        Ok((_, plan)) => plan,
        Err(exit) => return exit,
    };
    match format {
        TextFormat::Json => print(&format!("{:#}\n", plan_json(&plan))),
        TextFormat::Text => print(&plan_text(&plan, plan::outlook(&plan, &desk.store))),
    }
}

fn plan_json(plan: &Plan<'_>) -> serde_json::Value {
    let runs = plan.runs.iter().map(|run| {
        let params: serde_json::Map<_, _> = run.params().map(|(k, v)| (k.to_owned(), json!(v))).collect();
        json!({
            "experiment": run.experiment.id,
            "params": params,
            "seed": run.seed,
            "key": run.key.as_str(),
            "status": run.status.word(),
            "reason": run.reason,
            "changes": run.changes,
            "cost_flops": run.cost,
        })
    });
    json!({ "runs": runs.collect::<Vec<_>>() })
}

fn plan_text(plan: &Plan<'_>, outlook: Option<Outlook>) -> String {
    let mut text = String::new();
    for run in plan.runs.iter().filter(|r| r.status != Status::Cached) {
        let id = &run.experiment.id;
        text += &format!("{:<6} {id}[{}]: {}\n", run.status.word(), run.name(), run.reason);
    }
    let pending = plan.pending();
    let cost: f64 = pending.iter().map(|r| r.cost as f64).sum();
    let cached = plan.runs.iter().filter(|r| r.status == Status::Cached).count();
    text += &format!("{cached} of {} runs are cached; {} would run", plan.runs.len(), pending.len());
    if pending.is_empty() {
        return text + ".\n";
    }
    text += &format!(", about {cost:.1e} operations.\n");
    text + &match outlook {
        None => "How long that takes is not known: nothing has been measured here yet.\n".to_owned(),
        Some(outlook) => {
            let jobs = cores();
            let time = words(Duration::from_secs_f64(outlook.seconds(jobs).min(1e9)));
            let measured = outlook.measured;
            let doubt = match outlook.unmeasured {
                0 => String::new(),
                runs => format!(" Runs of a kind of model that was never measured here: {runs}."),
            };
            format!(
                "That takes about {time} with `--jobs {jobs}`, by the speed of finished runs ({measured}).{doubt}\n"
            )
        }
    }
}

/// `labbook run`
pub fn run(book: &Path, ids: &[String], profile: &Profile, effort: &Effort, part: Option<Part>) -> Exit {
    let (desk, exit) = open(book, profile.profile.as_deref());
    let Some(desk) = desk.filter(|_| exit == Exit::Fine) else { return exit };
    for id in ids {
        if desk.book.experiment(id).is_none() {
            return unknown_experiment(&desk, id);
        }
    }
    let _in_use = desk.store.share();
    let wanted = |e: &Experiment| ids.is_empty() || ids.contains(&e.id);
    match plan_of(&desk, &wanted, Rule::Cached) {
        Ok((_, mut plan)) => {
            if effort.rerun {
                desk::rerun(&mut plan);
            }
            let mine = part.map(|part| plan.part(part));
            let is_mine = |run: &&Run<'_>| mine.as_ref().is_none_or(|mine| mine.contains(&run.key));
            let pending = plan.pending().into_iter().filter(is_mine).collect();
            execute(&desk, &plan, pending, effort)
        }
        Err(exit) => exit,
    }
}

/// `labbook export`
pub fn export(book: &Path, id: &str, profile: &Profile, format: ExportFormat) -> Exit {
    let (desk, exit) = open(book, profile.profile.as_deref());
    let Some(desk) = desk.filter(|_| exit == Exit::Fine) else { return exit };
    let Some(experiment) = desk.book.experiment(id) else { return unknown_experiment(&desk, id) };
    let plan = match plan_of(&desk, &|e| e.id == id, Rule::Cached) {
        Ok((_, plan)) => plan,
        Err(exit) => return exit,
    };
    if !plan.pending().is_empty() {
        return failed(&format!("{} runs of `{id}` have no result yet; first: labbook run {id}", plan.pending().len()));
    }
    let mut diagnostics = Diagnostics::default();
    let results = desk.results(&plan, &mut diagnostics);
    report(&desk, &diagnostics);
    match results {
        Ok(results) => {
            let Some(results) = results.experiment(id) else {
                return failed(&format!("`{id}` has no runs here: its data are absent"));
            };
            let tidy = crate::exhibit::tidy(results, &experiment.measures);
            let bytes = match format {
                ExportFormat::Csv => tidy.csv(),
                ExportFormat::Json => tidy.json(),
            };
            print(&String::from_utf8_lossy(&bytes))
        }
        Err(error) => failed(&error.to_string()),
    }
}

pub(super) fn unknown_experiment(desk: &Desk, id: &str) -> Exit {
    let names: Vec<_> = desk.book.experiments.iter().map(|e| e.id.as_str()).collect();
    let hint = did_you_mean(id, &names);
    failed(&format!("there is no experiment `{id}`; {hint}"))
}

/// The folders of `LABBOOK_DATA_MIRROR`.
pub(super) fn mirrors() -> Vec<PathBuf> {
    let folders = std::env::var_os("LABBOOK_DATA_MIRROR").unwrap_or_default();
    std::env::split_paths(&folders).filter(|folder| !folder.as_os_str().is_empty()).collect()
}

/// The seconds of `SOURCE_DATE_EPOCH` (<https://reproducible-builds.org/specs/source-date-epoch/>).
fn epoch() -> Result<Option<u64>, String> {
    let Some(text) = std::env::var_os("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty()) else { return Ok(None) };
    let seconds = text.to_str().and_then(|text| text.parse::<u64>().ok()).filter(|seconds| *seconds < 253_402_300_800);
    seconds.map(Some).ok_or_else(|| {
        format!(
            "`SOURCE_DATE_EPOCH` must be whole seconds since 1970, before the year 10000: it is `{}`",
            text.display()
        )
    })
}

/// Reads the book and says everything that is wrong with it.
pub(super) fn open(book: &Path, profile: Option<&str>) -> (Option<Desk>, Exit) {
    match Desk::open(book, profile, mirrors()) {
        Ok(desk) => {
            report(&desk, &desk.diagnostics);
            let exit = if desk.diagnostics.has_errors() { Exit::Failed } else { Exit::Fine };
            (Some(desk), exit)
        }
        Err(error) => (None, failed(&error.to_string())),
    }
}

/// Surveys the data and plans; what is wrong with them is said.
pub(super) fn plan_of<'d>(
    desk: &'d Desk,
    wanted: &dyn Fn(&Experiment) -> bool,
    rule: Rule,
) -> Result<(Survey, Plan<'d>), Exit> {
    let mut diagnostics = Diagnostics::default();
    let survey = desk.survey(&mut diagnostics);
    let plan = desk.plan(wanted, &survey, rule);
    for damaged in &plan.damaged {
        diagnostics.push(Diagnostic::warning(None, damaged.clone()).hint("it has to run again"));
    }
    report(desk, &diagnostics);
    if diagnostics.has_errors() {
        return Err(Exit::Failed);
    }
    for (id, why) in &survey.absent {
        if !survey.known.contains_key(id) {
            say!("note: what needs `{id}` is left out: {why}");
        } else if rule == Rule::Cached {
            say!("note: what needs `{id}` is taken from the results of record: {why}");
        }
    }
    Ok((survey, plan))
}

/// Runs what is pending of a plan, and remembers which runs it has.
fn execute(desk: &Desk, plan: &Plan<'_>, pending: Vec<&Run<'_>>, effort: &Effort) -> Exit {
    if let Err(error) = desk.prune_checkpoints() {
        say!("warning: {error}");
    }
    if pending.is_empty() {
        return remember(desk, plan);
    }
    let stop = stopped_by_ctrl_c();
    let jobs = effort.jobs.map_or_else(cores, usize::from);
    let pause = match pause() {
        Ok(pause) => pause,
        Err(wrong) => return failed(&wrong),
    };
    let display = Display::new(&pending, plan.runs.len());
    let failures: Vec<Failure> = desk.execute(&pending, jobs, pause, &stop, &display);
    display.finish();
    if stop.load(Ordering::Relaxed) {
        say!("interrupted; every finished run is kept");
        return Exit::Interrupted;
    }
    for failure in &failures {
        say!("error: {}: {}", failure.run, failure.reason);
    }
    if failures.is_empty() { remember(desk, plan) } else { Exit::Failed }
}

/// What Ctrl-C raises from now on.
pub(super) fn stopped_by_ctrl_c() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    // Without a handler Ctrl-C still ends the program, and finished runs are kept all the same.
    let handler = ctrlc::set_handler(move || asked.store(true, Ordering::Relaxed));
    if let Err(error) = handler {
        say!("warning: Ctrl-C will not wait for anything: {error}");
    }
    stop
}

/// How long a run goes on before it is put down, by `LABBOOK_CHECKPOINT_SECONDS`.
fn pause() -> Result<Duration, String> {
    let Ok(asked) = std::env::var("LABBOOK_CHECKPOINT_SECONDS") else { return Ok(CHECKPOINT_INTERVAL) };
    let seconds = asked.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| format!("LABBOOK_CHECKPOINT_SECONDS={asked}: a number of seconds, from 0 up"))
}

/// How many runs at once, where nobody says.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn remember(desk: &Desk, plan: &Plan<'_>) -> Exit {
    match plan.remember(&desk.store) {
        Ok(()) => Exit::Fine,
        Err(error) => failed(&error.to_string()),
    }
}

/// Prints diagnostics, and says whether there were any.
pub(super) fn report(desk: &Desk, diagnostics: &Diagnostics) -> bool {
    // anstream takes the colours out where they are not wanted.
    super::say(&diagnostics.render(&desk.sources, Style::Coloured));
    annotate(diagnostics, &desk.sources, &desk.root);
    let summary = diagnostics.summary();
    if !summary.is_empty() {
        say!("{summary}");
    }
    !summary.is_empty()
}

/// Annotates what GitHub shows of a change, where it is GitHub that runs this.
pub(super) fn annotate(diagnostics: &Diagnostics, sources: &Sources, root: &Path) {
    if std::env::var_os("GITHUB_ACTIONS").is_some() {
        // The runner reads commands from both streams, and the other one may be a result.
        super::say(&diagnostics.github(sources, &folder_in_repository(root)));
    }
}

/// The book's folder as it goes before its paths, from the folder in which GitHub runs: empty or `book/`.
fn folder_in_repository(root: &Path) -> String {
    let real = |path: &Path| files::real(path).ok().flatten();
    let repository = std::env::var_os("GITHUB_WORKSPACE").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let (Some(root), Some(repository)) = (real(root), real(&repository)) else { return String::new() };
    let folder = root.strip_prefix(&repository).map(|below| files::portable(below, Path::new(""))).unwrap_or_default();
    if folder.is_empty() { folder } else { folder + "/" }
}

pub(super) fn failed(message: &str) -> Exit {
    say!("\x1b[1;31merror\x1b[0m: {message}");
    Exit::Failed
}

/// Prints a result. A reader who has seen enough and closed the pipe is no failure.
pub(super) fn print(text: &str) -> Exit {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => failed(&format!("cannot print: {e}")),
        _ => Exit::Fine,
    }
}

pub(super) fn open_in_browser(page: &Path) {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    if let Err(error) = std::process::Command::new(program).arg(page).spawn() {
        say!("warning: cannot open `{}`: {error}", page.display());
    }
}
