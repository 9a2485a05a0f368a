//! `hitl labelers add|retire|suspend|resume|key|names|forget`

use std::path::Path;

use hitl::base::{Timestamp, text};
use hitl::config::Role;
use hitl::ops::people::{self, AddOptions, GivenKey, How, KeyChange, StatusChange};
use hitl::record::LabelerKind;
use hitl::render::human;

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::Failure;

#[derive(clap::Subcommand, Debug)]
pub enum Verb {
    /// Add a labeler to labelers.yaml
    Add(Box<Add>),
    /// Take no more of a labeler's work, for good, and end their keys
    Retire {
        /// The labeler
        id: String,
        /// When their keys end, UTC [default: now]
        #[arg(long, value_name = "TIME")]
        since: Option<Timestamp>,
        #[command(flatten)]
        how: HowArgs,
    },
    /// Take no more of a labeler's work for now
    Suspend {
        /// The labeler
        id: String,
        #[command(flatten)]
        how: HowArgs,
    },
    /// Take a suspended labeler's work again
    Resume {
        /// The labeler
        id: String,
        #[command(flatten)]
        how: HowArgs,
    },
    /// Add a key that signs for a labeler, end one, or say that somebody else had it
    #[command(subcommand)]
    Key(KeyVerb),
    /// List everybody, or ID, and what they are called; with NAME, keep a name
    Names {
        /// The labeler
        id: Option<String>,
        /// What they are called, kept outside history
        name: Option<String>,
    },
    /// Erase what a labeler is called, and the addresses behind their pseudonym
    Forget {
        /// The labeler
        id: String,
    },
}

#[derive(clap::Args, Debug)]
pub struct Add {
    /// Their id, which stands in history for good: a pseudonym
    id: String,
    /// human, model or gold
    #[arg(long, value_name = "KIND", default_value = "human")]
    kind: LabelerKind,
    /// What files call them; repeat for more
    #[arg(long, value_name = "NAME")]
    alias: Vec<String>,
    /// What they may do: labeler, adjudicator, curator, validator, maintainer; repeat for more
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Vec<Role>,
    /// The tasks they label; repeat for more [default: all]
    #[arg(long, value_name = "TASK")]
    task: Vec<String>,
    /// A public key that signs for them: a file, or "ssh-ed25519 …"; repeat for more
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
    /// When they can work
    #[arg(long, value_name = "TEXT")]
    availability: Option<String>,
    /// What they know well; repeat for more
    #[arg(long, value_name = "TEXT")]
    specialisation: Vec<String>,
    /// What they are called: kept in .git/hitl/people.json, outside history
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    how: HowArgs,
}

#[derive(clap::Subcommand, Debug)]
pub enum KeyVerb {
    /// Add a key that signs for a labeler
    Add {
        /// The labeler
        id: String,
        /// The public key: a file, or "ssh-ed25519 …"
        key: String,
        #[command(flatten)]
        how: HowArgs,
    },
    /// Let a key sign for nothing that is recorded later
    End {
        /// The labeler
        id: String,
        /// The key: its fingerprint or the first letters of that, SHA256:…; its file, or "ssh-ed25519 …"
        key: String,
        /// From when on, UTC [default: now]
        #[arg(long, value_name = "TIME")]
        since: Option<Timestamp>,
        #[command(flatten)]
        how: HowArgs,
    },
    /// Say that somebody else may have a key
    Compromised {
        /// The labeler
        id: String,
        /// The key: its fingerprint or the first letters of that, SHA256:…; its file, or "ssh-ed25519 …"
        key: String,
        /// Since when, UTC
        #[arg(long, value_name = "TIME")]
        since: Timestamp,
        #[command(flatten)]
        how: HowArgs,
    },
}

#[derive(clap::Args, Debug)]
pub struct HowArgs {
    /// The commit's message
    #[arg(short, long)]
    message: Option<String>,
    /// Show how the file would change, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

impl From<HowArgs> for How {
    fn from(args: HowArgs) -> Self {
        Self { message: args.message, dry_run: args.dry_run }
    }
}

fn role(word: &str) -> Result<Role, String> {
    Role::ALL.into_iter().find(|role| role.as_str() == word).ok_or_else(|| {
        let known = Role::ALL.map(Role::as_str);
        match text::did_you_mean(word, known) {
            Some(near) => format!("`{word}` is no role; did you mean `{near}`?"),
            None => format!("`{word}` is no role; one of {}", known.join(", ")),
        }
    })
}

pub fn run(verb: Verb, context: &mut Context) -> Result<Exit, Failure> {
    let dataset = context.dataset()?;
    let clock = context.clock();
    let mut status = |id: &str, to, how: HowArgs| -> Result<Exit, Failure> {
        let report = people::set_status(&dataset, id, to, &how.into(), clock)?;
        context.print(&report, human::people::change)?;
        Ok(Exit::Done)
    };
    match verb {
        Verb::Add(args) => {
            let options = args.options(context)?;
            context.print(&people::add(&dataset, &options)?, human::people::change)?;
        }
        Verb::Retire { id, since, how } => return status(&id, StatusChange::Retire { since }, how),
        Verb::Suspend { id, how } => return status(&id, StatusChange::Suspend, how),
        Verb::Resume { id, how } => return status(&id, StatusChange::Resume, how),
        Verb::Key(verb) => {
            let (id, to, how) = match verb {
                KeyVerb::Add { id, key, how } => (id, KeyChange::Add(given(context, key)?), how),
                KeyVerb::End { id, key, since, how } => {
                    (id, KeyChange::End { fingerprint: named(context, key)?, since }, how)
                }
                KeyVerb::Compromised { id, key, since, how } => {
                    (id, KeyChange::Compromised { fingerprint: named(context, key)?, since }, how)
                }
            };
            let report = people::key(&dataset, &id, &to, &how.into(), clock)?;
            context.print(&report, human::people::change)?;
        }
        Verb::Names { id: Some(id), name: Some(name) } => {
            context.print(&people::name(&dataset, &id, &name)?, human::people::name)?;
        }
        Verb::Names { id, .. } => {
            context.print(&people::names_report(&dataset, id.as_deref())?, human::people::names)?;
        }
        Verb::Forget { id } => context.print(&people::forget(&dataset, &id)?, human::people::forget)?,
    }
    Ok(Exit::Done)
}

impl Add {
    fn options(self, context: &Context) -> Result<AddOptions, Failure> {
        Ok(AddOptions {
            keys: self.key.into_iter().map(|key| given(context, key)).collect::<Result<_, _>>()?,
            id: self.id,
            kind: self.kind,
            aliases: self.alias,
            roles: self.role,
            tasks: self.task,
            availability: self.availability,
            specialisations: self.specialisation,
            name: self.name,
            how: self.how.into(),
        })
    }
}

/// Returns a key as it was typed, or as the file has it that was named.
fn given(context: &Context, key: String) -> Result<GivenKey, Failure> {
    // A key has a space after its algorithm; a file may have one in its name.
    let (path, typed) = (Path::new(&key), key.trim().contains(' '));
    let text = if path.is_file() || !typed { context.read_text(path)? } else { key.clone() };
    Ok(GivenKey { given: key, text })
}

/// Returns what names a key that is there: as it was typed, or what the file says.
fn named(context: &Context, key: String) -> Result<String, Failure> {
    let path = Path::new(&key);
    if path.is_file() { context.read_text(path) } else { Ok(key) }
}
