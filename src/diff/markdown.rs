//! A difference as a comment on a pull request: what matters first, the rest folded away.

use super::text::one_line;
use super::{ChangedExperiment, ChangedFigure, ChangedSentence, Diff};

/// Rows, sentences and names listed in one place; fewer where the whole would be too long.
const LISTED: [usize; 4] = [50, 20, 5, 0];
/// A comment may have 65,536 characters; some are for whoever puts it in.
const MOST_CHARACTERS: usize = 65_000;

/// The difference as GitHub's Markdown. `drawings` is the address of a folder with the files of [`drawings`]; without one,
/// figures are named only, as a comment cannot hold a drawing itself.
pub fn markdown(diff: &Diff, drawings: Option<&str>) -> String {
    let mut texts = LISTED.iter().map(|&most| listing(diff, drawings, most));
    let fits = |text: &String| text.chars().count() <= MOST_CHARACTERS;
    texts.find(fits).unwrap_or_else(|| listing(diff, drawings, 0).chars().take(MOST_CHARACTERS).collect())
}

/// The same with at most so many lines in one place.
fn listing(diff: &Diff, drawings: Option<&str>, most: usize) -> String {
    let mut text = format!("### The book: `{}` → `{}`\n\n{}\n", diff.sides.before, diff.sides.after, diff.summary());
    if let Some(lacking) = diff.lacking() {
        text += &format!("\n> [!NOTE]\n> {lacking}\n");
    }
    let (flipped, other): (Vec<_>, Vec<_>) = diff.claims.iter().partition(|claim| claim.flipped());
    let line =
        |claim: &&super::ChangedClaim| format!("- `{}` **{}**: {}\n", claim.id, claim.summary(), one_line(&claim.says));
    if !flipped.is_empty() {
        text += &format!("\n{}{}", flipped.iter().take(most).map(line).collect::<String>(), more(flipped.len(), most));
    }
    let names = |ids: &[String]| ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    for (ids, word) in [(&diff.added, "New"), (&diff.removed, "Removed")] {
        if !ids.is_empty() {
            text += &format!("\n{word} experiments: {}\n", names(ids));
        }
    }
    if !other.is_empty() {
        let lines = other.iter().take(most).map(line).collect::<String>();
        text += &folded(&format!("Claims changed: {}", other.len()), &(lines + &more(other.len(), most)));
    }
    diff.results.iter().for_each(|experiment| text += &results(experiment, most));
    if !diff.sentences.is_empty() {
        let title = format!("Sentences that print other numbers: {}", diff.sentences.len());
        text += &folded(&title, &sentences(&diff.sentences, most));
    }
    if !diff.figures.is_empty() {
        let listed = diff.figures.iter().take(most);
        let figures = listed.map(|f| match drawings {
            None => format!("- `{}` {}: {}\n", f.id, f.summary(), one_line(&f.caption)),
            Some(address) => pair(f, address.trim_end_matches('/')),
        });
        let title = format!("Figures that differ: {}", diff.figures.len());
        text += &folded(&title, &(figures.collect::<String>() + &more(diff.figures.len(), most)));
    }
    text
}

/// The drawings of the figures that are listed, before and after, by the name of their file.
pub fn drawings(diff: &Diff) -> Vec<(String, &str)> {
    let sides = |figure| sides(figure).into_iter().filter_map(move |(side, svg)| Some((file(figure, side), svg?)));
    diff.figures.iter().take(LISTED[0]).flat_map(sides).collect()
}

fn sides(figure: &ChangedFigure) -> [(&'static str, Option<&str>); 2] {
    [("before", figure.svg.before.as_deref()), ("after", figure.svg.after.as_deref())]
}

fn file(figure: &ChangedFigure, side: &str) -> String {
    format!("{}-{side}.svg", figure.id)
}

/// A figure before and after, side by side.
fn pair(figure: &ChangedFigure, address: &str) -> String {
    let there = sides(figure).into_iter().filter(|(_, svg)| svg.is_some()).map(|(side, _)| side);
    let (heads, images): (Vec<_>, Vec<_>) =
        there.map(|side| (side, format!("![{} {side}]({address}/{})", figure.id, file(figure, side)))).unzip();
    let rule = "---|".repeat(heads.len());
    format!(
        "**`{}`** {}: {}\n\n| {} |\n|{rule}\n| {} |\n\n",
        figure.id,
        figure.summary(),
        one_line(&figure.caption),
        heads.join(" | "),
        images.join(" | ")
    )
}

fn folded(title: &str, body: &str) -> String {
    format!("\n<details><summary>{title}</summary>\n\n{}\n\n</details>\n", body.trim_end())
}

fn more(all: usize, most: usize) -> String {
    match (all.saturating_sub(most), most) {
        (0, _) => String::new(),
        (all, 0) => format!("\n{all}, too many to list here.\n"),
        (left, _) => format!("\nand {left} more.\n"),
    }
}

fn results(experiment: &ChangedExperiment, most: usize) -> String {
    let mut table = "| run | measure | before | after |\n|---|---|---|---|\n".to_owned();
    for result in experiment.changed.iter().take(most) {
        let printed = result.printed();
        let cells = [&result.point, &result.measure, &printed.before, &printed.after];
        table += &cells.iter().map(|cell| format!("| {} ", cell.replace('|', "\\|"))).collect::<String>();
        table += "|\n";
    }
    if experiment.changed.is_empty() || most == 0 {
        table.clear();
    }
    let title = format!("Results of <code>{}</code>: {}", experiment.id, experiment.summary());
    folded(&title, &(table + &more(experiment.changed.len(), most)))
}

/// Before and after as a coloured difference, in a fence longer than any within.
fn sentences(all: &[ChangedSentence], most: usize) -> String {
    let lines: String = all
        .iter()
        .take(most)
        .map(|ChangedSentence { chapter, printed }| {
            let (before, after) = (one_line(&printed.before.text()), one_line(&printed.after.text()));
            format!("# {chapter}\n- {before}\n+ {after}\n")
        })
        .collect();
    let longest = lines.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}diff\n{lines}{fence}\n{}", more(all.len(), most))
}
