//! IDX, the format of the MNIST files: a header of sizes, then bytes.
//!
//! Two zero bytes, the type of a cell (8: unsigned byte), the number of dimensions, each dimension as a big-endian 32-bit
//! number, the cells. <http://yann.lecun.com/exdb/mnist/>

use std::collections::BTreeSet;

use ndarray::Array2;

use super::{Error, Target};

/// Raised when the same bytes give other images.
pub(super) const VERSION: u32 = 1;

/// Images as read.
#[derive(Debug)]
pub(super) struct Images {
    pub(super) count: usize,
    /// Height, width, channels.
    pub(super) size: [usize; 3],
    /// One image after the other.
    pub(super) pixels: Vec<u8>,
}

impl Images {
    /// Images × pixels.
    pub(super) fn into_array(self) -> Array2<u8> {
        let shape = (self.count, self.size.iter().product());
        Array2::from_shape_vec(shape, self.pixels).expect("the size was checked against the header")
    }
}

/// Reads images of count × height × width, or × channels.
///
/// # Errors
/// If the bytes are not that, or not as many as the header says.
pub(super) fn images(path: &str, bytes: Vec<u8>) -> Result<Images, Error> {
    let (dimensions, pixels) = cells(path, bytes)?;
    match dimensions[..] {
        [count, height, width] => Ok(Images { count, size: [height, width, 1], pixels }),
        [count, height, width, channels] => Ok(Images { count, size: [height, width, channels], pixels }),
        _ => {
            let message = format!("has {} dimensions, where images have 3 or 4", dimensions.len());
            Err(Error::malformed(path, message))
        }
    }
}

/// Reads labels.
///
/// # Errors
/// If the bytes are not a list, or not as many as the header says.
pub(super) fn labels(path: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    let (dimensions, labels) = cells(path, bytes)?;
    match dimensions.len() {
        1 => Ok(labels),
        n => Err(Error::malformed(path, format!("has {n} dimensions, where labels have 1"))),
    }
}

/// The dimensions and the cells.
fn cells(path: &str, mut bytes: Vec<u8>) -> Result<(Vec<usize>, Vec<u8>), Error> {
    let malformed = |message: String| Err(Error::malformed(path, message));
    let (kind, rank) = match bytes[..] {
        [0, 0, kind, rank, ..] => (kind, usize::from(rank)),
        _ => return malformed("is no IDX file: it does not begin with two zero bytes".into()),
    };
    if kind != 8 {
        return malformed(format!("has cells of type {kind:#04x}, where only unsigned bytes (0x08) can be read"));
    }
    let header = 4 + 4 * rank;
    let Some(sizes) = bytes.get(4..header) else {
        return malformed(format!("ends within its header of {header} bytes"));
    };
    let size = |s: &[u8]| s.iter().fold(0usize, |n, &b| n << 8 | usize::from(b));
    let dimensions: Vec<usize> = sizes.chunks_exact(4).map(size).collect();
    let found = bytes.len() - header;
    match dimensions.iter().try_fold(1usize, |n, &d| n.checked_mul(d)) {
        Some(0) => malformed("holds nothing".into()),
        Some(promised) if promised == found => {
            bytes.drain(..header);
            Ok((dimensions, bytes))
        }
        promised => {
            let product = dimensions.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
            let promised = promised.map_or("more than a machine can hold".into(), |p| p.to_string());
            malformed(format!("promises {product} = {promised} bytes after its header, but holds {found}"))
        }
    }
}

/// The target of labels: classes in the order of their numbers.
///
/// # Errors
/// If there is only one class.
pub(super) fn classes(path: &str, labels: &[u8]) -> Result<Target, Error> {
    let distinct: Vec<u8> = labels.iter().copied().collect::<BTreeSet<u8>>().into_iter().collect();
    if let [class] = distinct[..] {
        return Err(Error::OneClass { path: path.to_owned(), class: class.to_string() });
    }
    let index = |label: &u8| distinct.binary_search(label).expect("every label is listed") as u32;
    let labels = labels.iter().map(index).collect();
    Ok(Target::Classes { labels, names: distinct.iter().map(u8::to_string).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(dimensions: &[u32], cells: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
        dimensions.iter().for_each(|d| bytes.extend(d.to_be_bytes()));
        bytes.extend(cells);
        bytes
    }

    fn check(bytes: Vec<u8>, expected: &str) {
        let error = images("x.idx", bytes).expect_err("the file is wrong");
        assert_eq!(error.to_string(), format!("`x.idx`: {expected}"));
    }

    #[test]
    fn images_are_read_in_order() {
        let images = images("x", file(&[2, 1, 3], &[1, 2, 3, 4, 5, 6])).expect("the file is right");
        assert_eq!(images.size, [1, 3, 1]);
        assert_eq!(images.into_array(), ndarray::array![[1, 2, 3], [4, 5, 6]]);
    }

    #[test]
    fn a_lying_header_is_named_with_both_numbers() {
        check(file(&[2, 2, 2], &[0; 7]), "promises 2 × 2 × 2 = 8 bytes after its header, but holds 7");
        check(file(&[2, 2, 2], &[0; 9]), "promises 2 × 2 × 2 = 8 bytes after its header, but holds 9");
        let most = u32::MAX;
        let product = format!("{most} × {most} × {most}");
        let expected = format!("promises {product} = more than a machine can hold bytes after its header, but holds 1");
        check(file(&[most; 3], &[0]), &expected);
        check(file(&[2], &[0; 2]), "has 1 dimensions, where images have 3 or 4");
        check(vec![0, 0, 13, 3], "has cells of type 0x0d, where only unsigned bytes (0x08) can be read");
        check(vec![0, 0, 8, 3, 0], "ends within its header of 16 bytes");
        check(b"PK".to_vec(), "is no IDX file: it does not begin with two zero bytes");
        check(file(&[0, 2, 2], &[]), "holds nothing");
    }

    proptest! {
        #[test]
        fn mutated_bytes_never_panic(at in 0usize..22, byte: u8, cut in 0usize..23) {
            let mut bytes = file(&[1, 2, 3], &[7; 6]);
            bytes[at] = byte;
            bytes.truncate(cut);
            if let Ok(images) = images("x", bytes) {
                prop_assert_eq!(images.pixels.len(), images.count * images.size.iter().product::<usize>());
            }
        }
    }
}
