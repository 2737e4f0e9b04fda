//! A whole book, read in the order in which things refer to each other.

use std::collections::{BTreeMap, BTreeSet};

use super::catalog::Catalog;
use super::expression::Type;
use super::figure::Figure;
use super::present::{self, Shown};
use super::{
    Book, Config, Declaration, DeclarationKind, caption, claim, dataset, grid, image, model, quantity, restate,
};
use crate::data::DatasetSpec;
use crate::diagnostic::{Diagnostic, Diagnostics, Spanned, did_you_mean};
use crate::fields::{self, Table};
use crate::markdown::{Chapter, Directive, Node};

/// Reads and checks everything that the chapters declare.
pub fn resolve(config: Config, chapters: Vec<Chapter>, profile: Option<&str>, diagnostics: &mut Diagnostics) -> Book {
    let profile = profile.map(str::to_owned).or_else(|| config.profile.clone());
    if let Some(name) = profile.as_deref().filter(|name| !config.profiles.contains_key(*name) && *name != "full") {
        let names: Vec<&str> = config.profiles.keys().map(String::as_str).collect();
        let message = format!("`labbook.toml` has no `[profile.{name}]`");
        diagnostics.push(Diagnostic::error(None, message).hint(did_you_mean(name, &names)));
    }
    let mut book = Book {
        config,
        profile,
        chapters: Vec::new(),
        datasets: BTreeMap::new(),
        declarations: BTreeMap::new(),
        experiments: Catalog::default(),
        figures: Catalog::default(),
        images: Catalog::default(),
        groups: Catalog::default(),
        tables: Catalog::default(),
        claims: Catalog::default(),
        restatements: BTreeMap::new(),
    };
    let typed = type_directives(&chapters, diagnostics);
    let tables = declare(&mut book, &typed, diagnostics);
    lay_out_experiments(&mut book, &typed, &tables, diagnostics);
    read_what_shows(&mut book, &typed, &tables, diagnostics);
    check_prose(&book, &chapters, &typed, diagnostics);
    typed.iter().for_each(|typed| caption::check(&typed.table, diagnostics));
    book.chapters = chapters;
    book
}

/// A directive with its body read.
struct Typed<'c> {
    id: &'c Spanned<String>,
    kind: &'c str,
    source: &'c str,
    /// The path of its chapter.
    chapter: &'c str,
    /// That chapter's language, where it is not the book's first.
    language: Option<&'c str>,
    table: Table,
    /// Whether the body is TOML: where it is not, its name is known and nothing else.
    readable: bool,
}

/// The tables of what can be referred to, by id.
#[derive(Default)]
struct Declared {
    datasets: BTreeMap<String, Table>,
    models: BTreeMap<String, Table>,
}

/// Reads the bodies of all directives; ids are unique over the book.
fn type_directives<'c>(chapters: &'c [Chapter], diagnostics: &mut Diagnostics) -> Vec<Typed<'c>> {
    let mut typed: Vec<Typed<'c>> = Vec::new();
    // Files are named by them, and some disks take `One` and `one` for the same.
    let mut taken = BTreeSet::new();
    let of_chapter = |c: &'c Chapter| c.directives.iter().map(move |directive| (c, directive));
    for (chapter, directive) in chapters.iter().flat_map(of_chapter) {
        let Directive { kind, id, body, span } = directive;
        let Some(id) = id else {
            let message = format!("a `{{{}}}` needs a name", kind.value);
            diagnostics.push(Diagnostic::error(*span, message).hint(format!("write `{{{}}} my-name`", kind.value)));
            continue;
        };
        if kind.value != "show" && !taken.insert(id.value.to_lowercase()) {
            let diagnostic = Diagnostic::error(id.span, format!("the name `{}` is taken", id.value));
            diagnostics.push(diagnostic.hint("names are global over the book; `{show} NAME` shows a thing again"));
        }
        let parsed = fields::parse(&body.text, &|range| body.span(range), diagnostics);
        let readable = parsed.is_some();
        let table = Table { span: id.span, ..parsed.unwrap_or_else(|| Table::empty(id.span)) };
        let (language, chapter) = (chapter.language.as_deref(), chapter.path.as_str());
        typed.push(Typed { id, kind: &kind.value, source: &body.text, chapter, language, table, readable });
    }
    typed
}

/// Takes in datasets and models, and reports what is wrong with each by itself.
fn declare(book: &mut Book, typed: &[Typed<'_>], diagnostics: &mut Diagnostics) -> Declared {
    let mut declared = Declared::default();
    for Typed { id, kind, source, table, .. } in typed.iter().filter(|t| t.readable) {
        let kind = match *kind {
            "dataset" => DeclarationKind::Dataset,
            "model" => DeclarationKind::Model,
            "experiment" => DeclarationKind::Experiment,
            _ => continue,
        };
        let hidden = table.get("show").is_some_and(|e| e.value.value == fields::Value::Bool(false));
        let declaration = Declaration { kind, span: id.span, source: (*source).to_owned(), show: !hidden };
        book.declarations.insert(id.value.clone(), declaration);
        match kind {
            DeclarationKind::Dataset => {
                dataset::read(table, diagnostics);
                declared.datasets.insert(id.value.clone(), table.clone());
            }
            DeclarationKind::Model => {
                let empty = Table::empty(table.span);
                let train = match table.get("train").map(|e| &e.value.value) {
                    Some(fields::Value::Table(train)) => train,
                    _ => &empty,
                };
                model::read(table, train, diagnostics);
                declared.models.insert(id.value.clone(), table.clone());
            }
            DeclarationKind::Experiment => {}
        }
    }
    declared
}

fn lay_out_experiments(book: &mut Book, typed: &[Typed<'_>], tables: &Declared, diagnostics: &mut Diagnostics) {
    let profile = book.profile.as_ref().and_then(|name| book.config.profiles.get(name)).cloned();
    let unreadable = typed.iter().filter(|t| !t.readable).map(|t| t.id.value.as_str()).collect();
    let declared = grid::Declared { datasets: &tables.datasets, models: &tables.models, unreadable };
    for Typed { id, table, .. } in typed.iter().filter(|t| t.kind == "experiment" && t.readable) {
        let read = grid::read(&id.value, table, &declared, profile.as_ref(), &mut book.datasets, diagnostics);
        book.experiments.extend(read);
    }
    let ids: Vec<&str> = typed.iter().filter(|t| t.kind == "experiment").map(|t| t.id.value.as_str()).collect();
    for (id, table) in profile.iter().flat_map(|p| &p.experiments) {
        if !ids.contains(&id.as_str()) {
            let diagnostic = Diagnostic::error(table.span, format!("there is no experiment `{id}`"));
            diagnostics.push(diagnostic.hint(did_you_mean(id, &ids)));
        }
    }
}

fn read_what_shows(book: &mut Book, typed: &[Typed<'_>], tables: &Declared, diagnostics: &mut Diagnostics) {
    let broken = broken_experiments(book, typed);
    let mut datasets: Vec<&str> = tables.datasets.keys().map(String::as_str).collect();
    datasets.extend(crate::data::known());
    let shown = Shown { experiments: &book.experiments, broken: &broken, datasets };
    for Typed { id, kind, table, chapter, .. } in typed.iter().filter(|t| t.readable) {
        let prefix = match *kind {
            "figure" | "image" | "figures" => "fig-",
            "table" => "tbl-",
            "claim" => "claim-",
            _ => continue,
        };
        if !id.value.starts_with(prefix) {
            let diagnostic = Diagnostic::error(id.span, format!("the name of a {kind} begins with `{prefix}`"));
            diagnostics.push(diagnostic.hint(format!("write `{{{kind}}} {prefix}{}`", id.value)));
        }
        match *kind {
            "figure" => book.figures.extend(present::figure(&id.value, table, &shown, diagnostics)),
            "image" => book.images.extend(image::image(&id.value, table, chapter, diagnostics)),
            // They are of what is read here.
            "figures" => {}
            "table" => book.tables.extend(present::table(&id.value, table, &shown, diagnostics)),
            _ => book.claims.extend(claim::read(&id.value, table, &shown, book.config.claims, diagnostics)),
        }
    }
    for Typed { id, table, .. } in typed.iter().filter(|t| t.readable && t.kind == "figures") {
        let group = image::group(&id.value, table, &book.figures, &book.images, diagnostics);
        book.groups.extend(group);
    }
    for Typed { id, table, chapter, .. } in typed.iter().filter(|t| t.readable && t.kind == "show") {
        let restatement = restate::read(&id.value, table, chapter, book, diagnostics);
        book.restatements.extend(restatement.map(|r| (id.span, r)));
    }
    check_restated_claims(typed, diagnostics);
    add_shown_datasets(book, tables);
}

/// What a claim says is fixed with its margin: only another language has other words for it.
fn check_restated_claims(typed: &[Typed<'_>], diagnostics: &mut Diagnostics) {
    let claims = typed.iter().filter(|t| t.kind == "claim").map(|t| (t.id.value.as_str(), t.language));
    let languages: BTreeMap<&str, Option<&str>> = claims.collect();
    for show in typed.iter().filter(|t| t.kind == "show") {
        let says = show.table.get("says").filter(|_| languages.get(show.id.value.as_str()) == Some(&show.language));
        if let Some(says) = says {
            let message = format!("what `{}` says stands where it is declared", show.id.value);
            let hint = "leave `says` out: it translates the sentence on a page of another language";
            diagnostics.push(Diagnostic::error(says.key.span, message).hint(hint));
        }
    }
}

/// Experiments that were declared and could not be laid out.
fn broken_experiments(book: &Book, typed: &[Typed<'_>]) -> Vec<String> {
    let declared = typed.iter().filter(|t| t.kind == "experiment").map(|t| &t.id.value);
    declared.filter(|id| book.experiment(id).is_none()).cloned().collect()
}

/// Datasets that only a figure uses, declared or known by name.
fn add_shown_datasets(book: &mut Book, tables: &Declared) {
    let mut quiet = Diagnostics::default();
    let names: Vec<String> = book.figures.iter().filter_map(Figure::dataset).map(str::to_owned).collect();
    for name in names.into_iter().filter(|name| !book.datasets.contains_key(name)).collect::<Vec<_>>() {
        let spec = match tables.datasets.get(&name) {
            Some(table) => dataset::read(table, &mut quiet).0,
            None => crate::data::named(&name).map(DatasetSpec::new),
        };
        book.datasets.extend(spec.map(|spec| (name, spec)));
    }
}

/// Checks what the prose refers to: inline values, references, `{show}`.
fn check_prose(book: &Book, chapters: &[Chapter], typed: &[Typed<'_>], diagnostics: &mut Diagnostics) {
    let broken = broken_experiments(book, typed);
    let ids: Vec<&str> = typed.iter().filter(|t| t.kind != "show").map(|t| t.id.value.as_str()).collect();
    let mut known: BTreeSet<&str> = ids.iter().copied().collect();
    for show in typed.iter().filter(|t| t.kind == "show" && !known.contains(t.id.value.as_str())) {
        let diagnostic = Diagnostic::error(show.id.span, format!("there is no `{}` to show", show.id.value));
        diagnostics.push(diagnostic.hint(did_you_mean(&show.id.value, &ids)));
    }
    let labels = labels(chapters);
    known.extend(&labels);
    for node in chapters.iter().flat_map(|c| &c.nodes) {
        match node {
            Node::Val(val) => check_value(&val.expression, book, &broken, diagnostics),
            Node::Ref(reference) => {
                let target = &reference.target;
                if !known.contains(target.value.as_str()) {
                    let known: Vec<&str> = ids.iter().chain(&labels).copied().collect();
                    let diagnostic = Diagnostic::error(target.span, format!("there is no `{}`", target.value));
                    diagnostics.push(diagnostic.hint(did_you_mean(&target.value, &known)));
                }
            }
            Node::Event(..) | Node::Directive(_) | Node::Cite(_) | Node::Label(_) | Node::Container(..) => {}
        }
    }
}

/// Ids that authors gave to sections and equations.
fn labels(chapters: &[Chapter]) -> Vec<&str> {
    let sections = chapters.iter().flat_map(|c| &c.headings).filter(|h| h.labelled).map(|h| h.id.as_str());
    let equations = chapters.iter().flat_map(|c| &c.nodes).filter_map(|node| match node {
        Node::Label(label) => Some(label.value.as_str()),
        _ => None,
    });
    sections.chain(equations).collect()
}

fn check_value(text: &Spanned<String>, book: &Book, broken: &[String], diagnostics: &mut Diagnostics) {
    let faults = match quantity::parse(&text.value, Type::Number) {
        Ok(expr) if expr.selections().iter().any(|s| broken.contains(&s.experiment)) => Vec::new(),
        Ok(expr) => quantity::check_selections(&expr, &book.experiments),
        Err(faults) => faults,
    };
    for fault in &faults {
        diagnostics.push(quantity::at(fault, text.span, 0));
    }
}
