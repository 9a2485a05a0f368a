//! Who may write: one process at a time holds `<common dir>/hitl/lock`. The kernel frees it when that process dies.
//!
//! The lock keeps hitl's own processes from waiting on each other's retries; what keeps history whole, against plain
//! git too, is that branches move by compare-and-swap.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use super::{Error, Store, durable};

/// How often a lock that another holds is tried, [`PAUSE`] apart, by what waiting costs.
pub(super) const PATIENCE: u32 = 200;
/// The same before anything was changed, where refusing is cheap.
pub(super) const SHORT_PATIENCE: u32 = 60;
/// The same where nobody is to wait: a lock let go a moment ago may still be open in a child that is just being started.
const GLANCE: u32 = 4;
/// Between two tries.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// The lock, for as long as it lives.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Store {
    /// Takes the lock, waiting up to ten seconds for whoever holds it.
    pub(super) fn lock(&self) -> Result<Lock, Error> {
        self.take_lock(PATIENCE)?.map_err(|(file, path)| busy(file, path))
    }

    /// Takes the lock unless a living process holds it.
    pub(super) fn try_lock(&self) -> Result<Option<Lock>, Error> {
        Ok(self.take_lock(GLANCE)?.ok())
    }

    /// Takes the lock, tried so many times; what is returned in its place names its holder.
    fn take_lock(&self, patience: u32) -> Result<Result<Lock, (File, PathBuf)>, Error> {
        durable::create_dir(&self.layout.hitl())?;
        let path = self.layout.hitl().join("lock");
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(Error::io(&path))?;
        for attempt in 1..=patience {
            match file.try_lock() {
                Ok(()) => {
                    // Only for the words of whoever waits; losing it is no fault.
                    let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                    return Ok(Ok(Lock { _file: file }));
                }
                Err(TryLockError::WouldBlock) if attempt < patience => sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(Error::Io { path, source: error }),
            }
        }
        Ok(Err((file, path)))
    }
}

fn busy(mut file: File, path: PathBuf) -> Error {
    let mut holder = String::new();
    let what = match file.read_to_string(&mut holder) {
        Ok(_) if !holder.is_empty() => format!("another hitl command (process {holder})"),
        _ => "another hitl command".to_owned(),
    };
    Error::Busy { what, path }
}
