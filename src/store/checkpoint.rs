//! Runs that are under way, put down to be taken up again: what is lost with them is time, never a result.

use std::path::PathBuf;

use super::{Found, Key, MAGIC, Store};
use crate::files;

impl Store {
    /// What was put down of a run that is under way.
    pub fn checkpoint(&self, key: &Key) -> Found<Vec<u8>> {
        let path = self.checkpoint_path(key);
        if !path.is_file() {
            return Found::Absent;
        }
        let bytes = match files::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => return Found::Damaged(error.to_string()),
        };
        let sound = bytes.iter().position(|b| *b == b'\n').and_then(|end| {
            let (head, body) = (&bytes[..end], &bytes[end + 1..]);
            (head == Self::head([body, &[]]).as_bytes()).then_some(end + 1)
        });
        sound.map_or_else(
            || Found::Damaged("its checksum does not match".into()),
            |start| Found::Sound(bytes[start..].to_vec()),
        )
    }

    /// Puts down what a run that is under way needs to go on, here in two parts because it may be large; what was there
    /// before is replaced at once.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn put_checkpoint(&self, key: &Key, parts: [&[u8]; 2]) -> files::Result<()> {
        let head = Self::head(parts);
        files::write(&self.checkpoint_path(key), &[head.as_bytes(), b"\n", parts[0], parts[1]].concat())
    }

    /// Forgets what was put down of a run; there need not be anything.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn remove_checkpoint(&self, key: &Key) -> files::Result<()> {
        files::remove(&self.checkpoint_path(key))
    }

    /// The runs of which something was put down.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn checkpoints(&self) -> files::Result<Vec<Key>> {
        let names = files::walk(&self.checkpoint_folder())?;
        Ok(names.iter().filter_map(|name| Some(Key(name.to_str()?.to_owned()))).collect())
    }

    fn head(parts: [&[u8]; 2]) -> String {
        let sum = parts.into_iter().fold(&mut blake3::Hasher::new(), |sum, part| sum.update(part)).finalize();
        format!("{MAGIC} {}", sum.to_hex())
    }

    fn checkpoint_folder(&self) -> PathBuf {
        self.root.join("checkpoints")
    }

    fn checkpoint_path(&self, key: &Key) -> PathBuf {
        self.checkpoint_folder().join(&key.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_comes_back_whole_or_counts_as_damaged() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::of_book(folder.path());
        let key = Key::of(&serde_json::json!({"seed": 1}));
        assert!(matches!(store.checkpoint(&key), Found::Absent));
        assert_eq!(store.checkpoints().expect("readable"), []);
        let body: Vec<u8> = (0..=255).collect();
        store.put_checkpoint(&key, [&body[..9], &body[9..]]).expect("writable");
        assert!(matches!(store.checkpoint(&key), Found::Sound(found) if found == body));
        assert_eq!(store.checkpoints().expect("readable"), std::slice::from_ref(&key));
        let bytes = files::read(&store.checkpoint_path(&key)).expect("just written");
        for at in [0, 40, bytes.len() - 1] {
            let mut flipped = bytes.clone();
            flipped[at] ^= 4;
            files::write(&store.checkpoint_path(&key), &flipped).expect("writable");
            assert!(matches!(store.checkpoint(&key), Found::Damaged(_)), "byte {at}");
        }
        files::write(&store.checkpoint_path(&key), &bytes[..70]).expect("writable");
        assert!(matches!(store.checkpoint(&key), Found::Damaged(_)));
        store.remove_checkpoint(&key).expect("writable");
        assert!(matches!(store.checkpoint(&key), Found::Absent));
    }
}
