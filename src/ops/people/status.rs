//! `labelers retire`, `suspend` and `resume`.

use super::{ChangeReport, How, Listed, Wanted, change, whole_second};
use crate::base::{Timestamp, text};
use crate::config::{Labeler, Status};
use crate::dataset::Dataset;
use crate::ops::{Clock, Error};

/// Which status a labeler gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusChange {
    /// No new rows and records for good; their keys end.
    Retire {
        /// When; now when not given.
        since: Option<Timestamp>,
    },
    /// No new rows and records for now.
    Suspend,
    /// A suspended labeler goes on.
    Resume,
}

/// Changes the status of `id` in `labelers.yaml`, and commits that file alone.
///
/// # Errors
/// There is no such labeler, they have the status, or they are retired. The file has changes that are not committed, or
/// Git refuses the commit.
pub fn set_status(
    dataset: &Dataset,
    id: &str,
    to: StatusChange,
    how: &How,
    clock: Clock,
) -> Result<ChangeReport, Error> {
    change(dataset, how, |listed| plan(listed, id, to, clock))
}

fn plan(listed: &Listed, id: &str, to: StatusChange, clock: Clock) -> Result<Wanted, Error> {
    let (id, mut labeler) = listed.find(id)?;
    let is_already =
        |word: &str| Err(Error::Nothing { message: format!("`{id}` is {word} already"), hint: None });
    let (schema, verb) = match (to, labeler.status) {
        (StatusChange::Retire { .. }, Status::Active | Status::Suspended) => {
            ("hitl.labelers-retire/1", "retire")
        }
        (StatusChange::Suspend, Status::Active) => ("hitl.labelers-suspend/1", "suspend"),
        (StatusChange::Resume, Status::Suspended) => ("hitl.labelers-resume/1", "resume"),
        (StatusChange::Resume, Status::Active) => return is_already("active"),
        (StatusChange::Suspend, Status::Suspended) => return is_already("suspended"),
        (StatusChange::Retire { .. } | StatusChange::Suspend, Status::Retired) => {
            return is_already("retired");
        }
        (StatusChange::Resume, Status::Retired) => {
            return Err(Error::request(
                format!("`{id}` is retired, which is for good"),
                "give them a new id; or set `status: active` in labelers.yaml by hand: keys that ended stay ended",
            ));
        }
    };
    let rows =
        format!("what they did stays; `hitl revert --labeler {}` takes it back", text::shell_quoted(&id));
    let (did, notes) = match to {
        StatusChange::Retire { since } => {
            labeler.status = Status::Retired;
            let since = since.unwrap_or_else(|| whole_second(clock.now));
            let ended = end_keys(&id, &mut labeler, since)?;
            let keys = match ended {
                0 => String::new(),
                ended => format!("; {} at {since}", text::plural(ended, "key ends", "keys end")),
            };
            (format!("{id} is retired{keys}"), vec![rows])
        }
        StatusChange::Suspend => {
            labeler.status = Status::Suspended;
            (format!("{id} is suspended"), vec![rows])
        }
        StatusChange::Resume => {
            labeler.status = Status::Active;
            (format!("{id} is active again"), Vec::new())
        }
    };
    Ok(Wanted { schema, subject: format!("{verb} {id}"), did, id, labeler, notes, name: None })
}

/// Ends every key that would sign for something at `since` or later; returns how many.
fn end_keys(id: &str, labeler: &mut Labeler, since: Timestamp) -> Result<usize, Error> {
    let open = labeler.keys.iter_mut().filter(|key| key.valid_until.is_none_or(|until| until > since));
    let mut ended = 0;
    for key in open {
        if let Some(from) = key.valid_from.filter(|from| *from >= since) {
            let fingerprint = key.key.openssh_fingerprint();
            return Err(Error::request(
                format!("key {fingerprint} of `{id}` is valid from {from} on, which is not before {since}"),
                "give a later --since, or take the key out of labelers.yaml",
            ));
        }
        key.valid_until = Some(since);
        ended += 1;
    }
    Ok(ended)
}
