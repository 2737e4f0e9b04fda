use proptest::prelude::*;

use super::*;
use crate::diagnostic::{FileId, Span, Spanned};
use crate::experiment::config;
use crate::markdown::CitedWork;

const WORKS: &str = r#"
@article{nair, author = {Nair, Vinod and Hinton, Geoffrey E.}, title = {Rectified <Units> of $x^2$}, year = {2010}, journal = {ICML}, url = {https://a.b/c?d&e}}
@article{he, author = {He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian}, title = {Delving Deep}, year = {2015}, journal = {ICCV}}
@book{nielsen, author = {Nielsen, Michael A.}, title = {Neural Networks}, year = {2015}, publisher = {Determination Press}}
"#;

/// The bibliography of a book with one file of works, and what is wrong with it.
fn opened(works: &str, style: &str) -> (Option<Bibliography>, Vec<String>) {
    let root = tempfile::tempdir().unwrap();
    crate::files::write(&root.path().join("references.bib"), works.as_bytes()).unwrap();
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let text = format!("[book]\ntitle = \"A\"\nbibliography = \"references.bib\"\n{style}");
    let file = sources.add("labbook.toml", text);
    let config = config::read(file, &sources, &mut diagnostics);
    let read = read(root.path(), &config, &mut sources, &mut diagnostics);
    let tell = |d: &&Diagnostic| {
        let place = d.span.map_or(String::new(), |span| {
            let at = crate::diagnostic::line_column(&sources, span);
            format!("{}:{}:{}: ", sources.get(span.file).path, at.line, at.column)
        });
        format!("{place}{}{}", d.message, d.hint.as_ref().map_or(String::new(), |hint| format!(" | {hint}")))
    };
    (read, diagnostics.sorted().iter().map(tell).collect())
}

fn cite(form: CiteForm, works: &[(&str, Option<&str>)], file: FileId) -> Cite {
    let span = Span::new(file, 0..0);
    let work = |(key, locator): &(&str, Option<&str>)| CitedWork {
        key: Spanned { value: (*key).to_owned(), span },
        locator: locator.map(str::to_owned),
    };
    Cite { works: works.iter().map(work).collect(), form, span }
}

/// A citation: its form, and keys with places in the works.
type Asked<'a> = (CiteForm, &'a [(&'a str, Option<&'a str>)]);

/// Citations in short: works in brackets.
fn written(style: &str, language: &str, cites: &[Asked<'_>]) -> (Vec<String>, Vec<Work>) {
    let (bibliography, told) = opened(WORKS, style);
    assert_eq!(told, Vec::<String>::new());
    let file = Sources::default().add("a", "");
    let cites: Vec<Cite> = cites.iter().map(|(form, works)| cite(*form, works, file)).collect();
    let written = bibliography.unwrap().cite(language, &cites.iter().collect::<Vec<_>>());
    let show = |citation: &Citation| {
        let parts = citation.parts.iter().map(|part| match part {
            CitationPart::Text(html) => html.clone(),
            CitationPart::Work { key, html } => format!("[{key}: {html}]"),
        });
        parts.collect::<String>()
    };
    (written.citations.iter().map(show).collect(), written.works)
}

#[test]
fn authors_and_years_stand_beside_and_within_a_sentence() {
    let cites: [Asked<'_>; 3] = [
        (CiteForm::Bracketed, &[("nielsen", Some("p. 3")), ("he", None)]),
        (CiteForm::Prose, &[("nair", None)]),
        (CiteForm::Bracketed, &[("nair", Some("the end"))]),
    ];
    let (citations, works) = written("", "en", &cites);
    let expected = [
        "([he: He et al., 2015]; [nielsen: Nielsen, 2015, p. 3])",
        "[nair: Nair &amp; Hinton (2010)]",
        "([nair: Nair &amp; Hinton, 2010, the end])",
    ];
    assert_eq!(citations, expected);
    let keys: Vec<_> = works.iter().map(|work| work.key.as_str()).collect();
    assert_eq!(keys, ["he", "nair", "nielsen"]);
    assert!(works[1].html.contains("&lt;Units&gt; of <math>"), "{}", works[1].html);
    assert!(works[1].html.contains("<a href=\"https://a.b/c?d&amp;e\">"), "{}", works[1].html);
    assert!(works[1].text.contains("Rectified <Units>"), "{}", works[1].text);
}

#[test]
fn numbers_go_by_the_order_of_reading_and_words_by_the_language() {
    let cites: [Asked<'_>; 2] =
        [(CiteForm::Bracketed, &[("nielsen", Some("p. 3"))]), (CiteForm::Prose, &[("he", None)])];
    let (citations, works) = written("citation-style = \"ieee\"", "en", &cites);
    assert_eq!(citations, ["[nielsen: [1, p. 3]]", "[he: K. He, X. Zhang, S. Ren, and J. Sun [2]]"]);
    assert_eq!(works[0].label.as_deref(), Some("[1]"));
    let (citations, _) = written("", "zh", &cites);
    assert_eq!(citations[1], "[he: He 等 (2015)]");
}

#[test]
fn mistakes_in_works_and_styles_have_their_place() {
    let check = |works: &str, style: &str, expected: &str| assert_eq!(opened(works, style).1, [expected], "{works}");
    check("@article{a,\n  title = {b\n", "", "references.bib:3:1: this is not BibTeX: unexpected end of file");
    check(
        "@article{a, year = {2000}}\n@book{a, year = {2001}}",
        "",
        "references.bib:2:1: this is not BibTeX: duplicate key \"a\"",
    );
    let unknown = "labbook.toml:4:18: there is no citation style `ieeee` | did you mean `ieee`?";
    check(WORKS, "citation-style = \"ieeee\"", unknown);
    let notes = "labbook.toml:4:18: the style `chicago-notes` cites in footnotes, and labbook does so in the text \
                 | `apa`, `ieee` and `chicago-author-date` cite in the text";
    check(WORKS, "citation-style = \"chicago-notes\"", notes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_file_of_works_stops_a_book(at in 0..WORKS.len(), with in "[@{}\",=#\\\\$%a1é\\n]{0,4}") {
        let at = WORKS.floor_char_boundary(at);
        let (bibliography, _) = opened(&(WORKS[..at].to_owned() + &with + &WORKS[at..]), "");
        let bibliography = bibliography.unwrap();
        let keys: Vec<String> = bibliography.library.keys().map(str::to_owned).collect();
        let file = Sources::default().add("a", "");
        let cites: Vec<Cite> = keys.iter().map(|key| cite(CiteForm::Bracketed, &[(key, Some("3"))], file)).collect();
        let written = bibliography.cite("en", &cites.iter().collect::<Vec<_>>());
        prop_assert_eq!(written.works.len(), keys.len());
    }
}
