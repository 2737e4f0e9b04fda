//! All chapters of one language on one page: to print, to read without a break, to make a PDF of.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::prose::Setting;
use super::tags::{self, Attribute};
use super::templates::Error;
use super::{Output, Written, address, html, number, works};

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
    bibliography: Option<BibliographyContext>,
}

/// The works cited, after the last chapter.
#[derive(Serialize)]
struct BibliographyContext {
    anchor: String,
    list: String,
}

/// What stands for the name of a chapter in the anchors of the works cited.
const WORKS: &str = ".bibliography";

#[derive(Serialize)]
struct ChapterContext<'a> {
    /// Its anchor; those of what it holds begin with it and a dot.
    anchor: String,
    /// The same in a link.
    link: String,
    label: Option<String>,
    heading: String,
    title: &'a str,
    number: &'a str,
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
    let mut pages: BTreeMap<&str, &str> =
        own.iter().map(|written| (written.place.page.as_str(), written.chapter.slug.as_str())).collect();
    let works_page = works::page(setting, language);
    pages.insert(&works_page, WORKS);
    let bibliography = works::of(setting, language).map(|works| BibliographyContext {
        anchor: format!("c.{WORKS}"),
        list: Move { from: &works_page, to: &path, slug: WORKS, pages: &pages }.body(&works::list(
            setting,
            works,
            &works_page,
        )),
    });
    let chapters = own.iter().map(|written| ChapterContext {
        anchor: format!("c.{}", written.chapter.slug),
        link: address::encode(&format!("c.{}", written.chapter.slug)),
        label: Some(&written.place.number).filter(|n| !n.is_empty()).map(|number| words.numbered("chapter", number)),
        heading: written.prose.title.clone().unwrap_or_else(|| html::escape(&written.chapter.title)),
        title: &written.chapter.title,
        number: &written.place.number,
        subtitle: written.chapter.subtitle.as_deref(),
        body: mark(written),
    });
    let context = WholeContext {
        language,
        words: words.table(),
        root: address::relative(&path, ""),
        version: &book.version,
        title: book.title_in(language),
        authors: book.authors.join(words.comma()),
        description: book.description_in(language),
        home: address::relative(&path, &number::page_path(book, language, "index")),
        chapters: chapters.collect(),
        bibliography,
    };
    let mut page = setting.templates.fill("print.html", &context)?;
    drop(context);
    // A large book would lie in memory several times if the template were handed its text.
    let bodies = own.par_iter().map(|written| {
        let (from, slug) = (&written.place.page, &written.chapter.slug);
        (mark(written), Move { from, to: &path, slug, pages: &pages }.body(&written.prose.body))
    });
    page = filled(&page, &bodies.collect::<Vec<_>>());
    Ok(Output { path, bytes: page.into_bytes() })
}

/// What stands for the body of a chapter until the template is filled in. No text has a character of this kind.
fn mark(written: &Written<'_>) -> String {
    format!("\u{fdd0}{}\u{fdd1}", written.chapter.slug)
}

/// A page with the bodies in the places of their marks.
fn filled(page: &str, bodies: &[(String, String)]) -> String {
    let bodies: BTreeMap<&str, &str> = bodies.iter().map(|(mark, body)| (mark.as_str(), body.as_str())).collect();
    let mut out = String::with_capacity(page.len() + bodies.values().map(|body| body.len()).sum::<usize>());
    let mut rest = page;
    while let Some(start) = rest.find('\u{fdd0}') {
        let end = rest[start..].find('\u{fdd1}').map_or(rest.len(), |at| start + at + '\u{fdd1}'.len_utf8());
        out.push_str(&rest[..start]);
        out.push_str(bodies.get(&rest[start..end]).copied().unwrap_or(&rest[start..end]));
        rest = &rest[end..];
    }
    out + rest
}

/// Where a chapter is written a second time.
struct Move<'a> {
    /// The chapter's own page.
    from: &'a str,
    /// The page of the whole book.
    to: &'a str,
    /// The chapter.
    slug: &'a str,
    /// The pages of all chapters, and their slugs.
    pages: &'a BTreeMap<&'a str, &'a str>,
}

impl Move<'_> {
    /// A chapter's body for a page that holds others too: its anchors begin with `c.` and its slug, links between chapters
    /// stay on the page, and all others lead where they led.
    fn body(&self, body: &str) -> String {
        let own = |id: &str| format!("c.{}.{id}", self.slug);
        tags::with_values(body, &mut |attribute: &Attribute<'_>| match attribute.key.as_str() {
            "id" | "for" => Some(own(&attribute.value)),
            "aria-labelledby" | "aria-describedby" | "aria-controls" => {
                Some(attribute.value.split_whitespace().map(own).collect::<Vec<_>>().join(" "))
            }
            "href" | "xlink:href" => self.link(&attribute.value),
            "src" | "poster" => self.file(&attribute.value),
            _ => None,
        })
    }

    fn link(&self, href: &str) -> Option<String> {
        let (page, anchor) = href.split_once('#').map_or((href, None), |(page, anchor)| (page, Some(anchor)));
        let slug = match page {
            "" => anchor.filter(|anchor| !anchor.is_empty()).map(|_| self.slug),
            _ => self.target(page).and_then(|target| self.pages.get(target.as_str()).copied()),
        };
        match (slug.map(address::encode), anchor) {
            (Some(slug), Some(anchor)) => Some(format!("#c.{slug}.{anchor}")),
            (Some(slug), None) => Some(format!("#c.{slug}")),
            (None, _) => self.file(href),
        }
    }

    /// The link to a file beside the pages.
    fn file(&self, href: &str) -> Option<String> {
        let (path, rest) = address::split(href);
        if path.is_empty() || address::folder(self.from) == address::folder(self.to) {
            return None;
        }
        Some(address::relative(self.to, &self.target(path)?) + rest)
    }

    /// The file of the output that a link of the chapter's page leads to.
    fn target(&self, path: &str) -> Option<String> {
        let beside = address::is_beside(path).then(|| address::decode(path))?;
        address::resolve(address::folder(self.from), &beside)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_between_chapters_stay_on_the_page() {
        let pages = BTreeMap::from([("two.html", "two"), ("part/three.html", "part/three")]);
        let check = |from, body: &str, expected: &str| {
            let slug = "one";
            assert_eq!(Move { from, to: "print.html", slug, pages: &pages }.body(body), expected);
        };
        check("one.html", "<h2 id=\"a\">", "<h2 id=\"c.one.a\">");
        check("one.html", "<a href=\"#a\">", "<a href=\"#c.one.a\">");
        let both = "<a href=\"#c.two.b\"><a href=\"#c.two\">";
        check("one.html", "<a href=\"two.html#b\"><a href=\"two.html\">", both);
        check("part/one.html", "<a href=\"../two.html#b\"><a href=\"../two.html\">", both);
        check("part/one.html", "<a href=\"three.html\">", "<a href=\"#c.part/three\">");
        check("one.html", "<svg aria-labelledby=\"t d\">", "<svg aria-labelledby=\"c.one.t c.one.d\">");
    }

    #[test]
    fn other_links_lead_where_they_led() {
        let check = |from, body: &str, expected: &str| {
            let pages = BTreeMap::new();
            assert_eq!(Move { from, to: "print.html", slug: "one", pages: &pages }.body(body), expected);
        };
        let elsewhere = "<a href=\"three.html#c\"><a href=\"https://a.b/#c\"><img src=\"files/a.png\">";
        check("one.html", elsewhere, elsewhere);
        let web = "<a href=\"https://a.b/#c\">";
        check("part/one.html", web, web);
        let beside = "<a href=\"../three.html?q#c\"><img src=\"../files/a.png\">";
        check("part/one.html", beside, "<a href=\"three.html?q#c\"><img src=\"files/a.png\">");
    }
}
