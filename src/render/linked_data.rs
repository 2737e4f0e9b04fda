//! What a page is, for programs: schema.org in JSON-LD, to stand in a page's head.
//!
//! Addresses are relative, as everywhere in the output: a program resolves them against the page's own.

use serde_json::{Value as Json, json};

use super::number::{self, Place};
use super::prose::Setting;
use super::{Book, Chapter, Provenance, address};

const CONTEXT: &str = "https://schema.org";

/// The title page: a book and its chapters.
pub fn of_title(setting: Setting<'_>, language: &str, page: &str) -> String {
    let chapters = setting.book.chapters.iter().zip(&setting.atlas.places);
    let own = chapters.filter(|(chapter, _)| chapter.language == language);
    let parts = own.map(|(chapter, place)| {
        let mut part = json!({
            "@type": "Chapter",
            "name": chapter.title,
            "url": address::relative(page, &place.page),
        });
        with(&mut part, "position", position(place));
        part
    });
    let mut data = book(setting.book, language, &address::relative(page, page));
    data["hasPart"] = parts.collect();
    data["inLanguage"] = json!(language);
    with(&mut data, "description", setting.book.description_in(language));
    with(&mut data, "datePublished", setting.book.date.as_ref());
    with(&mut data, "license", setting.book.licence.as_ref());
    in_script(data)
}

/// The page of a chapter.
pub fn of_chapter(setting: Setting<'_>, chapter: &Chapter, place: &Place) -> String {
    let home = number::page_path(setting.book, &chapter.language, "index");
    let mut data = json!({
        "@type": "Chapter",
        "inLanguage": chapter.language,
        "isPartOf": book(setting.book, &chapter.language, &address::relative(&place.page, &home)),
        "name": chapter.title,
    });
    with(&mut data, "position", position(place));
    with(&mut data, "author", persons(&chapter.authors).as_ref());
    with(&mut data, "datePublished", chapter.date.as_ref());
    with(&mut data, "description", chapter.description.as_ref());
    in_script(data)
}

/// The colophon: a page about the program that made the book.
pub fn of_colophon(setting: Setting<'_>, language: &str, page: &str) -> String {
    let home = number::page_path(setting.book, language, "index");
    in_script(json!({
        "@type": "WebPage",
        "inLanguage": language,
        "isPartOf": book(setting.book, language, &address::relative(page, &home)),
        "mentions": software(&setting.book.version),
    }))
}

/// The provenance page of something that has data: a dataset, and where its files are.
pub fn of_provenance(setting: Setting<'_>, of: &Provenance, page: &str) -> Option<String> {
    let files = [(&of.files.csv, "text/csv"), (&of.files.json, "application/json"), (&of.files.svg, "image/svg+xml")];
    let files = files.into_iter().filter_map(|(path, format)| Some((path.as_ref()?, format)));
    let distribution: Vec<Json> = files
        .map(|(path, format)| {
            let url = address::relative(page, path);
            json!({ "@type": "DataDownload", "contentUrl": url, "encodingFormat": format })
        })
        .collect();
    if distribution.is_empty() {
        return None;
    }
    let language = number::languages(setting.book)[0];
    let home = number::page_path(setting.book, language, "index");
    Some(in_script(json!({
        "@type": "Dataset",
        "creator": software(&setting.book.version),
        "description": format!("The data behind the {} {} of {}.", of.kind, of.id, setting.book.title),
        "distribution": distribution,
        "isPartOf": book(setting.book, language, &address::relative(page, &home)),
        "name": of.id,
    })))
}

fn book(book: &Book, language: &str, url: &str) -> Json {
    let mut data = json!({ "@type": "Book", "name": book.title_in(language), "url": url });
    with(&mut data, "author", persons(&book.authors).as_ref());
    data
}

fn software(version: &str) -> Json {
    json!({
        "@type": "SoftwareApplication",
        "applicationCategory": "DeveloperApplication",
        "name": "labbook",
        "softwareVersion": version,
    })
}

/// A chapter's number: an integer where it is one.
fn position(place: &Place) -> Option<Json> {
    let number = place.number.as_str();
    (!number.is_empty()).then(|| number.parse::<usize>().map_or_else(|_| json!(number), |number| json!(number)))
}

fn persons(names: &[String]) -> Option<Json> {
    let persons = names.iter().map(|name| json!({ "@type": "Person", "name": name }));
    (!names.is_empty()).then(|| persons.collect())
}

fn with<T: serde::Serialize>(data: &mut Json, key: &str, value: Option<T>) {
    if let Some(value) = value {
        data[key] = json!(value);
    }
}

/// As it may stand between script tags: nothing in it can end them, or be taken for markup.
fn in_script(mut data: Json) -> String {
    data["@context"] = json!(CONTEXT);
    data.to_string().replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_script_it_stands_in() {
        let title = "</script><b>&amp;\u{2028}\"";
        let text = in_script(json!({ "name": title }));
        assert!(!text.contains(['<', '>', '&']), "{text}");
        let back: Json = serde_json::from_str(&text).expect("it is JSON still");
        assert_eq!(back, json!({ "@context": CONTEXT, "name": title }));
    }
}
