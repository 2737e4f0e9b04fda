//! Files → one EPUB container: a ZIP whose first entry is `mimetype`, uncompressed (EPUB 3.3, OCF ZIP container).

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::render::Output;

/// Packs files in their order. No clock takes part: equal files are equal bytes.
///
/// # Panics
/// If two files have one path, which those of an EPUB never have.
pub fn epub(files: &[Output]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        let is_first = file.path == "mimetype";
        let method = if is_first { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default().compression_method(method).last_modified_time(DateTime::default());
        zip.start_file(file.path.as_str(), options).expect("paths are unique and shorter than 64 KiB");
        zip.write_all(&file.bytes).expect("writing into memory cannot fail");
    }
    zip.finish().expect("writing into memory cannot fail").into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_stands_first_and_plain() {
        let file = |path: &str, text: &str| Output { path: path.to_owned(), bytes: text.as_bytes().to_vec() };
        let files = [file("mimetype", "application/epub+zip"), file("a/b.xhtml", "<a/>")];
        let packed = epub(&files);
        assert_eq!(&packed[30..58], b"mimetypeapplication/epub+zip");
        assert_eq!(packed, epub(&files));
    }
}
