//! Public sets known by name, origin, licence and digest, and where their files are looked for.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::spec::Registered;
use super::{Error, Shelf, source};
use crate::files;

/// A public set.
#[derive(Debug)]
pub struct Entry {
    /// Its name in a book, and the folder its files lie in.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Who made it, and where it is described.
    pub origin: &'static str,
    /// Its licence.
    pub licence: &'static str,
    /// Its files.
    pub files: &'static [Pinned],
    /// What the classes show, by label, where the labels are mere numbers.
    pub classes: Option<&'static [&'static str]>,
    /// How the files are obtained where no address offers them as they are pinned.
    pub by_hand: Option<&'static str>,
}

/// A file known by its bytes.
#[derive(Debug)]
pub struct Pinned {
    /// Its name in the folder of the set; on a shelf it may also be gzipped, with `.gz` behind the name.
    pub name: &'static str,
    /// Uncompressed.
    pub size_bytes: u64,
    /// Of the uncompressed bytes, in hexadecimal.
    pub sha256: &'static str,
    /// Where it is downloaded from, as it is or gzipped; `None` where it has to be made by hand.
    pub url: Option<&'static str>,
}

/// Training images, training labels, test images, test labels, as the image sets name them.
pub(super) const IMAGE_FILES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// What the registry knows of a set.
pub fn entry(set: Registered) -> &'static Entry {
    match set {
        Registered::Mnist => &MNIST,
        Registered::FashionMnist => &FASHION_MNIST,
        Registered::Spambase => &SPAMBASE,
        Registered::Tinyshakespeare => &TINYSHAKESPEARE,
    }
}

/// Where a file of a set lies on the shelf: in the cache, else in the first mirror that has it.
pub fn find(entry: &Entry, file: &str, shelf: &Shelf) -> Option<PathBuf> {
    let folders = [&shelf.cache].into_iter().chain(&shelf.mirrors);
    let names = [format!("{file}.gz"), file.to_owned()];
    let mut paths = folders.flat_map(|folder| names.each_ref().map(|name| folder.join(entry.name).join(name)));
    paths.find(|path| path.is_file())
}

/// Whether all files of a set lie on the shelf. (Whether they are the right ones shows when they are read.)
pub fn is_present(set: Registered, shelf: &Shelf) -> bool {
    let entry = entry(set);
    entry.files.iter().all(|file| find(entry, file.name, shelf).is_some())
}

/// The uncompressed bytes of a file of a set, verified.
pub(super) fn read(entry: &Entry, file: &str, shelf: &Shelf) -> Result<Vec<u8>, Error> {
    let pinned = entry.files.iter().find(|f| f.name == file).expect("the registry names its own files");
    let Some(path) = find(entry, file, shelf) else {
        return Err(Error::Absent { name: entry.name, file: format!("{}/{file}", entry.name) });
    };
    verified(&path, pinned.sha256)
}

/// The uncompressed bytes of a file with the given SHA-256.
pub(super) fn verified(path: &Path, sha256: &str) -> Result<Vec<u8>, Error> {
    let bytes = source::unpacked(&path.display().to_string(), files::read(path)?)?;
    let found = hexadecimal(&Sha256::digest(&bytes));
    if found == sha256 {
        return Ok(bytes);
    }
    Err(Error::Digest { path: path.to_owned(), expected: sha256.to_owned(), found })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

const MNIST: Entry = Entry {
    name: "mnist",
    about: "handwritten digits, 28 × 28 grey, 60,000 for training and 10,000 for testing",
    origin: "http://yann.lecun.com/exdb/mnist/ (LeCun, Cortes, Burges)",
    licence: "CC BY-SA 3.0",
    files: &[
        Pinned {
            name: IMAGE_FILES[0],
            size_bytes: 47_040_016,
            sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            url: Some("https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz"),
        },
        Pinned {
            name: IMAGE_FILES[1],
            size_bytes: 60_008,
            sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            url: Some("https://storage.googleapis.com/cvdf-datasets/mnist/train-labels-idx1-ubyte.gz"),
        },
        Pinned {
            name: IMAGE_FILES[2],
            size_bytes: 7_840_016,
            sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            url: Some("https://storage.googleapis.com/cvdf-datasets/mnist/t10k-images-idx3-ubyte.gz"),
        },
        Pinned {
            name: IMAGE_FILES[3],
            size_bytes: 10_008,
            sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            url: Some("https://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz"),
        },
    ],
    classes: None,
    by_hand: None,
};

const FASHION_MNIST: Entry = Entry {
    name: "fashion-mnist",
    about: "clothes, 28 × 28 grey, 60,000 for training and 10,000 for testing",
    origin: "https://github.com/zalandoresearch/fashion-mnist (Xiao, Rasul, Vollgraf)",
    licence: "MIT",
    files: &[
        Pinned {
            name: IMAGE_FILES[0],
            size_bytes: 47_040_016,
            sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            url: Some("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz"),
        },
        Pinned {
            name: IMAGE_FILES[1],
            size_bytes: 60_008,
            sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            url: Some("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-labels-idx1-ubyte.gz"),
        },
        Pinned {
            name: IMAGE_FILES[2],
            size_bytes: 7_840_016,
            sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            url: Some("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-images-idx3-ubyte.gz"),
        },
        Pinned {
            name: IMAGE_FILES[3],
            size_bytes: 10_008,
            sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            url: Some("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-labels-idx1-ubyte.gz"),
        },
    ],
    classes: Some(&[
        "T-shirt",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ]),
    by_hand: None,
};

const TINYSHAKESPEARE: Entry = Entry {
    name: "tinyshakespeare",
    about: "plays of Shakespeare as one text of 1,115,394 characters, 65 different ones",
    origin: "https://github.com/karpathy/char-rnn (Karpathy)",
    licence: "public domain",
    files: &[Pinned {
        name: "input.txt",
        size_bytes: 1_115_394,
        sha256: "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        url: Some("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"),
    }],
    classes: None,
    by_hand: None,
};

const SPAMBASE: Entry = Entry {
    name: "spambase",
    about: "e-mails by 57 counts of words and characters, spam or not, 4,601 rows",
    origin: "https://doi.org/10.24432/C53G6X (UCI; Hopkins, Reeber, Forman, Suermondt)",
    licence: "CC BY 4.0",
    files: &[Pinned {
        name: "spambase.data",
        size_bytes: 699262,
        sha256: "b547e97c32fdb24e4bbf9b332abc844499b7a7b47161f58ff85ace3a78b45416",
        url: None,
    }],
    classes: None,
    by_hand: Some(
        "the archive offers it only as a ZIP and without a header; take `spambase.data` from \
         https://archive.ics.uci.edu/static/public/94/spambase.zip, put the 57 names of `spambase.names` and \
         `spam_or_not` before it as a first line with commas, end every line with LF alone, and place it in the folder `spambase` of the cache or of a \
         mirror",
    ),
};
