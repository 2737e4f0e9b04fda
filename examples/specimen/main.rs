//! Prints a specimen of every page and element into a folder, to look at while working on `templates/`:
//! `cargo run --example specimen -- target/specimen`, then open `index.html` there. Its numbers are made up.

mod elements;

use std::collections::BTreeMap;
use std::path::Path;

use labbook::render::{Book, Chapter, Colophon, ColophonSection, Fact, Output, Piece, Templates, Value, render};
use labbook::site;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/specimen".to_owned());
    let rendered = render(&book(), &Templates::new(&BTreeMap::new())?)?;
    let mut outputs = elements::data_files();
    outputs.extend(rendered.needed.into_iter().map(|file| Output { path: file.path, bytes: Vec::new() }));
    outputs.extend(rendered.outputs);
    for link in &site::check_links(&outputs).0 {
        println!("{}: {}: {}", link.page, link.href, link.reason);
    }
    let done = site::write(&outputs, Path::new(&folder))?;
    println!("{folder}: {} written, {} unchanged, {} removed", done.written.len(), done.unchanged, done.removed.len());
    Ok(())
}

fn book() -> Book {
    Book {
        title: "Why Deep Learning Took Off".to_owned(),
        authors: vec!["Ada Example".to_owned(), "陈实验".to_owned()],
        description: Some(
            "A book that tests by experiment what a popular lecture asserts, on your own machine.".to_owned(),
        ),
        date: Some("2026-01-01".into()),
        licence: Some("CC0-1.0".into()),
        url: Some("https://example.org/book/".into()),
        languages: vec!["en".to_owned(), "zh".to_owned()],
        profile: Some("quick".to_owned()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        chapters: vec![
            chapter("en", "01-scale", "Scale drives progress", include_str!("scale.md")),
            chapter("en", "02-marks", "Every mark on the page, with a rather long title", include_str!("marks.md")),
            chapter("zh", "01-scale", "规模推动进步", include_str!("scale.zh.md")),
        ],
        colophons: vec![colophon()],
        ..Book::default()
    }
}

fn chapter(language: &str, slug: &str, title: &str, markdown: &str) -> Chapter {
    let suffix = if language == "en" { String::new() } else { format!(".{language}") };
    Chapter {
        path: format!("chapters/{slug}{suffix}.md"),
        slug: slug.to_owned(),
        language: language.to_owned(),
        title: title.to_owned(),
        subtitle: (slug == "01-scale" && language == "en")
            .then(|| "More rows help every learner, and large nets for longest; or so they say.".to_owned()),
        date: Some("2024-05-06".to_owned()),
        description: (slug == "01-scale" && language == "en")
            .then(|| "Accuracy against the number of examples, for five learners.".to_owned()),
        authors: Vec::new(),
        standing: None,
        pieces: pieces(markdown),
    }
}

/// Markdown in which a fence `{element} id` stands for an element, a code span `@id` for a reference and `val:…` for a value.
fn pieces(markdown: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut in_element = false;
    let mut headings = 0;
    let mut options = Options::all();
    options.remove(Options::ENABLE_OLD_FOOTNOTES);
    // The old kind shares a bit with the new one.
    options.insert(Options::ENABLE_FOOTNOTES);
    for event in Parser::new_ext(markdown, options) {
        match event.into_static() {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(word))) if word.starts_with("{element} ") => {
                in_element = true;
                pieces.push(Piece::Element(Box::new(elements::element(&word["{element} ".len()..]))));
            }
            Event::End(TagEnd::CodeBlock) if in_element => in_element = false,
            _ if in_element => {}
            Event::Start(Tag::Heading { level, id, classes, attrs }) => {
                headings += u32::from(level != HeadingLevel::H1);
                let id = id.or_else(|| Some(format!("heading-{headings}").into()));
                pieces.push(Piece::Event(Event::Start(Tag::Heading { level, id, classes, attrs })));
            }
            Event::Code(code) if code.starts_with('@') => pieces.push(Piece::Reference(code[1..].to_owned())),
            Event::Code(code) if code.starts_with("val:") => pieces.push(Piece::Value(Value {
                text: code["val:".len()..].to_owned(),
                title: "mean of 5 seeds; 95 % interval 92.7 % to 93.5 %".to_owned(),
                target: Some("scale".to_owned()),
                id: String::new(),
            })),
            Event::DisplayMath(source) => {
                pieces.push(Piece::Event(Event::DisplayMath(source)));
                pieces.push(Piece::Label("eq-softmax".to_owned()));
            }
            other => pieces.push(Piece::Event(other)),
        }
    }
    pieces
}

fn colophon() -> Colophon {
    let fact = |label: &str, value: &str| Fact { label: label.to_owned(), value: value.to_owned(), link: None };
    let again = ColophonSection {
        title: "How to run it again".to_owned(),
        text: "Every computed number is the same *to the bit* on any machine and at any number of threads.".to_owned(),
        command: Some("labbook build --rerun".to_owned()),
        ..ColophonSection::default()
    };
    let ran = ColophonSection {
        title: "What was run".to_owned(),
        facts: vec![
            fact("runs", "125, of which 2 diverged"),
            fact("cost", "3 min 12 s on 2 cores (measured)"),
            fact("digest", "b3:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        ],
        grid: Some(elements::grid()),
        ..ColophonSection::default()
    };
    Colophon { language: "en".to_owned(), sections: vec![again, ran] }
}
