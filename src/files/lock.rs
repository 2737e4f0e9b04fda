//! Locks between programs: whoever holds one is alive, for the system frees it when the program ends, however it ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::{Result, at};

/// A lock on a file that is there for nothing else. It is freed when this is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Who else may hold the same lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// Others who share it too.
    Shared,
    /// Nobody.
    Exclusive,
}

/// Waits for a lock. The file and its folders are made where they are missing.
///
/// # Errors
/// If the file cannot be made, or the disk knows no locks.
pub fn lock(path: &Path, share: Share) -> Result<Lock> {
    let file = open(path)?;
    let locked = match share {
        Share::Shared => file.lock_shared(),
        Share::Exclusive => file.lock(),
    };
    locked.map_err(at("lock", path))?;
    Ok(Lock { _file: file })
}

/// Takes a lock for oneself; `None` where somebody has it.
///
/// # Errors
/// As [`lock`].
pub fn try_lock(path: &Path) -> Result<Option<Lock>> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(at("lock", path)(e)),
    }
}

fn open(path: &Path) -> Result<File> {
    super::create_folder(path.parent().unwrap_or(Path::new(".")))?;
    File::options().create(true).truncate(false).write(true).open(path).map_err(at("lock", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_lock_keeps_out_who_wants_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/lock");
        let (one, two) = (lock(&path, Share::Shared).unwrap(), lock(&path, Share::Shared).unwrap());
        drop(one);
        assert!(try_lock(&path).unwrap().is_none());
        drop(two);
        let alone = try_lock(&path).unwrap();
        assert!(alone.is_some());
        assert!(try_lock(&path).unwrap().is_none());
    }
}
