//! The book in one language → the files of an EPUB 3 (W3C, EPUB 3.3).
//!
//! The chapters are written as for the pages and made XHTML; what needs a screen or a network is left out. Links that stay in
//! the book lead on, links to the web too; those to files beside the pages become plain text. Packing is the caller's.

mod xhtml;

use std::collections::{BTreeMap, BTreeSet};

use super::contents::Contents;
use super::prose::{self, Setting};
use super::templates::Error;
use super::{Book, Output, Templates, Works, address, html, number, number::Atlas, works};
use crate::figure::theme;
use xhtml::Fate;

/// The look of the text; readers set their own face and size.
const STYLE: &str = include_str!("../../../templates/epub.css");

/// The file of the works cited.
const BIBLIOGRAPHY: &str = "bibliography.xhtml";

/// Pictures that every reader shows.
const PICTURES: [(&str, &str); 6] = [
    (".png", "image/png"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".gif", "image/gif"),
    (".svg", "image/svg+xml"),
    (".webp", "image/webp"),
];

/// One chapter, made.
struct Made {
    name: String,
    title: String,
    text: String,
    properties: &'static str,
}

/// The files in the order in which they have to be packed. `picture` gives the bytes of a file of the book, `modified` the time
/// of its last change as `2026-11-25T00:00:00Z`.
///
/// # Errors
/// If a template fails.
pub fn files(
    book: &Book,
    language: &str,
    templates: &Templates,
    picture: &dyn Fn(&str) -> Option<Vec<u8>>,
    modified: &str,
) -> Result<Vec<Output>, Error> {
    let atlas = &Atlas::of(book);
    let setting = Setting { book, atlas, templates, contents: &Contents::default() };
    let mut pictures = BTreeMap::new();
    let mut chapters = Vec::new();
    for (chapter, place) in book.chapters.iter().zip(&atlas.places).filter(|(c, _)| c.language == language) {
        let prose = prose::write(setting, chapter, place)?;
        for needed in &prose.needed {
            if let Some(bytes) = media_type(&needed.path).and_then(|_| picture(&needed.source)) {
                pictures.insert(needed.path.clone(), bytes);
            }
        }
        let known = pictures.keys().cloned().collect();
        chapters.push(made(setting, chapter, place, &prose, &known));
    }
    chapters.extend(works::of(setting, language).map(|works| bibliography(setting, works)));
    let mut files = vec![
        text("mimetype", "application/epub+zip".to_owned()),
        text("META-INF/container.xml", CONTAINER.to_owned()),
        text("book/package.opf", package(setting, language, &chapters, &pictures, modified)),
        text("book/nav.xhtml", navigation(setting, language, &chapters)),
        text("book/style.css", STYLE.to_owned()),
    ];
    files.extend(chapters.into_iter().map(|made| text(&format!("book/{}", made.name), made.text)));
    files.extend(pictures.into_iter().map(|(path, bytes)| Output { path: format!("book/{path}"), bytes }));
    Ok(files)
}

const CONTAINER: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\">\n\
    <rootfiles><rootfile full-path=\"book/package.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles>\n\
    </container>\n";

fn text(path: &str, text: String) -> Output {
    Output { path: path.to_owned(), bytes: text.into_bytes() }
}

fn media_type(path: &str) -> Option<&'static str> {
    let path = path.to_ascii_lowercase();
    PICTURES.iter().find(|(end, _)| path.ends_with(end)).map(|(_, media)| *media)
}

fn made(
    setting: Setting<'_>,
    chapter: &super::Chapter,
    place: &number::Place,
    prose: &prose::Prose,
    pictures: &BTreeSet<String>,
) -> Made {
    let words = setting.words(&chapter.language);
    let pages = pages(setting, &chapter.language, &place.page);
    let files: BTreeSet<String> = pictures.iter().map(|path| address::relative(&place.page, path)).collect();
    let mut fate = |_: &str, key: &str, value: &str| match key {
        "href" => link(value, &pages),
        // Files lie beside the chapters, wherever the page stood.
        "src" if files.contains(value) => Fate::Replaced(value.trim_start_matches("../").to_owned()),
        "src" | "srcset" if !value.starts_with("data:") => Fate::Dropped,
        // How a browser fetches is nothing to a book that is there whole.
        "loading" | "decoding" => Fate::Dropped,
        key if key.starts_with("on") => Fate::Dropped,
        _ => Fate::Kept,
    };
    let body = xhtml::of(&theme::flattened(&prose.body), &["behind", "anchor"], &mut fate);
    let heading = match &prose.title {
        Some(title) => xhtml::of(title, &[], &mut fate),
        None => html::escape(&chapter.title),
    };
    let label = match place.number.as_str() {
        "" => String::new(),
        number => format!("<p class=\"label\">{}</p>\n", html::escape(&words.numbered("chapter", number))),
    };
    let subtitle =
        chapter.subtitle.as_ref().map_or(String::new(), |s| format!("<p class=\"subtitle\">{}</p>\n", html::escape(s)));
    let inside = format!("<section epub:type=\"chapter\">\n{label}<h1>{heading}</h1>\n{subtitle}{body}</section>\n");
    let properties = match (body.contains("<svg"), body.contains("<math")) {
        (true, true) => " properties=\"mathml svg\"",
        (true, false) => " properties=\"svg\"",
        (false, true) => " properties=\"mathml\"",
        (false, false) => "",
    };
    let text = document(&chapter.language, &chapter.title, &inside);
    Made { name: name(place.ordinal), title: chapter.title.clone(), text, properties }
}

/// The works cited, as the last chapter.
fn bibliography(setting: Setting<'_>, works: &Works) -> Made {
    let page = works::page(setting, &works.language);
    let pages = pages(setting, &works.language, &page);
    let mut fate = |_: &str, key: &str, value: &str| match key {
        "href" => link(value, &pages),
        _ => Fate::Kept,
    };
    let list = xhtml::of(&works::list(setting, works, &page), &[], &mut fate);
    let title = setting.words(&works.language).word("bibliography").to_owned();
    let inside = format!("<section epub:type=\"bibliography\">\n<h1>{}</h1>\n{list}</section>\n", html::escape(&title));
    let properties = if list.contains("<math") { " properties=\"mathml\"" } else { "" };
    Made { name: BIBLIOGRAPHY.to_owned(), text: document(&works.language, &title, &inside), title, properties }
}

/// The links from a page to the chapters of its language, and what they lead to here.
fn pages(setting: Setting<'_>, language: &str, from: &str) -> BTreeMap<String, String> {
    let own = setting.book.chapters.iter().zip(&setting.atlas.places).filter(|(c, _)| c.language == language);
    let chapters = own.map(|(_, other)| (address::relative(from, &other.page), name(other.ordinal)));
    let mut pages: BTreeMap<_, _> = chapters.collect();
    if works::of(setting, language).is_some() {
        pages.insert(address::relative(from, &works::page(setting, language)), BIBLIOGRAPHY.to_owned());
    }
    pages
}

fn name(ordinal: usize) -> String {
    format!("chapter-{ordinal}.xhtml")
}

/// Where a link of a page leads in the book.
fn link(href: &str, pages: &BTreeMap<String, String>) -> Fate {
    if href.starts_with("http:") || href.starts_with("https:") || href.starts_with("mailto:") || href.starts_with('#') {
        return Fate::Kept;
    }
    let (page, anchor) = href.split_once('#').map_or((href, String::new()), |(page, a)| (page, format!("#{a}")));
    pages.get(page).map_or(Fate::Dropped, |name| Fate::Replaced(name.clone() + &anchor))
}

fn document(language: &str, title: &str, body: &str) -> String {
    let (language, title) = (html::escape(language), html::escape(title));
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE html>\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" lang=\"{language}\" \
         xml:lang=\"{language}\">\n<head>\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" type=\"text/css\" href=\"style.css\"/>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

fn navigation(setting: Setting<'_>, language: &str, chapters: &[Made]) -> String {
    let words = setting.words(language);
    let line = |made: &Made| format!("<li><a href=\"{}\">{}</a></li>\n", made.name, html::escape(&made.title));
    let contents = html::escape(words.word("contents"));
    let body = format!(
        "<nav epub:type=\"toc\">\n<h1>{contents}</h1>\n<ol>\n{}</ol>\n</nav>\n",
        chapters.iter().map(line).collect::<String>()
    );
    document(language, setting.book.title_in(language), &body)
}

fn package(
    setting: Setting<'_>,
    language: &str,
    chapters: &[Made],
    pictures: &BTreeMap<String, Vec<u8>>,
    modified: &str,
) -> String {
    let book = setting.book;
    // The same book has the same name wherever it is built.
    let digest = blake3::hash([book.title.as_str(), language].join("\n").as_bytes()).to_hex();
    let mut metadata = format!(
        "<dc:identifier id=\"id\">urn:labbook:{}</dc:identifier>\n<dc:title>{}</dc:title>\n<dc:language>{}</dc:language>\n",
        &digest.as_str()[..32],
        html::escape(book.title_in(language)),
        html::escape(language),
    );
    for author in &book.authors {
        metadata += &format!("<dc:creator>{}</dc:creator>\n", html::escape(author));
    }
    if let Some(description) = book.description_in(language) {
        metadata += &format!("<dc:description>{}</dc:description>\n", html::escape(description));
    }
    let mut manifest = String::from(
        "<item id=\"nav\" href=\"nav.xhtml\" media-type=\"application/xhtml+xml\" properties=\"nav\"/>\n\
         <item id=\"style\" href=\"style.css\" media-type=\"text/css\"/>\n",
    );
    let mut spine = String::new();
    for (index, Made { name, properties, .. }) in chapters.iter().enumerate() {
        manifest +=
            &format!("<item id=\"c{index}\" href=\"{name}\" media-type=\"application/xhtml+xml\"{properties}/>\n");
        spine += &format!("<itemref idref=\"c{index}\"/>\n");
    }
    for (index, path) in pictures.keys().enumerate() {
        let media = media_type(path).unwrap_or("application/octet-stream");
        let href = html::escape(&address::encode(path));
        manifest += &format!("<item id=\"p{index}\" href=\"{href}\" media-type=\"{media}\"/>\n");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\">\n\
         <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n{metadata}\
         <meta property=\"dcterms:modified\">{modified}</meta>\n</metadata>\n\
         <manifest>\n{manifest}</manifest>\n<spine>\n<itemref idref=\"nav\"/>\n{spine}</spine>\n</package>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::{book, chapter};
    use super::*;

    #[test]
    fn chapters_lead_to_each_other_and_to_nothing_outside() {
        let book = book(vec![
            chapter(
                "en",
                "one",
                "# One\n\n[two](two.md#s) [data](../data/d.csv) [web](https://a.b) ![i](i.png) ![no](no.png) a<br>b",
            ),
            chapter("en", "two", "# Two\n\n## S {#s}"),
            chapter("zh", "one", "# 一"),
        ]);
        let templates = Templates::new(&BTreeMap::new()).unwrap();
        let picture = |path: &str| (path == "chapters/i.png").then(|| vec![1]);
        let files = files(&book, "en", &templates, &picture, "2000-01-01T00:00:00Z").unwrap();
        let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
        let expected = ["mimetype", "META-INF/container.xml", "book/package.opf", "book/nav.xhtml", "book/style.css"];
        let chapters = ["book/chapter-1.xhtml", "book/chapter-2.xhtml", "book/files/chapters/i.png"];
        assert_eq!(paths, [&expected[..], &chapters].concat());
        let one = String::from_utf8_lossy(&files[5].bytes);
        let line = "<p><a href=\"chapter-2.xhtml#s\">two</a> <a>data</a> <a href=\"https://a.b\">web</a> \
                    <img src=\"files/chapters/i.png\" alt=\"i\"/> <img alt=\"no\"/> a<br/>b</p>";
        assert!(one.contains(line), "{one}");
    }
}
