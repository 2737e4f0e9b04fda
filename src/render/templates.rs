//! The templates of `templates/`, compiled in, each replaceable by a file of the same name from the book.

use std::collections::BTreeMap;
use std::error::Error as _;

use serde::Serialize;
use tera::Tera;

use super::html;
use super::words::{Lexicon, language_of};

/// The built-in files: name and text.
const BUILT_IN: &[(&str, &str)] = &[
    ("base.html", include_str!("../../templates/base.html")),
    ("title.html", include_str!("../../templates/title.html")),
    ("chapter.html", include_str!("../../templates/chapter.html")),
    ("contents.html", include_str!("../../templates/contents.html")),
    ("bibliography.html", include_str!("../../templates/bibliography.html")),
    ("colophon.html", include_str!("../../templates/colophon.html")),
    ("print.html", include_str!("../../templates/print.html")),
    ("parts.html", include_str!("../../templates/parts.html")),
    ("provenance.html", include_str!("../../templates/provenance.html")),
    ("card.html", include_str!("../../templates/card.html")),
    ("figure.html", include_str!("../../templates/figure.html")),
    ("figures.html", include_str!("../../templates/figures.html")),
    ("table.html", include_str!("../../templates/table.html")),
    ("claim.html", include_str!("../../templates/claim.html")),
    ("diff.html", include_str!("../../templates/diff.html")),
    (
        "labbook.css",
        concat!(
            include_str!("../../templates/css/tokens.css"),
            include_str!("../../templates/css/frame.css"),
            include_str!("../../templates/css/prose.css"),
            include_str!("../../templates/css/math.css"),
            include_str!("../../templates/css/code.css"),
            include_str!("../../templates/css/containers.css"),
            include_str!("../../templates/css/elements.css"),
            include_str!("../../templates/css/pages.css"),
            include_str!("../../templates/css/print.css"),
        ),
    ),
    ("labbook.js", include_str!("../../templates/labbook.js")),
    ("code.js", include_str!("../../templates/code.js")),
    ("figures.js", include_str!("../../templates/figures.js")),
    ("search.js", include_str!("../../templates/search.js")),
];

/// What built-in files are made of. They lie in `templates/` as a book's own do, and are none: labbook's own book has them.
const SOURCES: [&str; 12] = [
    "css/tokens.css",
    "css/frame.css",
    "css/prose.css",
    "css/math.css",
    "css/code.css",
    "css/containers.css",
    "css/elements.css",
    "css/pages.css",
    "css/print.css",
    "epub.css",
    "words/en.toml",
    "words/zh.toml",
];

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("templates/{template}{}: {message}", line.map(|l| format!(":{l}")).unwrap_or_default())]
pub struct Error {
    /// Its name below `templates/`.
    pub template: String,
    /// The line at fault, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

/// A complete set of templates, style and script.
#[derive(Debug)]
pub struct Templates {
    tera: Tera,
    texts: BTreeMap<String, String>,
    lexicon: Lexicon,
}

impl Templates {
    /// The built-in set with `own` (name → text, from the book's `templates/`) in place of or beside it.
    ///
    /// # Errors
    /// If a template cannot be parsed or extends one that is not there.
    pub fn new(own: &BTreeMap<String, String>) -> Result<Self, Error> {
        let mut texts: BTreeMap<String, String> =
            BUILT_IN.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
        let is_own = |name: &&String| !SOURCES.contains(&name.as_str());
        texts.extend(own.iter().filter(|(name, _)| is_own(name)).map(|(name, text)| (name.clone(), text.clone())));
        let mut tera = Tera::default();
        tera.set_escape_fn(html::escape);
        let pages = texts.iter().filter(|(name, _)| is_template(name));
        tera.add_raw_templates(pages).map_err(|e| error(&e, None, &texts))?;
        let words = own.iter().filter_map(|(name, text)| Some((language_of(name)?, text.as_str())));
        let lexicon = Lexicon::new(&words.collect())?;
        Ok(Self { tera, texts, lexicon })
    }

    /// The words of the interface.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Files that go into the output as they are: all that are neither pages nor words.
    pub fn assets(&self) -> impl Iterator<Item = (&str, &str)> {
        let assets = self.texts.iter().filter(|(name, _)| !is_template(name) && language_of(name).is_none());
        assets.map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Fills in one template.
    ///
    /// # Errors
    /// If it asks for what `context` does not have.
    pub fn fill(&self, template: &str, context: &impl Serialize) -> Result<String, Error> {
        let context = tera::Context::from_serialize(context);
        let filled = context.and_then(|context| self.tera.render(template, &context));
        filled.map_err(|e| error(&e, Some(template), &self.texts))
    }
}

fn is_template(name: &str) -> bool {
    name.ends_with(".html")
}

/// Reads the template, the line and the reason out of tera's chain of messages.
fn error(error: &tera::Error, filled: Option<&str>, texts: &BTreeMap<String, String>) -> Error {
    let mut chain = vec![error.to_string()];
    let mut source = error.source();
    while let Some(deeper) = source {
        chain.push(deeper.to_string());
        source = deeper.source();
    }
    // The last message that names a template names the one at fault: the others include or extend it.
    let named = chain.iter().rev().find_map(|message| texts.keys().find(|name| mentions(message, name)));
    let template = named.map_or_else(|| filled.unwrap_or("?").to_owned(), Clone::clone);
    let whole = chain.join("\n");
    let line = place(&whole).or_else(|| line_of(chain.last()?, texts.get(&template)?));
    let last = chain.last().map_or("", String::as_str);
    let reason = last.rsplit_once("= ").map_or(last, |(_, reason)| reason);
    Error { template, line, message: reason.lines().next().unwrap_or("").trim().to_owned() }
}

fn mentions(message: &str, name: &str) -> bool {
    ['\'', '"', '`'].iter().any(|quote| message.contains(&format!("{quote}{name}{quote}")))
}

/// The line of `--> 3:5`, which parse errors carry.
fn place(message: &str) -> Option<usize> {
    message.split_once("--> ")?.1.split_once(':')?.0.parse().ok()
}

/// The line of the first name in backticks or quotes that stands in the text, for errors that leave the place out.
fn line_of(message: &str, text: &str) -> Option<usize> {
    let names = message.split(['`', '\'']).skip(1).step_by(2);
    names.filter_map(|name| text.lines().position(|line| line.contains(name))).map(|index| index + 1).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::theme::sight::contrast;

    fn own(name: &str, text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), text.to_owned())])
    }

    #[test]
    fn files_of_a_book_are_published_and_sources_of_built_in_ones_are_not() {
        let own = BTreeMap::from(
            ["css/print.css", "css/mine.css", "words/zh.toml", "mine.js"].map(|name| (name.to_owned(), String::new())),
        );
        let templates = Templates::new(&own).unwrap();
        let names: Vec<&str> = templates.assets().map(|(name, _)| name).collect();
        assert!(names.contains(&"css/mine.css") && names.contains(&"mine.js"), "{names:?}");
        assert!(!names.contains(&"css/print.css") && !names.contains(&"words/zh.toml"), "{names:?}");
    }

    #[test]
    fn a_broken_template_names_its_file_and_line() {
        let check = |text: &str, expected: &str| {
            let made = Templates::new(&own("card.html", text));
            let failed = made.and_then(|t| t.fill("card.html", &BTreeMap::from([("card", 1)])));
            assert_eq!(failed.unwrap_err().to_string(), expected);
        };
        check("<p>\n{% if %}", "templates/card.html:2: expected a value that can be negated");
        check(
            "<p>\n\n{{ crad.id }}",
            "templates/card.html:3: Variable `crad.id` not found in context while rendering 'card.html'",
        );
        check(
            "{% extends \"none.html\" %}",
            "templates/card.html:1: Template 'card.html' is inheriting from 'none.html', which doesn't exist or isn't loaded.",
        );
    }

    /// The light and the dark value of a colour of the style.
    fn pair(css: &str, name: &str) -> [u32; 2] {
        let (_, value) = css.split_once(&format!("--{name}: light-dark(#")).unwrap_or_else(|| panic!("no --{name}"));
        let value: Vec<&str> = value.split(')').next().unwrap().split(", #").collect();
        [value[0], value[1]].map(|hex| u32::from_str_radix(hex, 16).unwrap())
    }

    /// `color-mix(in srgb, a 12%, b)`
    fn tinted(a: u32, b: u32) -> u32 {
        let channel = |shift: u32| {
            let of = |rgb: u32| f64::from((rgb >> shift) & 0xff);
            (0.12 * of(a) + 0.88 * of(b) + 0.5) as u32
        };
        (channel(16) << 16) | (channel(8) << 8) | channel(0)
    }

    #[test]
    fn code_is_readable_in_both_themes_and_on_marked_lines() {
        let templates = Templates::new(&BTreeMap::new()).unwrap();
        let (_, css) = templates.assets().find(|(name, _)| *name == "labbook.css").unwrap();
        let kinds: BTreeMap<&str, ()> =
            css.split("--code-").skip(1).map(|t| (t.split([':', ')']).next().unwrap(), ())).collect();
        assert!(kinds.len() >= 9, "{kinds:?}");
        let (shade, link) = (pair(css, "shade"), pair(css, "link"));
        for kind in kinds.keys() {
            for (theme, color) in pair(css, &format!("code-{kind}")).into_iter().enumerate() {
                let grounds = [shade[theme], tinted(link[theme], shade[theme])];
                let least = grounds.map(|ground| contrast(color, ground)).into_iter().fold(f64::INFINITY, f64::min);
                assert!(least >= 4.5, "--code-{kind}, theme {theme}: {least:.2}");
            }
        }
        for class in crate::highlight::Class::ALL {
            assert!(css.contains(&format!(".{}", class.name())), "{class:?} has no colour");
        }
    }

    #[test]
    fn own_files_replace_and_add() {
        let templates = Templates::new(&own("labbook.css", "body {}")).unwrap();
        assert!(templates.assets().any(|asset| asset == ("labbook.css", "body {}")));
        let templates = Templates::new(&own("house.css", "b {}")).unwrap();
        let names: Vec<_> = templates.assets().map(|(name, _)| name).collect();
        assert_eq!(names, ["code.js", "figures.js", "house.css", "labbook.css", "labbook.js", "search.js"]);
    }
}
