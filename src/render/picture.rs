//! Images of the book → tags that know their size before the file is there, so that nothing moves when it comes.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, Tag};

use super::tags;
use super::{Book, ImageFile, Piece, address, html};

/// The size of an image in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// The images that the chapters of a book show, relative to its root.
pub fn pictures(book: &Book) -> BTreeSet<String> {
    let mut sources = BTreeSet::new();
    for (chapter, piece) in book.chapters.iter().flat_map(|chapter| chapter.pieces.iter().map(move |p| (chapter, p))) {
        match piece {
            Piece::Event(Event::Start(Tag::Image { dest_url, .. })) => {
                sources.extend(address::source(&chapter.path, dest_url));
            }
            Piece::Element(element) => {
                for image in element.images() {
                    sources.insert(image.source.clone());
                    sources.extend(image.dark.clone());
                }
            }
            _ => {}
        }
    }
    sources
}

/// The size that the bytes of an image say; `None` where they say none.
pub fn size(bytes: &[u8]) -> Option<Size> {
    let whole = |width: f64, height: f64| {
        let fits = |side: f64| (0.5..1e6).contains(&side);
        (fits(width) && fits(height)).then_some(Size { width: (width + 0.5) as u32, height: (height + 0.5) as u32 })
    };
    match imagesize::blob_size(bytes) {
        Ok(size) => whole(size.width as f64, size.height as f64),
        Err(_) => svg_size(std::str::from_utf8(bytes).ok()?).and_then(|[width, height]| whole(width, height)),
    }
}

/// The width and height of a drawing: its own, else those of what it shows.
fn svg_size(svg: &str) -> Option<[f64; 2]> {
    let start =
        svg.match_indices("<svg").find(|(at, _)| svg[at + 4..].starts_with(|c: char| c.is_whitespace() || c == '>'))?.0;
    let mut own = BTreeMap::new();
    let mut root = true;
    tags::each_attribute(&svg[start..], &mut |attribute| {
        root &= attribute.tag == "svg";
        if root {
            own.entry(attribute.key).or_insert(attribute.value);
        }
    });
    let length = |key: &str| own.get(key)?.trim().trim_end_matches("px").parse().ok();
    let view: Vec<f64> = own.get("viewbox").map_or(Vec::new(), |view| {
        view.split([' ', ',', '\n', '\t'])
            .filter(|part| !part.is_empty())
            .filter_map(|part| part.parse().ok())
            .collect()
    });
    let view = (view.len() == 4).then(|| [view[2], view[3]]);
    match (length("width"), length("height"), view) {
        (Some(width), Some(height), _) => Some([width, height]),
        (Some(width), None, Some([w, h])) => Some([width, width * h / w]),
        (None, Some(height), Some([w, h])) => Some([height * w / h, height]),
        (_, _, view) => view,
    }
}

/// The words between the brackets of an image.
pub(super) fn alternative(events: &[Event<'_>]) -> String {
    let mut words = String::new();
    for event in events {
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                words.push_str(text)
            }
            Event::SoftBreak | Event::HardBreak => words.push(' '),
            _ => {}
        }
    }
    words
}

/// Where a file of the book lies in the output.
pub(super) fn path(source: &str) -> String {
    format!("files/{source}")
}

/// The attributes that keep a place for an image.
pub(super) fn place(source: &str, sizes: &BTreeMap<String, Size>) -> String {
    let size = sizes.get(source).map(|Size { width, height }| format!(" width=\"{width}\" height=\"{height}\""));
    format!("{} loading=\"lazy\" decoding=\"async\"", size.unwrap_or_default())
}

/// The tags of a figure's image on a page: one for each theme where there are two.
pub(super) fn write(image: &ImageFile, alt: &str, page: &str, sizes: &BTreeMap<String, Size>) -> String {
    let style = image.width.as_ref().map_or(String::new(), |width| format!(" style=\"width:{width}\""));
    let tag = |source: &str, class: &str| {
        let href = html::escape(&address::relative(page, &path(source)));
        let place = place(source, sizes);
        format!("<img src=\"{href}\" alt=\"{}\"{place}{class}{style}>", html::escape(alt))
    };
    match &image.dark {
        None => tag(&image.source, ""),
        Some(dark) => tag(&image.source, " class=\"in-light\"") + &tag(dark, " class=\"in-dark\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawings_say_their_size_in_several_ways() {
        let check = |svg: &str, expected: Option<[u32; 2]>| {
            assert_eq!(size(svg.as_bytes()).map(|size| [size.width, size.height]), expected, "{svg}");
        };
        check(
            "<?xml version=\"1.0\"?><!-- <svg> --><svg width=\"30\" height='20px'><svg width='1'/></svg>",
            Some([30, 20]),
        );
        check("<?xml version=\"1.0\"?><svg width=\"30\" height='20px'><rect width='1'/></svg>", Some([30, 20]));
        check("<svg xmlns='x' viewBox=\"0 0 40.4,10\"/>", Some([40, 10]));
        check("<svg width='20' viewBox='0 0 40 10'>", Some([20, 5]));
        check("<svg width='100%' viewBox='0 0 40 10'>", Some([40, 10]));
        check("<svg width='9' height='0'>", None);
        check("<svg", None);
    }

    #[test]
    fn files_say_theirs_and_others_none() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x02\0\0\0\x03\x08\x06\0\0\0";
        assert_eq!(size(png), Some(Size { width: 258, height: 3 }));
        for bytes in [&b""[..], b"\x89PNG", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"text"] {
            assert_eq!(size(bytes), None);
        }
    }
}
