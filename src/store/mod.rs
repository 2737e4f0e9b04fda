//! Finished runs, by key, on disk.
//!
//! One immutable file a run below `.labbook/runs-v1/`, written beside and renamed, its first line a checksum of the rest.
//! A file that is damaged or of another version counts as absent, with a warning. What the keys and measures mean is
//! nobody's business here; the format outlives the code that fills it.
//!
//! Runs that are under way may be put down in `.labbook/checkpoints/`, one file a run, replaced by its result.
//!
//! Beside the runs, `.labbook/last/` remembers for each experiment which key its runs had when they were last used, so
//! that a plan can say what changed. Losing that folder loses no result.

mod checkpoint;
mod record;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;
pub use record::{Course, DecisionField, Ending, Group, Record, Text};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::files::{self, Lock, Share};

/// Raised when the format of a file changes, so that old files are left alone.
const FORMAT: &str = "runs-v1";
/// First word of every file.
const MAGIC: &str = "labbook";
/// The file that says who uses the store: its users share a lock on it, who removes something has it alone.
const LOCK: &str = "lock";
/// The folder of files that are being written.
const WRITING: &str = "writing";

/// The name of a run: a digest of everything that its result depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Key(String);

/// A folder of finished runs.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// A finished run that is kept, without its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its key.
    pub key: Key,
    /// What its file takes.
    pub size_bytes: u64,
    /// When it was written, as the clock of that time said.
    pub written: SystemTime,
}

/// What asking for a key gives.
#[derive(Debug)]
pub enum Found<T> {
    /// It is there and sound.
    Sound(T),
    /// It is not there.
    Absent,
    /// It is there, though not as it was written: the reason.
    Damaged(String),
}

/// The keys an experiment's runs had when they were last used, by a readable name of the run.
pub type LastKeys = BTreeMap<String, Key>;

impl Key {
    /// The key of `inputs`: BLAKE3 over their JSON, whose objects are sorted by name.
    pub fn of(inputs: &serde_json::Value) -> Self {
        Self::of_text(&inputs.to_string())
    }

    /// The key of inputs that are JSON text already, sorted and without spaces.
    pub fn of_text(inputs: &str) -> Self {
        Self(blake3::hash(inputs.as_bytes()).to_hex().to_string())
    }

    /// The digest in hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Enough of the digest for people to tell runs apart.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl Store {
    /// The store of a book: the folder `.labbook` in its root. Nothing is made before something is written.
    pub fn of_book(book: &Path) -> Self {
        Self { root: book.join(".labbook") }
    }

    /// The folder of the store.
    pub fn folder(&self) -> &Path {
        &self.root
    }

    /// The folder for datasets that were pulled and other things that can be had again.
    pub fn data_folder(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Whether a file of this key is there (it may still prove damaged).
    pub fn contains(&self, key: &Key) -> bool {
        self.path(key).is_file()
    }

    /// Whether the run of this key is there and its bytes are those that were written; what they say stays unread.
    pub fn check(&self, key: &Key) -> Found<()> {
        match bytes(&self.path(key)) {
            Found::Sound(bytes) => body(&bytes).map_or_else(not_as_written, |_| Found::Sound(())),
            Found::Absent => Found::Absent,
            Found::Damaged(reason) => Found::Damaged(reason),
        }
    }

    /// The finished run of this key.
    pub fn get(&self, key: &Key) -> Found<Record> {
        match self.read(&self.path(key)) {
            Found::Sound(record) => {
                let record: Record = record;
                match record.fault() {
                    _ if Key::of(&record.inputs) != *key => Found::Damaged("it holds another run".into()),
                    Some(fault) => Found::Damaged(fault.into()),
                    None => Found::Sound(record),
                }
            }
            other => other,
        }
    }

    /// Keeps a finished run.
    ///
    /// # Errors
    /// If the disk fails; what was there before is then untouched.
    pub fn put(&self, key: &Key, record: &Record) -> files::Result<()> {
        self.write(&self.path(key), record)
    }

    /// Forgets a run.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn remove(&self, key: &Key) -> files::Result<()> {
        files::remove(&self.path(key))
    }

    /// The keys an experiment's runs had when they were last used.
    pub fn last_keys(&self, experiment: &str) -> LastKeys {
        match self.read(&self.last_path(experiment)) {
            Found::Sound(keys) => keys,
            Found::Absent | Found::Damaged(_) => LastKeys::new(),
        }
    }

    /// Remembers the keys an experiment's runs have now.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn remember_keys(&self, experiment: &str, keys: &LastKeys) -> files::Result<()> {
        if self.last_keys(experiment) == *keys {
            return Ok(());
        }
        self.write(&self.last_path(experiment), keys)
    }

    /// Something that can be computed again, kept under a name of its own.
    pub fn get_derived<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        match self.read(&self.derived_path(key)) {
            Found::Sound(value) => Some(value),
            Found::Absent | Found::Damaged(_) => None,
        }
    }

    /// Keeps something that can be computed again.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn put_derived<T: Serialize>(&self, key: &Key, value: &T) -> files::Result<()> {
        self.write(&self.derived_path(key), value)
    }

    /// Every run that is kept, by key. One that goes meanwhile is left out.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn kept(&self) -> files::Result<Vec<Kept>> {
        let folder = self.root.join(FORMAT);
        let kept = files::walk(&folder)?.into_par_iter().filter_map(|path| {
            let name = path.file_stem()?.to_str()?;
            let is_key = name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
            let (size_bytes, written) = files::size_and_time(&folder.join(&path)).ok()?;
            is_key.then(|| Kept { key: Key(name.to_owned()), size_bytes, written })
        });
        Ok(kept.collect())
    }

    /// What pulled data take.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn data_size(&self) -> files::Result<u64> {
        let folder = self.data_folder();
        files::walk(&folder)?.iter().map(|path| files::size(&folder.join(path))).sum()
    }

    /// Says that this program uses the store, until the lock is dropped: nothing in it is removed meanwhile. Whoever comes
    /// first removes what killed programs left half written. `None` where the folder cannot be written, so that nobody can
    /// remove anything either.
    pub fn share(&self) -> Option<Lock> {
        if let Ok(Some(_alone)) = self.claim() {
            // What cannot be removed does no harm.
            let _ = files::sweep(&self.root.join(WRITING));
        }
        files::lock(&self.root.join(LOCK), Share::Shared).ok()
    }

    /// Takes the store for oneself, to remove things from it; `None` while another program uses it.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn claim(&self) -> files::Result<Option<Lock>> {
        files::try_lock(&self.root.join(LOCK))
    }

    /// Whether a program uses the store now.
    pub fn is_in_use(&self) -> bool {
        // Asking makes no file.
        self.root.join(LOCK).is_file() && matches!(self.claim(), Ok(None))
    }

    /// Waits until no other program writes the pages or the record of this book. `None` where the folder cannot be written.
    pub fn turn_to_write(&self) -> Option<Lock> {
        files::lock(&self.root.join("turn.lock"), Share::Exclusive).ok()
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.root.join(FORMAT).join(&key.0[..2]).join(format!("{}.json", key.0))
    }

    fn derived_path(&self, key: &Key) -> PathBuf {
        self.root.join("derived-v1").join(format!("{}.json", key.0))
    }

    fn last_path(&self, experiment: &str) -> PathBuf {
        self.root.join("last").join(format!("{experiment}.json"))
    }

    fn write<T: Serialize>(&self, path: &Path, value: &T) -> files::Result<()> {
        let body = serde_json::to_string(value).expect("results are plain data");
        let text = format!("{MAGIC} {}\n{body}\n", blake3::hash(body.as_bytes()).to_hex());
        files::write_by_way_of(&self.root.join(WRITING), path, text.as_bytes())
    }

    fn read<T: DeserializeOwned>(&self, path: &Path) -> Found<T> {
        match bytes(path) {
            Found::Sound(bytes) => body(&bytes).map_or_else(not_as_written, |body| {
                serde_json::from_slice(body).map_or_else(|e| Found::Damaged(e.to_string()), Found::Sound)
            }),
            Found::Absent => Found::Absent,
            Found::Damaged(reason) => Found::Damaged(reason),
        }
    }
}

/// What a file holds.
fn bytes(path: &Path) -> Found<Vec<u8>> {
    match files::read(path) {
        Ok(bytes) => Found::Sound(bytes),
        Err(error) if error.is_absent() => Found::Absent,
        Err(error) => Found::Damaged(error.to_string()),
    }
}

/// What stands below the checksum of a file, where it matches.
fn body(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let sum = bytes[..end].strip_prefix(MAGIC.as_bytes())?.trim_ascii();
    let body = bytes[end + 1..].strip_suffix(b"\n")?;
    (blake3::hash(body).to_hex().as_bytes() == sum).then_some(body)
}

fn not_as_written<T>() -> Found<T> {
    Found::Damaged("its checksum does not match".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(seed: u64) -> (Key, Record) {
        let inputs = serde_json::json!({"seed": seed, "model": {"lr": 0.1}});
        let mut record = Record::empty(inputs.clone());
        record.finals.insert("test_loss".into(), Some(0.1 + 0.2));
        record.finals.insert("train_loss".into(), None);
        (Key::of(&inputs), record)
    }

    #[test]
    fn what_is_put_comes_back_to_the_bit() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::of_book(folder.path());
        let (key, record) = record(1);
        assert!(matches!(store.get(&key), Found::Absent));
        store.put(&key, &record).expect("writable");
        let Found::Sound(back) = store.get(&key) else { panic!("it was just written") };
        assert_eq!(back, record);
    }

    #[test]
    fn a_flipped_bit_a_cut_and_a_stranger_count_as_damaged() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::of_book(folder.path());
        let (key, record) = record(1);
        store.put(&key, &record).expect("writable");
        let path = store.path(&key);
        let bytes = files::read(&path).expect("just written");
        let mut flipped = bytes.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        let (_, stranger) = self::record(2);
        for damaged in [flipped, bytes[..bytes.len() - 9].to_vec(), Vec::new()] {
            files::write(&path, &damaged).expect("writable");
            assert!(matches!(store.get(&key), Found::Damaged(_)));
            assert!(matches!(store.check(&key), Found::Damaged(_)));
        }
        store.put(&key, &stranger).expect("writable");
        assert!(matches!(store.get(&key), Found::Damaged(_)));
    }

    #[test]
    fn a_key_does_not_depend_on_the_order_of_fields() {
        let a: serde_json::Value = serde_json::from_str(r#"{"a": 1, "b": {"d": 2, "c": 3}}"#).expect("JSON");
        let b: serde_json::Value = serde_json::from_str(r#"{"b": {"c": 3, "d": 2}, "a": 1}"#).expect("JSON");
        assert_eq!(Key::of(&a), Key::of(&b));
        assert_eq!(Key::of(&a).as_str(), blake3::hash(br#"{"a":1,"b":{"c":3,"d":2}}"#).to_hex().as_str());
    }
}
