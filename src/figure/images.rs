//! Grids of small pictures, each embedded as a PNG and drawn crisp.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use plotters_backend::text_anchor::HPos;

use super::chart::{Image, Images};
use super::frame::Frame;
use super::lettering::fitted;
use super::sheet::{Group, Picture, Put, px, words};
use super::theme::{LEADING, MUTED, SMALL_PX};

const GAP_PX: f64 = 6.0;

/// The sizes of a grid of pictures.
pub(super) struct Grid {
    columns: usize,
    /// Width and height of a picture.
    size: (f64, f64),
    /// From one picture to the next, across and down.
    pitch: (f64, f64),
    /// Height of the whole.
    pub height: f64,
}

impl Grid {
    /// The grid of `images` within a width.
    pub fn of(images: &Images, room: f64) -> Self {
        let count = images.images.len().max(1);
        let columns = images.columns.unwrap_or(count.min(10)).clamp(1, count);
        let [h, w, _] = images.shape.map(|n| n.max(1) as f64);
        let width = ((room + GAP_PX) / columns as f64 - GAP_PX).clamp(4.0, (w * 4.0).max(48.0));
        let height = (width * h / w).min(1200.0);
        let caption = if images.images.iter().any(|i| !i.caption.is_empty()) { SMALL_PX * LEADING + 2.0 } else { 0.0 };
        let pitch = (width + GAP_PX, height + caption + GAP_PX);
        Self { columns, size: (width, height), pitch, height: count.div_ceil(columns) as f64 * pitch.1 - GAP_PX }
    }
}

/// Draws the grid.
pub(super) fn draw(frame: &Frame<'_, '_>, images: &Images) {
    let grid = Grid::of(images, frame.cell.width);
    for (i, image) in images.images.iter().enumerate() {
        let left = frame.cell.left + (i % grid.columns) as f64 * grid.pitch.0;
        let top = frame.cell.top + (i / grid.columns) as f64 * grid.pitch.1;
        let (width, height) = grid.size;
        let source = format!("data:image/png;base64,{}", base64(&png(images.shape, image)));
        frame.page.group(&Group::class("image").titled(&image.caption), || {
            frame.page.put(&Picture { place: [left, top, width, height], source });
            if !image.caption.is_empty() {
                let caption = fitted(&image.caption, grid.pitch.0 - 2.0, SMALL_PX);
                let at = px(left + width / 2.0, top + height + SMALL_PX * LEADING * 0.6);
                frame.page.text(&caption, at, &words(SMALL_PX, MUTED, HPos::Center));
            }
        });
    }
}

/// An uncompressed-filter PNG of 8 bits a channel: grey for one channel, colours for three or more.
fn png([height, width, channels]: [usize; 3], image: &Image) -> Vec<u8> {
    let (height, width) = (height.clamp(1, 4096), width.clamp(1, 4096));
    let kept = if channels >= 3 { 3 } else { 1 };
    let mut rows = Vec::with_capacity(height * (width * kept + 1));
    for y in 0..height {
        // Filter 0: rows as they are.
        rows.push(0);
        for x in 0..width {
            let first = (y * width + x) * channels.max(1);
            rows.extend((first..first + kept).map(|i| image.pixels.get(i).copied().unwrap_or(0)));
        }
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&rows).expect("writing into memory cannot fail");
    let packed = packed.finish().expect("writing into memory cannot fail");

    let mut header = Vec::new();
    header.extend((width as u32).to_be_bytes());
    header.extend((height as u32).to_be_bytes());
    header.extend([8, if kept == 3 { 2 } else { 0 }, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [(b"IHDR", &header), (b"IDAT", &packed), (b"IEND", &Vec::new())] {
        let mut check = Crc::new();
        check.update(name);
        check.update(data);
        file.extend((data.len() as u32).to_be_bytes());
        file.extend(name);
        file.extend(data);
        file.extend(check.sum().to_be_bytes());
    }
    file
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i) & 63) as usize] as char;
            text.push(if i <= chunk.len() { letter } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_matches_the_standards_examples() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn a_png_carries_its_size_and_pixels() {
        let file = png([1, 2, 1], &Image { pixels: vec![7, 9], caption: String::new() });
        assert_eq!(&file[12..24], b"IHDR\0\0\0\x02\0\0\0\x01");
        let data = file.windows(4).position(|w| w == b"IDAT").expect("has data") + 4;
        let mut rows = Vec::new();
        let mut reader = flate2::read::ZlibDecoder::new(&file[data..]);
        std::io::Read::read_to_end(&mut reader, &mut rows).expect("unpacks");
        assert_eq!(rows, [0, 7, 9]);
    }
}
