//! A text as windows of characters, each with the character that follows it.
//!
//! The text is split by position: windows of the test part lie behind all of the training part, and share no character
//! with it, the ones that are predicted included.

use ndarray::Array2;

use super::spec::{Amount, Split, Text};
use super::{Error, Sequence, Target};

/// Raised when the rows change.
pub(super) const VERSION: u32 = 1;

/// A symbol is stored as a byte.
const MOST_SYMBOLS: usize = 256;
/// The share of a text that is for testing, where the author says nothing.
const TEST: f64 = 0.1;

/// The windows of a text: those of the training part, then those of the test part.
#[derive(Debug)]
pub(super) struct Windows {
    /// Windows × steps: positions of the characters in the sorted alphabet.
    pub features: Array2<u8>,
    /// The character after each window; the classes are the alphabet.
    pub target: Target,
    pub sequence: Sequence,
    /// How many of the windows are for testing.
    pub test: usize,
}

/// Lays out the windows of a text.
///
/// # Errors
/// If it is not UTF-8, has too many or too few different characters, or is too short for what is asked.
pub(super) fn windows(name: &str, bytes: &[u8], asked: &Text, split: &Split) -> Result<Windows, Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|&&b| b == b'\n').count() as u64;
        Error::Malformed { path: name.to_owned(), line: Some(line), message: "the text is not UTF-8".into() }
    })?;
    let characters: Vec<char> = text.strip_prefix('\u{feff}').unwrap_or(text).chars().collect();
    let alphabet = alphabet(name, &characters)?;
    let symbols: Vec<u8> = characters
        .iter()
        .map(|c| alphabet.binary_search(c).expect("the alphabet has all characters of the text") as u8)
        .collect();
    let (steps, stride) = (asked.steps as usize, asked.stride as usize);
    let layout = Layout { steps, stride };
    let (train, test) = layout.parts(symbols.len(), split)?;
    let starts = layout.starts(0..train).chain(layout.starts(symbols.len() - test..symbols.len()));
    let starts: Vec<usize> = starts.collect();
    let test = layout.count(test);
    let mut features = Array2::zeros((starts.len(), steps));
    for (mut row, &start) in features.rows_mut().into_iter().zip(&starts) {
        row.iter_mut().zip(&symbols[start..]).for_each(|(x, symbol)| *x = *symbol);
    }
    let labels = starts.iter().map(|start| u32::from(symbols[start + steps])).collect();
    let sequence = Sequence { steps, features: 1, symbols: Some(alphabet.len()), goes_on: true };
    let names = alphabet.iter().map(char::to_string).collect();
    Ok(Windows { features, target: Target::Classes { labels, names }, sequence, test })
}

/// The different characters, sorted.
fn alphabet(name: &str, characters: &[char]) -> Result<Vec<char>, Error> {
    let mut alphabet = characters.to_vec();
    alphabet.sort_unstable();
    alphabet.dedup();
    match alphabet.len() {
        0 => Err(Error::malformed(name, "the text is empty")),
        1 => Err(Error::OneClass { path: name.to_owned(), class: alphabet[0].to_string() }),
        found if found > MOST_SYMBOLS => {
            Err(Error::malformed(name, format!("the text has {found} different characters, more than {MOST_SYMBOLS}")))
        }
        _ => Ok(alphabet),
    }
}

/// How windows lie in a stretch of text.
#[derive(Debug, Clone, Copy)]
struct Layout {
    steps: usize,
    stride: usize,
}

impl Layout {
    /// Windows that fit into `characters` characters, each with the one that follows it.
    fn count(self, characters: usize) -> usize {
        characters.checked_sub(self.steps + 1).map_or(0, |rest| rest / self.stride + 1)
    }

    /// Characters that `windows` windows take, with the one that follows the last.
    fn length(self, windows: usize) -> usize {
        (windows - 1).saturating_mul(self.stride).saturating_add(self.steps + 1)
    }

    /// Where the windows of a stretch begin.
    fn starts(self, stretch: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
        (0..self.count(stretch.len())).map(move |i| stretch.start + i * self.stride)
    }

    /// Characters of the training part, from the first on, and of the test part, to the last.
    fn parts(self, characters: usize, split: &Split) -> Result<(usize, usize), Error> {
        let stretch = |amount| match amount {
            Amount::Share(share) => (share * characters as f64).round() as usize,
            Amount::Rows(windows) => self.length(windows),
        };
        let test = stretch(split.test.unwrap_or(Amount::Share(TEST)));
        let rest = characters.saturating_sub(test);
        let train = split.train.map_or(rest, stretch);
        for (part, wanted, there) in [("test", test, characters), ("train", train, rest)] {
            if wanted > there {
                return Err(Error::TooMany { part, asked: self.count(wanted), available: self.count(there) });
            }
            if self.count(wanted) == 0 {
                return Err(Error::NoRows { part });
            }
        }
        Ok((train, test))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::spec::TextSource;

    fn laid(text: &[u8], steps: u32, stride: u32, split: Split) -> Result<Windows, Error> {
        windows("a.txt", text, &Text { from: TextSource::File { path: "a.txt".into() }, steps, stride }, &split)
    }

    fn test(amount: Amount) -> Split {
        Split { test: Some(amount), ..Split::default() }
    }

    #[test]
    fn windows_are_followed_by_their_labels() {
        let found = laid("\u{feff}abcabcabxé".as_bytes(), 3, 3, test(Amount::Rows(1))).expect("it fits");
        assert_eq!(found.features, ndarray::array![[0, 1, 2], [0, 1, 3]]);
        let Target::Classes { labels, names } = found.target else { panic!("a text has classes") };
        assert_eq!((labels, names.concat()), (vec![0, 4], "abcxé".to_owned()));
        assert_eq!((found.sequence.symbols, found.test), (Some(5), 1));
    }

    #[test]
    fn the_test_part_shares_no_character_with_the_training_part() {
        let text: Vec<u8> = (0..200).collect::<Vec<u8>>().iter().map(|b| b % 96 + 32).collect();
        for (steps, stride, amount) in
            [(7, 7, Amount::Share(0.3)), (10, 3, Amount::Rows(5)), (5, 9, Amount::Share(0.5))]
        {
            let layout = Layout { steps, stride };
            let (train, test) = layout.parts(text.len(), &test(amount)).expect("it fits");
            let last_of_train = layout.starts(0..train).last().expect("a window") + steps;
            let first_of_test = layout.starts(text.len() - test..text.len()).next().expect("a window");
            assert!(last_of_train < first_of_test, "{steps} {stride}");
            assert!(layout.starts(text.len() - test..text.len()).last().expect("a window") + steps < text.len());
        }
    }

    #[test]
    fn what_cannot_be_had_is_said() {
        let check = |text: &[u8], split, expected: &str| {
            assert_eq!(laid(text, 4, 4, split).expect_err("it cannot").to_string(), expected);
        };
        check(b"", Split::default(), "`a.txt`: the text is empty");
        check(b"aaaa", Split::default(), "all rows of `a.txt` are of one class, `a`: there is nothing to learn");
        check(b"ab\nc\xff", Split::default(), "`a.txt`, line 2: the text is not UTF-8");
        check(b"abcabcabc", Split::default(), "no rows are left for the test part");
        check(b"abcabcabc", test(Amount::Rows(3)), "3 rows are asked for the test part, where there are 2");
        check(b"abcabcabc", test(Amount::Rows(2)), "no rows are left for the train part");
        let many: String = ('\u{4e00}'..'\u{4f00}').chain('a'..'c').collect();
        check(many.as_bytes(), Split::default(), "`a.txt`: the text has 258 different characters, more than 256");
    }
}
