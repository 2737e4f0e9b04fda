//! Elements → HTML, each through its template.

use std::collections::BTreeSet;

use serde::Serialize;

use super::number::Target;
use super::prose::Setting;
use super::templates::Error;
use super::words::Words;
use super::{
    CaptionCitation, Card, Claim, Comparison, DataFiles, Drawing, Element, Fact, Figure, Grid, Group, Raw, Table,
    address, html, picture, tags, works,
};

/// The link from a page to a target.
pub fn href(page: &str, target: &Target) -> String {
    let anchor = address::encode(&target.anchor);
    if page == target.page {
        format!("#{anchor}")
    } else {
        format!("{}#{anchor}", address::relative(page, &target.page))
    }
}

/// Writes one element as it stands on `page`. Its anchor is given to the first of several on one page; `citations` counts
/// those of the page.
///
/// # Errors
/// If its template fails.
pub fn write(
    setting: Setting<'_>,
    language: &str,
    page: &str,
    element: &Element,
    anchors: &mut BTreeSet<String>,
    citations: &mut usize,
) -> Result<String, Error> {
    let words = setting.words(language);
    let target = setting.atlas.find(language, element.id());
    let here = target.filter(|target| target.page == page && anchors.insert(target.anchor.clone()));
    let frame = Frame {
        anchor: here.map(|target| target.anchor.clone()),
        label: target.map_or_else(|| element.id().to_owned(), |target| target.name(words)),
        words: words.table(),
        lineage: setting.atlas.provenance(element.id()).map(|to| address::relative(page, to)),
        raw: setting.book.raw,
    };
    let templates = setting.templates;
    let mut caption = |text: &str, cited: &[CaptionCitation]| {
        let written = cited.iter().map(|CaptionCitation { at, citation }| {
            *citations += 1;
            (at.clone(), works::citation(setting, language, page, citation, *citations))
        });
        html::caption(text, setting.book.raw, &written.collect::<Vec<_>>())
    };
    match element {
        Element::Card(card) => templates.fill("card.html", &CardContext::new(card, frame, page, words)),
        Element::Figure(figure) => {
            let caption = caption(&figure.caption, &figure.cited);
            write_figure(setting, figure, caption, frame, page, words, anchors)
        }
        Element::Group(group) => {
            let whole = caption(&group.caption, &group.cited);
            let parts = group.parts.iter().map(|part| caption(&part.caption, &part.cited)).collect();
            write_group(setting, language, group, (whole, parts), frame, page, anchors)
        }
        Element::Table(table) => {
            let caption = caption(&table.caption, &table.cited);
            templates.fill("table.html", &TableContext::new(table, caption, frame, page, words))
        }
        Element::Claim(claim) => templates.fill("claim.html", &ClaimContext::new(claim, frame, page, words)),
    }
}

fn write_figure(
    setting: Setting<'_>,
    figure: &Figure,
    caption: String,
    frame: Frame<'_>,
    page: &str,
    words: &Words,
    anchors: &mut BTreeSet<String>,
) -> Result<String, Error> {
    let (kind, drawing) = match &figure.drawing {
        Drawing::Svg(svg) => ("drawing", own_ids(svg.trim(), anchors)),
        Drawing::File(image) => ("picture", picture::write(image, &figure.alt, page, &setting.book.sizes)),
    };
    setting.templates.fill("figure.html", &FigureContext::new(figure, kind, drawing, caption, frame, page, words))
}

/// Figures side by side, each with its letter, under one caption.
fn write_group(
    setting: Setting<'_>,
    language: &str,
    group: &Group,
    (caption, captions): (String, Vec<String>),
    frame: Frame<'_>,
    page: &str,
    anchors: &mut BTreeSet<String>,
) -> Result<String, Error> {
    let words = setting.words(language);
    let parts = group.parts.iter().zip(captions).enumerate().map(|(index, (part, caption))| {
        let target = setting.atlas.find(language, &part.id);
        let here = target.filter(|target| target.page == page && anchors.insert(target.anchor.clone()));
        let frame = Frame {
            anchor: here.map(|target| target.anchor.clone()),
            label: format!("({})", Group::letter(index)),
            words: words.table(),
            lineage: setting.atlas.provenance(&part.id).map(|to| address::relative(page, to)),
            raw: setting.book.raw,
        };
        write_figure(setting, part, caption, frame, page, words, anchors)
    });
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    setting.templates.fill("figures.html", &GroupContext { frame, caption, columns: group.columns.max(1), parts })
}

/// A drawing whose ids nothing else on the page has: one that is shown again gets its number behind them.
fn own_ids(svg: &str, anchors: &mut BTreeSet<String>) -> String {
    let mut ids = Vec::new();
    tags::each_attribute(svg, &mut |attribute| {
        if attribute.key == "id" {
            ids.push(attribute.value);
        }
    });
    let is_free = |time: usize| ids.iter().all(|id| !anchors.contains(&numbered(id, time)));
    let time = (1..).find(|&time| is_free(time)).expect("a page has finitely many ids");
    anchors.extend(ids.iter().map(|id| numbered(id, time)));
    if time == 1 {
        return svg.to_owned();
    }
    tags::with_values(svg, &mut |attribute| match attribute.key.as_str() {
        "id" | "aria-labelledby" => {
            Some(attribute.value.split_whitespace().map(|id| numbered(id, time)).collect::<Vec<_>>().join(" "))
        }
        _ => None,
    })
}

fn numbered(id: &str, time: usize) -> String {
    if time == 1 { id.to_owned() } else { format!("{id}.{time}") }
}

/// What every element's template gets.
#[derive(Serialize)]
struct Frame<'a> {
    anchor: Option<String>,
    label: String,
    words: &'a std::collections::BTreeMap<String, String>,
    /// The link to the page that tells where it comes from.
    lineage: Option<String>,
    /// Which HTML its captions may hold.
    #[serde(skip)]
    raw: Raw,
}

#[derive(Serialize)]
struct CardContext<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    kind: &'static str,
    kind_word: &'a str,
    id: &'a str,
    source: &'a str,
    facts: Vec<FactContext<'a>>,
    details: Vec<FactContext<'a>>,
    notes: Vec<String>,
    command: Option<&'a str>,
}

#[derive(Serialize)]
struct FigureContext<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    /// `drawing`, which is part of the page, or `picture`, which is a file.
    kind: &'static str,
    drawing: String,
    caption: String,
    data: Option<GridContext<'a>>,
    files: Vec<FileContext<'a>>,
    provenance: Vec<FactContext<'a>>,
    command: Option<&'a str>,
}

#[derive(Serialize)]
struct GroupContext<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    caption: String,
    columns: usize,
    parts: Vec<String>,
}

#[derive(Serialize)]
struct TableContext<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    caption: String,
    grid: GridContext<'a>,
    notes: Vec<String>,
    files: Vec<FileContext<'a>>,
    provenance: Vec<FactContext<'a>>,
    command: Option<&'a str>,
}

#[derive(Serialize)]
struct ClaimContext<'a> {
    #[serde(flatten)]
    frame: Frame<'a>,
    says: String,
    holds: &'a str,
    verdict: &'static str,
    verdict_word: &'a str,
    comparisons: Vec<ComparisonContext<'a>>,
    facts: Vec<FactContext<'a>>,
    late: bool,
    former: Vec<FactContext<'a>>,
    provenance: Vec<FactContext<'a>>,
    command: Option<&'a str>,
}

/// One comparison of a claim.
#[derive(Serialize)]
struct ComparisonContext<'a> {
    text: Option<&'a str>,
    verdict: &'static str,
    verdict_word: &'a str,
    picture: Option<&'a str>,
    facts: Vec<FactContext<'a>>,
}

/// A fact with its label in the page's language and its link from the page.
#[derive(Serialize)]
pub struct FactContext<'a> {
    label: &'a str,
    value: &'a str,
    href: Option<String>,
}

/// A link to a file.
#[derive(Serialize)]
pub struct FileContext<'a> {
    pub name: &'a str,
    pub href: String,
}

/// A grid with the columns that read as numbers marked.
#[derive(Serialize)]
pub struct GridContext<'a> {
    header: Vec<CellContext<'a>>,
    rows: Vec<Vec<CellContext<'a>>>,
}

#[derive(Serialize)]
struct CellContext<'a> {
    text: &'a str,
    title: &'a str,
    numeric: bool,
}

impl<'a> CardContext<'a> {
    fn new(card: &'a Card, frame: Frame<'a>, page: &str, words: &'a Words) -> Self {
        let raw = frame.raw;
        Self {
            frame,
            kind: card.kind.word(),
            kind_word: words.word(card.kind.word()),
            id: &card.id,
            source: card.source.trim_end(),
            facts: facts(&card.facts, page, words),
            details: facts(&card.details, page, words),
            notes: card.notes.iter().map(|note| html::inline(note, raw)).collect(),
            command: card.command.as_deref(),
        }
    }
}

impl<'a> FigureContext<'a> {
    fn new(
        figure: &'a Figure,
        kind: &'static str,
        drawing: String,
        caption: String,
        frame: Frame<'a>,
        page: &str,
        words: &'a Words,
    ) -> Self {
        Self {
            frame,
            kind,
            drawing,
            caption,
            data: figure.data.as_ref().map(grid),
            files: files(&figure.files, page),
            provenance: facts(&figure.provenance, page, words),
            command: figure.command.as_deref(),
        }
    }
}

impl<'a> TableContext<'a> {
    fn new(table: &'a Table, caption: String, frame: Frame<'a>, page: &str, words: &'a Words) -> Self {
        let raw = frame.raw;
        Self {
            frame,
            caption,
            grid: grid(&table.grid),
            notes: table.notes.iter().map(|note| html::inline(note, raw)).collect(),
            files: files(&table.files, page),
            provenance: facts(&table.provenance, page, words),
            command: table.command.as_deref(),
        }
    }
}

impl<'a> ClaimContext<'a> {
    fn new(claim: &'a Claim, frame: Frame<'a>, page: &str, words: &'a Words) -> Self {
        let comparison = |comparison: &'a Comparison| ComparisonContext {
            text: comparison.text.as_deref(),
            verdict: comparison.verdict.word(),
            verdict_word: words.word(comparison.verdict.word()),
            picture: comparison.picture.as_deref(),
            facts: facts(&comparison.facts, page, words),
        };
        let raw = frame.raw;
        Self {
            frame,
            says: html::inline(&claim.says, raw),
            holds: claim.holds.trim(),
            verdict: claim.verdict.word(),
            verdict_word: words.word(claim.verdict.word()),
            comparisons: claim.comparisons.iter().map(comparison).collect(),
            facts: facts(&claim.facts, page, words),
            late: claim.late,
            former: facts(&claim.former, page, words),
            provenance: facts(&claim.provenance, page, words),
            command: claim.command.as_deref(),
        }
    }
}

/// Facts as they stand on `page`.
pub fn facts<'a>(facts: &'a [Fact], page: &str, words: &'a Words) -> Vec<FactContext<'a>> {
    let href = |link: &String| {
        if address::is_beside(link) { address::relative(page, link) } else { link.clone() }
    };
    facts
        .iter()
        .map(|fact| FactContext {
            label: words.word(&fact.label),
            value: &fact.value,
            href: fact.link.as_ref().map(href),
        })
        .collect()
}

/// The links to files from `page`.
pub fn files<'a>(files: &DataFiles, page: &str) -> Vec<FileContext<'a>> {
    [("CSV", &files.csv), ("JSON", &files.json), ("SVG", &files.svg)]
        .into_iter()
        .filter_map(|(name, path)| path.as_ref().map(|path| FileContext { name, href: address::relative(page, path) }))
        .collect()
}

/// A grid for the templates.
pub fn grid(grid: &Grid) -> GridContext<'_> {
    let columns = grid.header.len().max(grid.rows.iter().map(Vec::len).max().unwrap_or(0));
    let numeric: Vec<bool> = (0..columns).map(|column| is_numeric(grid, column)).collect();
    let rows = grid.rows.iter().map(|row| {
        let cells = row.iter().zip(&numeric);
        cells.map(|(cell, &numeric)| CellContext { text: &cell.text, title: &cell.title, numeric }).collect()
    });
    let header = grid.header.iter().zip(&numeric);
    GridContext {
        header: header.map(|(text, &numeric)| CellContext { text, title: "", numeric }).collect(),
        rows: rows.collect(),
    }
}

/// Whether every cell of a column is a number or says that there is none.
fn is_numeric(grid: &Grid, column: usize) -> bool {
    let is_number = |text: &str| {
        text.trim_start_matches(['-', '−', '+', '±', '<', '>', '≈', ' ']).starts_with(|c: char| c.is_ascii_digit())
    };
    let mut cells = grid.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.text.as_str()).peekable();
    cells.peek().is_some() && cells.all(|text| is_number(text) || ["", "-", "–", "—", "·"].contains(&text))
}

#[cfg(test)]
mod tests {
    use super::super::Cell;
    use super::*;

    #[test]
    fn columns_of_numbers_are_known() {
        let check = |cells: &[&str], expected| {
            let rows = cells.iter().map(|&text| vec![Cell { text: text.to_owned(), ..Cell::default() }]).collect();
            assert_eq!(is_numeric(&Grid { header: vec!["x".into()], rows }, 0), expected, "{cells:?}");
        };
        check(&["93.1 ± 0.4", "−3", "—"], true);
        check(&["< 0.001"], true);
        check(&["svm", "3"], false);
        check(&[], false);
    }
}
