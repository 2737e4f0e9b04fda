//! `labbook.toml`, or mdBook's `book.toml`, → a [`Config`].

use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::words;
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources, Span, Spanned, did_you_mean};
use crate::fields::{self, Entry, Fields, Table, Value};

/// What `labbook.toml` says.
#[derive(Debug, Clone)]
pub struct Config {
    /// The book's title, in its first language.
    pub title: String,
    /// Its title in other languages that have one of their own.
    pub titles: BTreeMap<String, String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// A sentence about it, in its first language.
    pub description: Option<String>,
    /// The same in other languages.
    pub descriptions: BTreeMap<String, String>,
    /// When it is published: `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Under which licence: a name or an address.
    pub licence: Option<String>,
    /// Where on the web its title page will stand, with a `/` at the end.
    pub url: Option<String>,
    /// Languages; chapters without one in their name are in the first.
    pub languages: Vec<String>,
    /// Whether HTML of the chapters that could run or load anything is left out.
    pub safe: bool,
    /// The folder of the chapters, relative to the book's root.
    pub chapters: String,
    /// The files of the works that it cites, relative to the book's root.
    pub bibliography: Vec<Spanned<String>>,
    /// How it cites: a name of a style, or a `.csl` file of the book.
    pub citation_style: Option<Spanned<String>>,
    /// The output folder, relative to the book's root.
    pub output: String,
    /// The profile of a build that names none.
    pub profile: Option<String>,
    /// The profiles.
    pub profiles: BTreeMap<String, Profile>,
    /// How claims are tested.
    pub claims: Test,
}

/// How the book's claims are tested: `[claims]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// The confidence level of intervals, and of verdicts: at 0.95, a quantity that lies exactly at its margin gets a
    /// verdict one time in twenty.
    pub level: f64,
    /// Where intervals come from.
    pub method: Method,
    /// What becomes of the level where there are several claims.
    pub correction: Correction,
}

impl Test {
    /// The whole of it on one line.
    pub fn words(&self) -> String {
        let Self { level, method, correction } = self;
        format!("method {}, level {level}, correction {}", method.word(), correction.word())
    }
}

/// Where a claim's interval comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Student's t over the seeds.
    T,
    /// Resampled seeds, from a fixed random stream.
    Bootstrap,
}

/// What becomes of the level where a book makes several claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Correction {
    /// It holds for each claim by itself.
    None,
    /// It holds for all verdicts of the book together (Holm 1979).
    Holm,
}

/// The names of the methods.
const METHODS: &[(&str, Method)] = &[("t", Method::T), ("bootstrap", Method::Bootstrap)];
/// The names of the corrections.
const CORRECTIONS: &[(&str, Correction)] = &[("none", Correction::None), ("holm", Correction::Holm)];

impl Default for Test {
    fn default() -> Self {
        Self { level: 0.95, method: Method::T, correction: Correction::None }
    }
}

impl Method {
    /// As it is written.
    pub fn word(self) -> &'static str {
        METHODS.iter().find(|m| m.1 == self).expect("every method is in the table").0
    }
}

impl Correction {
    /// As it is written.
    pub fn word(self) -> &'static str {
        CORRECTIONS.iter().find(|c| c.1 == self).expect("every correction is in the table").0
    }
}

/// What a profile overrides.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// Number of seeds of every experiment.
    pub seeds: Option<u64>,
    /// Epochs of every training.
    pub epochs: Option<u32>,
    /// Keys of single experiments: `seeds`, `sweep`, `train`, `tune`.
    pub experiments: BTreeMap<String, Table>,
}

impl Profile {
    /// Those that a book may have.
    pub const NAMES: [&'static str; 2] = ["quick", "full"];
}

impl Default for Config {
    fn default() -> Self {
        Self {
            title: String::new(),
            titles: BTreeMap::new(),
            authors: Vec::new(),
            description: None,
            descriptions: BTreeMap::new(),
            date: None,
            licence: None,
            url: None,
            languages: vec!["en".to_owned()],
            safe: false,
            chapters: "chapters".into(),
            bibliography: Vec::new(),
            citation_style: None,
            output: "output".into(),
            profile: None,
            profiles: BTreeMap::new(),
            claims: Test::default(),
        }
    }
}

/// Reads mdBook's `book.toml`: its table `[book]`. All else there is for mdBook. A book without a title has the name `name`.
pub fn read_mdbook(file: FileId, name: &str, sources: &Sources, diagnostics: &mut Diagnostics) -> Config {
    let mut config = Config { title: name.to_owned(), chapters: "src".into(), ..Config::default() };
    let text = sources.get(file).text.clone();
    let Some(table) = fields::parse(&text, &|range| Span::new(file, range), diagnostics) else { return config };
    let mut top = Fields::new(&table, "`book.toml`", Span::new(file, 0..0), diagnostics);
    if let Some(mut book) = top.table("book") {
        config.title = book.string("title").or(config.title);
        config.authors = words(book.strings("authors").or(Vec::new()));
        config.description = book.string("description").optional();
        config.languages = book.string("language").optional().map_or(config.languages, |language| vec![language]);
        config.chapters = folder(&mut book, "src").unwrap_or(config.chapters);
    }
    config
}

/// Reads `labbook.toml`.
pub fn read(file: FileId, sources: &Sources, diagnostics: &mut Diagnostics) -> Config {
    let text = sources.get(file).text.clone();
    let mut config = Config::default();
    let Some(table) = fields::parse(&text, &|range| Span::new(file, range), diagnostics) else { return config };
    let start = Span::new(file, 0..0);
    let mut top = Fields::new(&table, "`labbook.toml`", start, diagnostics);
    if let Some(book) = top.table("book") {
        read_book(book, &mut config);
    } else if !top.has("book") {
        let diagnostic = Diagnostic::error(start, "`labbook.toml` needs a table `[book]` with a `title`");
        top.diagnostics().push(diagnostic.hint("write `[book]` and below it `title = \"…\"`"));
    }
    if let Some(mut output) = top.table("output") {
        config.output = folder(&mut output, "dir").unwrap_or(config.output);
        output.finish();
    }
    if let Some(profiles) = top.table("profile") {
        config.profiles = read_profiles(profiles);
    }
    if let Some(claims) = top.table("claims") {
        config.claims = read_claims(claims);
    }
    top.finish();
    config
}

fn read_book(mut fields: Fields<'_>, config: &mut Config) {
    config.authors = words(fields.strings("authors").or(Vec::new()));
    config.date = fields.date("date").optional();
    config.licence = fields.string("licence").optional();
    config.url = fields
        .string("url")
        .example("\"https://example.org/book/\"")
        .check(|url| is_address(url))
        .optional()
        .map(folded);
    if let Some(languages) = fields.strings("languages").not_empty().optional() {
        config.languages = words(languages);
    }
    if fields.has("title") {
        let title = by_language("title", &config.languages, &mut fields);
        (config.title, config.titles) = title.unwrap_or_default();
    } else {
        fields.string("title").example("\"My book\"").required();
    }
    if let Some((description, others)) = by_language("description", &config.languages, &mut fields) {
        (config.description, config.descriptions) = (Some(description), others);
    }
    if let Some(chapters) = folder(&mut fields, "chapters") {
        config.chapters = chapters;
    }
    config.bibliography = match fields.value("bibliography").spanned() {
        Some(Spanned { value: Value::String(file), span }) => vec![Spanned { value: file, span }],
        _ => fields.strings("bibliography").or(Vec::new()),
    };
    config.safe = fields.boolean("safe").or(false);
    config.citation_style = fields.string("citation-style").spanned();
    config.profile = fields.one_of("profile", &Profile::NAMES.map(|n| (n, n))).optional().map(str::to_owned);
    fields.finish();
}

fn is_address(url: &str) -> Result<(), String> {
    let is_address = url.starts_with("https://") || url.starts_with("http://");
    if is_address { Ok(()) } else { Err("must be an address on the web: `https://…`".to_owned()) }
}

/// The address of a folder.
fn folded(url: String) -> String {
    format!("{}/", url.trim_end_matches('/'))
}

/// A text, or a table with one for each of the book's languages: that of the first one, and the others.
fn by_language(
    key: &'static str,
    languages: &[String],
    fields: &mut Fields<'_>,
) -> Option<(String, BTreeMap<String, String>)> {
    let Some(Entry { value: Spanned { value: Value::Table(table), span }, .. }) = fields.entry(key) else {
        return fields.string(key).optional().map(|text| (text, BTreeMap::new()));
    };
    let mut texts = BTreeMap::new();
    for Entry { key: language, value } in &table.entries {
        match &value.value {
            Value::String(text) if languages.contains(&language.value) => {
                texts.insert(language.value.clone(), text.clone());
            }
            Value::String(_) => {
                let names: Vec<&str> = languages.iter().map(String::as_str).collect();
                let message = format!("`{}` is no language of the book", language.value);
                let diagnostic = Diagnostic::error(language.span, message);
                fields.diagnostics().push(diagnostic.hint(did_you_mean(&language.value, &names)));
            }
            other => {
                let message = format!("`{key}` in a language must be a string, not {}", other.kind());
                fields.diagnostics().push(Diagnostic::error(value.span, message));
            }
        }
    }
    let first = languages.first().and_then(|first| texts.remove(first));
    if first.is_none() {
        let first = languages.first().map_or("en", String::as_str);
        let diagnostic = Diagnostic::error(*span, format!("`{key}` is missing in the book's first language"));
        fields.diagnostics().push(diagnostic.hint(format!("add `{first} = \"…\"`")));
    }
    Some((first?, texts))
}

fn read_claims(mut fields: Fields<'_>) -> Test {
    let usual = Test::default();
    let test = Test {
        level: fields.float("level").at_least(0.5).below(1.0).or(usual.level),
        method: fields.one_of("method", METHODS).or(usual.method),
        correction: fields.one_of("correction", CORRECTIONS).or(usual.correction),
    };
    fields.finish();
    test
}

/// A folder within the book.
fn folder(fields: &mut Fields<'_>, key: &'static str) -> Option<String> {
    let inside = |folder: &String| {
        let mut parts = Path::new(folder).components();
        let inside = !folder.is_empty() && parts.all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        if inside { Ok(()) } else { Err("must be a relative path within the book's folder".to_owned()) }
    };
    fields.string(key).check(inside).optional()
}

fn read_profiles(mut fields: Fields<'_>) -> BTreeMap<String, Profile> {
    let mut profiles = BTreeMap::new();
    for name in Profile::NAMES {
        let Some(mut inner) = fields.table(name) else { continue };
        let mut profile = Profile {
            seeds: inner.count("seeds").at_least(1.0).at_most(10_000.0).optional(),
            epochs: inner.read("epochs").at_least(1.0).optional(),
            experiments: BTreeMap::new(),
        };
        if let Some(experiments) = inner.table("experiment") {
            profile.experiments = read_overrides(name, experiments);
        }
        inner.finish();
        profiles.insert(name.to_owned(), profile);
    }
    fields.finish();
    profiles
}

fn read_overrides(profile: &str, mut fields: Fields<'_>) -> BTreeMap<String, Table> {
    let mut overrides = BTreeMap::new();
    for Entry { key, value } in fields.rest() {
        match &value.value {
            Value::Table(table) => drop(overrides.insert(key.value.clone(), table.clone())),
            _ => fields.diagnostics().push(
                Diagnostic::error(value.span, "what a profile changes of an experiment is a table")
                    .hint(format!("for example `[profile.{profile}.experiment.{}]`, below it `seeds = 2`", key.value)),
            ),
        }
    }
    overrides
}
