//! A difference as one static page: style and drawings stand in it, and it follows a light or dark theme.

use serde::Serialize;

use super::{ChangedFigure, ChangedSentence, Diff, Part, Sentence, Sides};
use crate::render::{Error, Templates};

#[derive(Serialize)]
struct Context<'a> {
    style: &'a str,
    sides: [&'a str; 2],
    summary: String,
    lacking: Option<String>,
    added: &'a [String],
    removed: &'a [String],
    claims: Vec<ClaimContext<'a>>,
    results: Vec<ExperimentContext<'a>>,
    sentences: Vec<SentenceContext<'a>>,
    figures: Vec<FigureContext<'a>>,
}

#[derive(Serialize)]
struct ClaimContext<'a> {
    id: &'a str,
    says: &'a str,
    summary: String,
    /// The class of its colour.
    verdict: &'static str,
}

#[derive(Serialize)]
struct ExperimentContext<'a> {
    id: &'a str,
    summary: String,
    rows: Vec<[String; 4]>,
}

#[derive(Serialize)]
struct SentenceContext<'a> {
    chapter: &'a str,
    before: Vec<PartContext<'a>>,
    after: Vec<PartContext<'a>>,
}

/// A piece of a sentence, and whether it moved.
#[derive(Serialize)]
struct PartContext<'a> {
    text: &'a str,
    moved: bool,
}

#[derive(Serialize)]
struct FigureContext<'a> {
    id: &'a str,
    caption: &'a str,
    summary: &'static str,
    before: Option<String>,
    after: Option<String>,
}

/// The page.
///
/// # Errors
/// If the template `diff.html` fails.
pub fn page(diff: &Diff, templates: &Templates) -> Result<String, Error> {
    let style = templates.assets().find(|(name, _)| *name == "labbook.css").map_or("", |(_, text)| text);
    let claims = diff.claims.iter().map(|claim| ClaimContext {
        id: &claim.id,
        says: &claim.says,
        summary: claim.summary(),
        verdict: claim.verdict.after.map_or("unchecked", |verdict| verdict.word()),
    });
    let results = diff.results.iter().map(|experiment| ExperimentContext {
        id: &experiment.id,
        summary: experiment.summary(),
        rows: experiment.changed.iter().map(row).collect(),
    });
    templates.fill(
        "diff.html",
        &Context {
            style,
            sides: [&diff.sides.before, &diff.sides.after],
            summary: diff.summary(),
            lacking: diff.lacking(),
            added: &diff.added,
            removed: &diff.removed,
            claims: claims.collect(),
            results: results.collect(),
            sentences: diff.sentences.iter().map(sentence).collect(),
            figures: diff.figures.iter().map(figure).collect(),
        },
    )
}

fn row(result: &super::ChangedResult) -> [String; 4] {
    let Sides { before, after } = result.printed();
    [result.point.clone(), result.measure.clone(), before, after]
}

fn sentence(sentence: &ChangedSentence) -> SentenceContext<'_> {
    let Sides { before, after } = &sentence.printed;
    SentenceContext { chapter: &sentence.chapter, before: parts(before, after), after: parts(after, before) }
}

/// The pieces of a sentence; both print the same expressions, so that the first number stands for the first.
fn parts<'s>(sentence: &'s Sentence, other: &'s Sentence) -> Vec<PartContext<'s>> {
    let mut others = other.numbers();
    let part = |part: &'s Part| {
        let moved = match part {
            Part::Words(_) => false,
            Part::Number { text, .. } => others.next().is_none_or(|(_, other)| other != text),
        };
        PartContext { text: part.text(), moved }
    };
    sentence.parts.iter().map(part).collect()
}

fn figure(figure: &ChangedFigure) -> FigureContext<'_> {
    // Both drawings carry ids made from the figure's own, and stand on one page.
    let apart = |svg: &Option<String>, side: &str| {
        let name = |part: &str| format!("{}-{part}", figure.id);
        let svg = svg.as_ref()?;
        let renamed = ["title", "desc"]
            .iter()
            .fold(svg.clone(), |svg, part| svg.replace(&name(part), &format!("{side}-{}", name(part))));
        Some(renamed)
    };
    FigureContext {
        id: &figure.id,
        caption: &figure.caption,
        summary: figure.summary(),
        before: apart(&figure.svg.before, "before"),
        after: apart(&figure.svg.after, "after"),
    }
}
