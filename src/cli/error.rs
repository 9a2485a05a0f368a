//! Every failure, as people read it: what, where, what to do next; and the exit code it has.

use std::io::{self, Write};
use std::path::Path;

use hitl::agreement::{LevelError, NoSuchLabeler};
use hitl::consensus::Unfit;
use hitl::render::human::{self, Place, Style};
use hitl::{config, dataset, ingest, ops, signing, store};

use super::Exit;

/// A command that could not be done.
pub enum Failure {
    /// Whoever read our output has read enough.
    ClosedPipe,
    /// Anything else.
    Told(Told),
}

/// A failure with all that is said of it.
pub struct Told {
    exit: Exit,
    /// What went wrong: a lowercase fragment.
    message: String,
    /// Places in files, each with its message.
    places: Vec<Place>,
    /// Places beyond those listed.
    more: usize,
    /// What to do next.
    hints: Vec<String>,
}

/// At most this many places are listed.
const PLACES: usize = 20;

impl Failure {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self::Told(Told { exit, message: message.into(), places: Vec::new(), more: 0, hints: Vec::new() })
    }

    /// Returns a request that cannot be meant.
    pub fn request(message: impl Into<String>) -> Self {
        Self::new(Exit::Request, message)
    }

    /// Adds what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Self::Told(told) = &mut self {
            told.hints.push(hint.into());
        }
        self
    }

    fn hints(self, hints: impl IntoIterator<Item = String>) -> Self {
        hints.into_iter().fold(self, Self::hint)
    }

    fn places(mut self, places: Vec<Place>, total: usize) -> Self {
        if let Self::Told(told) = &mut self {
            told.more = total.saturating_sub(places.len().min(PLACES));
            told.places = places;
            told.places.truncate(PLACES);
        }
        self
    }

    /// Adds the faults of a file.
    fn faults(self, file: String, refused: ingest::Refused) -> Self {
        let places = refused.faults.into_iter().map(|fault| Place {
            file: file.clone(),
            line: fault.line,
            column: fault.column,
            length: 0,
            source: None,
            message: fault.message,
            help: fault.hint,
        });
        self.places(places.collect(), refused.total)
    }

    /// Adds what is wrong with arguments.
    fn arguments(self, faults: Vec<ops::ArgumentFault>) -> Self {
        let total = faults.len();
        let place = |fault: ops::ArgumentFault| Place {
            help: fault.help,
            ..Place::file(fault.argument, fault.message)
        };
        self.places(faults.into_iter().map(place).collect(), total)
    }

    /// Returns the exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::ClosedPipe => Exit::Done,
            Self::Told(told) => told.exit,
        }
    }

    /// Writes the failure for people.
    pub fn write(&self, style: Style, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::ClosedPipe => Ok(()),
            Self::Told(told) => {
                human::error(&told.message, &told.places, told.more, &told.hints, &style, out)
            }
        }
    }

    /// Writes the failure to standard error before there is a context, and returns its exit code.
    pub fn report_plainly(&self) -> Exit {
        // Nobody is left to tell if standard error is closed.
        let _ = self.write(Style { color: false, width: 80 }, &mut io::stderr());
        self.exit()
    }
}

/// Returns the failure to read `path`.
pub fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(exit_of(error), format!("cannot read {}: {error}", path.display()))
}

/// Returns the failure to write `path`.
pub fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(exit_of(error), format!("cannot write {}: {error}", path.display()))
}

/// Returns whether a file the user named was the wrong one, or the disk is to blame.
fn exit_of(error: &io::Error) -> Exit {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound
        | Kind::PermissionDenied
        | Kind::AlreadyExists
        | Kind::IsADirectory
        | Kind::NotADirectory
        | Kind::InvalidInput
        | Kind::InvalidData
        | Kind::InvalidFilename => Exit::Request,
        _ => Exit::Data,
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::new(Exit::Data, format!("cannot write the answer: {error}")),
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        let exit = match error.kind() {
            store::ErrorKind::Nothing => Exit::No,
            store::ErrorKind::Request => Exit::Request,
            store::ErrorKind::Repository => Exit::Data,
            store::ErrorKind::Retry => Exit::Busy,
        };
        if matches!(&error, store::Error::NotARepository { dir } if dir == Path::new(".")) {
            return Self::new(exit, "there is no Git repository here").hint("`hitl init` makes one");
        }
        let failure = Self::new(exit, error.to_string());
        match error {
            store::Error::NoIdentity { commands, .. } => failure.hints(commands.map(str::to_owned)),
            store::Error::UnknownRevision { cut: true, candidates, .. } if candidates.is_empty() => {
                failure.hint("history is cut off here; `git fetch --unshallow` brings the rest")
            }
            store::Error::PromiseBroken { .. } => failure.hint(
                "try again where the remote can be reached; `git fetch --refetch --no-filter` fetches all there is, once",
            ),
            store::Error::HookChanged { .. } => failure.hint(
                "let the hook leave ledger/, guidelines/, snapshots/ and hitl's own files alone",
            ),
            store::Error::UnknownRevision { candidates, .. } => {
                failure.hints(candidates.into_iter().map(|candidate| format!("could be {candidate}")))
            }
            store::Error::HookRefused { output, .. } if !output.trim().is_empty() => {
                let gap = if output.trim().contains('\n') { "\n" } else { " " };
                failure.hint(format!("it said:{gap}{}", output.trim()))
            }
            store::Error::BareRepository { .. } => {
                failure.hint("commit in a clone that has a work tree, and push")
            }
            _ => failure,
        }
    }
}

impl From<signing::Error> for Failure {
    fn from(error: signing::Error) -> Self {
        let message = error.to_string();
        match error {
            signing::Error::NotRun { source, .. } => Self::new(exit_of(&source), message).hint(
                "`ssh-keygen` is part of OpenSSH (Debian and Ubuntu: apt install openssh-client); --no-sign signs nothing",
            ),
            signing::Error::Unfit { .. } => Self::request(message).hint("OpenSSH 8.2 or newer is needed"),
            signing::Error::Refused { .. } => Self::new(Exit::Busy, format!("{message}; nothing was changed"))
                .hint("give the key to the agent (ssh-add), or set another: git config user.signingKey PATH")
                .hint("--no-sign signs nothing"),
            signing::Error::Io(source) => Self::new(exit_of(&source), message),
        }
    }
}

impl From<dataset::Error> for Failure {
    fn from(error: dataset::Error) -> Self {
        let message = error.to_string();
        match error {
            dataset::Error::Store(error) => error.into(),
            dataset::Error::NotInitialised => Self::request(message)
                .hint("`hitl init --task NAME --type categorical --classes a,b,c` writes it and commits it"),
            dataset::Error::Config(config::Faults(faults)) => {
                let total = faults.len();
                let file = faults.first().map_or(dataset::CONFIG_FILE, |fault| fault.file);
                let places = faults.into_iter().map(|fault| Place {
                    file: fault.file.to_owned(),
                    line: fault.place.line,
                    column: fault.place.column,
                    length: fault.place.length,
                    source: (fault.place.line > 0).then_some(fault.line_text),
                    message: fault.message,
                    help: fault.help,
                });
                Self::request(format!("{} in {file}", hitl::base::text::count(total, "fault")))
                    .places(places.collect(), total)
            }
            dataset::Error::Damaged { faults } => {
                let total = faults.len();
                let places = faults.into_iter().map(|fault| Place::file(fault.path, fault.message));
                Self::new(Exit::Data, message)
                    .places(places.collect(), total)
                    .hint("`hitl fsck` says which commit did it and how to mend it")
            }
            dataset::Error::Signing(error) => error.into(),
            dataset::Error::Io { source, .. } => Self::new(exit_of(&source), format!("{message}: {source}")),
            dataset::Error::Shard(_) | dataset::Error::ManifestTooLong { .. } => {
                Self::new(Exit::Data, message)
            }
        }
    }
}

impl From<ops::Error> for Failure {
    fn from(error: ops::Error) -> Self {
        let message = error.to_string();
        match error {
            ops::Error::Dataset(error) => error.into(),
            ops::Error::Store(error) => error.into(),
            ops::Error::Ingest { .. } => Self::request(message),
            ops::Error::Refused { file, refused } => {
                let whole = refused.whole;
                let failure = Self::new(Exit::Data, message).faults(file, refused);
                match whole {
                    true => failure,
                    false => failure.hint(
                        "mend the file, or commit the rest with --skip-bad: the refused rows go to a file of their own",
                    ),
                }
            }
            ops::Error::NotDecided { file, refused } => {
                Self::new(Exit::Data, message).faults(file, refused).hint("mend the file, and give it again")
            }
            ops::Error::NotMeasured { file, refused } => Self::new(Exit::Data, message).faults(file, refused),
            ops::Error::Level(LevelError::NoOrder { .. }) => {
                Self::request(message).hint("--classes low,mid,high declares it, lowest first")
            }
            ops::Error::Weights { .. } => Self::request(message)
                .hint("a CSV of numbers, a row and a column for every class in their order, or a JSON list of lists"),
            ops::Error::Against(NoSuchLabeler { known, .. }) => {
                Self::request(message).hint(format!("labelers here: {}", known.join(", ")))
            }
            ops::Error::Unfit(Unfit::NoLabels) => {
                Self::new(Exit::No, message).hint("`hitl commit FILE` adds some; `hitl consensus FILE` reads a file as it is")
            }
            ops::Error::Unfit(Unfit::TooManyClasses { .. }) => Self::request(message)
                .hint("labels that are texts or numbers have no classes; `latest` and `unanimous` need none"),
            ops::Error::Unfit(_) => Self::request(message),
            ops::Error::Level(LevelError::NoWeights { .. }) => {
                Self::request(message).hint("--level ordinal, interval or ratio; or --weights FILE")
            }
            ops::Error::Level(_) => Self::new(Exit::Data, message)
                .hint("--level nominal compares labels as names; `hitl revert` takes back what is no label"),
            ops::Error::Shard { .. } => Self::new(Exit::Data, message),
            ops::Error::Name(_) => Self::request(message),
            ops::Error::Snapshot(_) => Self::new(Exit::Data, message),
            ops::Error::Io { source, .. } => Self::new(exit_of(&source), message),
            ops::Error::UnknownTask { known, .. } => Self::request(message).hint(match known.is_empty() {
                true => "declare it in hitl.yaml, and `git commit` that".to_owned(),
                false => format!("hitl.yaml declares: {}", known.join(", ")),
            }),
            ops::Error::WhichTask { .. } => Self::request(message).hint("choose one with --task"),
            ops::Error::SchemaNotCommitted { differs, .. } => Self::request(message).hint(format!(
                "commit it first: {}git commit -m \"hitl: task schema\" hitl.yaml",
                if differs { "" } else { "git add hitl.yaml && " }
            )),
            ops::Error::UnknownGuideline { .. } => Self::request(message)
                .hint("`hitl guideline list` shows all; `hitl guideline add NAME FILE` adds one"),
            ops::Error::GuidelineTaken { key } => Self::request(message).hint(format!(
                "a version is never changed: leave out --version for the next one; `hitl guideline show {key}` prints the text it has"
            )),
            ops::Error::UnknownRecord { .. } => Self::request(message).hint("`hitl log` lists the records"),
            ops::Error::AmbiguousRecord { candidates, .. } => {
                let ids: Vec<String> = candidates.iter().map(|id| format!("could be {}", id.0.short(16))).collect();
                Self::request(message).hints(ids)
            }
            ops::Error::UnknownSnapshot { .. } => Self::request(message).hint("`hitl snapshot list` shows all"),
            ops::Error::NotRebuilt { name } => {
                Self::new(Exit::Data, message).hint(format!("`hitl snapshot verify {name}` shows the differences"))
            }
            ops::Error::HistoryCut => Self::new(Exit::Data, message)
                .hint("fetch all of it: `fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` in GitLab CI, `git fetch --unshallow` here"),
            ops::Error::Incomplete { missing } => {
                let restore = missing.iter().take(3).map(|id| id.short()).collect::<Vec<_>>().join(" ");
                let ids = missing.iter().map(|id| Place::file(id.to_string(), "named as a parent, and not here".to_owned()));
                Self::new(Exit::Data, message)
                    .places(ids.collect(), missing.len())
                    .hint(format!("`hitl restore {restore}` brings back what history still holds"))
            }
            ops::Error::Arguments { faults, .. } => Self::request(message).arguments(faults),
            ops::Error::Request { hint, .. } => Self::request(message).hints(hint),
            ops::Error::NotAllowed { refused } => {
                let mut remedies: Vec<String> = refused.into_iter().map(|refusal| refusal.remedy).collect();
                remedies.dedup();
                Self::new(Exit::No, message).hints(remedies)
            }
            ops::Error::Nothing { hint, .. } => Self::new(Exit::No, message).hints(hint),
            ops::Error::NotFound { hint, .. } => Self::request(message).hints(hint),
        }
    }
}
