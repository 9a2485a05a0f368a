//! Git's configuration of one repository: set where nobody has set it.

use super::{Error, Store};

/// What came of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Configured {
    /// It was set.
    Set,
    /// It had this value.
    Same,
    /// Somebody gave it another value, here or for all repositories, and it was left as it is.
    Other(String),
}

impl Store {
    /// Sets `key` to `value` in this repository alone, for all its work trees, unless it has a value.
    ///
    /// # Errors
    /// Git's configuration cannot be read or written.
    pub fn configure(&self, key: &str, value: &str) -> Result<Configured, Error> {
        match self.config()?.get(key) {
            Some(Some(found)) if found == value => Ok(Configured::Same),
            Some(found) => Ok(Configured::Other(found.clone().unwrap_or_default())),
            None => {
                self.git.run(&format!("setting {key}"), ["config", "--local", key, value])?;
                Ok(Configured::Set)
            }
        }
    }

    /// Returns the value that Git's attributes give `attribute` of `path`, from the repository's root; `None` where
    /// they give none.
    ///
    /// # Errors
    /// Git cannot be asked.
    pub fn attribute(&self, path: &str, attribute: &str) -> Result<Option<String>, Error> {
        let said = self.git.run("reading attributes", ["check-attr", "-z", attribute, "--", path])?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let value = said.split('\0').nth(2).filter(|value| *value != "unspecified");
        Ok(value.map(str::to_owned))
    }
}
