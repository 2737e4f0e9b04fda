//! All chapters of one language on one page: to print, to read without a break, to make a PDF of.

use std::collections::BTreeMap;

use serde::Serialize;

use super::prose::Setting;
use super::tags::{self, Attribute};
use super::templates::Error;
use super::{Output, Written, address, html, number};

#[derive(Serialize)]
struct WholeContext<'a> {
    language: &'a str,
    words: &'a BTreeMap<String, String>,
    root: String,
    version: &'a str,
    title: &'a str,
    authors: String,
    description: Option<&'a str>,
    home: String,
    chapters: Vec<ChapterContext<'a>>,
}

#[derive(Serialize)]
struct ChapterContext<'a> {
    /// Its anchor; those of what it holds begin with it and a dot.
    anchor: String,
    /// The same in a link.
    link: String,
    label: String,
    heading: String,
    title: &'a str,
    number: usize,
    subtitle: Option<&'a str>,
    body: String,
}

/// The page of one language.
///
/// # Errors
/// If the template fails.
pub(super) fn page(setting: Setting<'_>, language: &str, written: &[Written<'_>]) -> Result<Output, Error> {
    let book = setting.book;
    let path = number::page_path(book, language, "print");
    let words = setting.words(language);
    let own: Vec<_> = written.iter().filter(|written| written.chapter.language == language).collect();
    let anchors: BTreeMap<String, &str> = own
        .iter()
        .map(|written| (address::relative(&path, &written.place.page), written.chapter.slug.as_str()))
        .collect();
    let chapters = own.into_iter().map(|written| ChapterContext {
        anchor: format!("c.{}", written.chapter.slug),
        link: address::encode(&format!("c.{}", written.chapter.slug)),
        label: words.numbered("chapter", &written.place.number.to_string()),
        heading: written.prose.title.clone().unwrap_or_else(|| html::escape(&written.chapter.title)),
        title: &written.chapter.title,
        number: written.place.number,
        subtitle: written.chapter.subtitle.as_deref(),
        body: joined(&written.prose.body, &written.chapter.slug, &anchors),
    });
    let context = WholeContext {
        language,
        words: words.table(),
        root: address::relative(&path, ""),
        version: &book.version,
        title: &book.title,
        authors: book.authors.join(words.comma()),
        description: book.description.as_deref(),
        home: address::relative(&path, &number::page_path(book, language, "index")),
        chapters: chapters.collect(),
    };
    let page = setting.templates.fill("print.html", &context)?;
    Ok(Output { path, bytes: page.into_bytes() })
}

/// A chapter's body for a page that holds others too: its anchors begin with `c.` and `slug`, and links between chapters stay on
/// the page. Pages of one language lie side by side, so that all other links are right as they stand.
fn joined(body: &str, slug: &str, anchors: &BTreeMap<String, &str>) -> String {
    let own = |id: &str| format!("c.{slug}.{id}");
    tags::with_values(body, &mut |attribute: &Attribute<'_>| match attribute.key.as_str() {
        "id" | "for" => Some(own(&attribute.value)),
        "aria-labelledby" | "aria-describedby" | "aria-controls" => {
            Some(attribute.value.split_whitespace().map(own).collect::<Vec<_>>().join(" "))
        }
        "href" | "xlink:href" => match attribute.value.split_once('#') {
            Some(("", anchor)) if !anchor.is_empty() => Some(format!("#c.{}.{anchor}", address::encode(slug))),
            Some((page, anchor)) => anchors.get(page).map(|slug| format!("#c.{}.{anchor}", address::encode(slug))),
            None => anchors.get(&attribute.value).map(|slug| format!("#c.{}", address::encode(slug))),
        },
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_between_chapters_stay_on_the_page() {
        let anchors = BTreeMap::from([("two.html".to_owned(), "two")]);
        let check = |body: &str, expected: &str| assert_eq!(joined(body, "one", &anchors), expected);
        check("<h2 id=\"a\">", "<h2 id=\"c.one.a\">");
        check("<a href=\"#a\">", "<a href=\"#c.one.a\">");
        check("<a href=\"two.html#b\"><a href=\"two.html\">", "<a href=\"#c.two.b\"><a href=\"#c.two\">");
        check("<svg aria-labelledby=\"t d\">", "<svg aria-labelledby=\"c.one.t c.one.d\">");
        let elsewhere = "<a href=\"three.html#c\"><a href=\"https://a.b/#c\"><img src=\"files/a.png\">";
        check(elsewhere, elsewhere);
    }
}
