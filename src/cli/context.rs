//! What a command is given: working folder, clock, where and how to print.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};
use rayon::prelude::*;
use serde::Serialize;

use hitl::base::{Blocks, Timestamp};
use hitl::dataset::Dataset;
use hitl::ops::{Clock, Input, OpenInput};
use hitl::render::human::{self, Style};
use hitl::store::Store;
use hitl::trace::Called;

use super::error::Failure;
use super::global::{Color, Format, Global};
use super::{Exit, error};

/// Where the answer goes.
pub type Out = BufWriter<AutoStream<io::Stdout>>;

/// The environment of one run.
pub struct Context {
    format: Format,
    style: Style,
    now: Timestamp,
    out: Out,
    talk: RefCell<AutoStream<io::Stderr>>,
}

/// A file of so many bytes is read in pieces of that size, side by side: most of the time goes into copying.
const LARGE: usize = 1 << 24;

fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let about = file.metadata()?;
    let len = usize::try_from(about.len()).unwrap_or(usize::MAX);
    if !about.is_file() || len < LARGE {
        return std::fs::read(path);
    }
    let mut bytes = vec![0; len];
    let read = |(number, piece): (usize, &mut [u8])| file.read_exact_at(piece, (number * LARGE) as u64);
    bytes.par_chunks_mut(LARGE).enumerate().try_for_each(read)?;
    // What was written meanwhile.
    file.seek(SeekFrom::Start(about.len()))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A regular file, as long as it was when it was opened.
struct OpenFile {
    path: PathBuf,
    file: File,
    size: u64,
}

impl OpenFile {
    fn new(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        Ok(Self { path: path.to_owned(), size: file.metadata()?.len(), file })
    }
}

impl Blocks for OpenFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(into, at)
    }

    fn whole(&self) -> io::Result<Cow<'_, [u8]>> {
        read_whole(&self.path).map(Cow::Owned)
    }
}

/// Overrides the clock, as RFC 3339; for reproducible runs.
const NOW_VARIABLE: &str = "HITL_NOW";

impl Context {
    /// Reads the environment.
    pub fn new(global: Global) -> Result<Self, Failure> {
        if let Some(dir) = &global.dir {
            let enter = std::env::set_current_dir(dir);
            enter.map_err(|error| Failure::request(format!("cannot work in {}: {error}", dir.display())))?;
        }
        let choice = match global.color {
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
            Color::Auto => AutoStream::choice(&io::stdout()),
        };
        let talk_choice =
            if global.color == Color::Auto { AutoStream::choice(&io::stderr()) } else { choice };
        let color = choice != ColorChoice::Never;
        Ok(Self {
            format: global.format,
            style: Style { color, width: terminal_width() },
            now: now()?,
            out: BufWriter::new(AutoStream::new(io::stdout(), choice)),
            talk: RefCell::new(AutoStream::new(io::stderr(), talk_choice)),
        })
    }

    /// Returns the folder the command works in.
    pub fn dir(&self) -> &Path {
        Path::new(".")
    }

    /// Returns the clock.
    pub fn clock(&self) -> Clock {
        Clock { now: self.now }
    }

    /// Returns how to print for people.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Returns how reports are to be printed.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Opens the dataset of the working folder, and finishes there what a killed hitl left behind.
    pub fn dataset(&self) -> Result<Dataset, Failure> {
        let dataset = Dataset::open(self.dir())?;
        self.finish_interrupted(dataset.store())?;
        Ok(dataset)
    }

    /// Finishes what a killed hitl left behind in a repository, and says so.
    pub fn finish_interrupted(&self, store: &Store) -> Result<(), Failure> {
        match store.recover() {
            Ok(None) => {}
            Ok(Some(found)) => self.say(&format!(
                "note: finished what was interrupted: {} ({})",
                human::sanitize(&found.subject),
                &found.commit.0[..10]
            ))?,
            // To look is still possible; a command that writes meets the same error and fails with it.
            Err(error) => self.say(&format!("note: what was interrupted could not be finished: {error}"))?,
        }
        Ok(())
    }

    /// Returns the bytes of the file `path` as the user wrote it, `-` being standard input.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, Failure> {
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map_err(|error| error::unreadable(path, &error))?;
            return Ok(bytes);
        }
        read_whole(path).map_err(|error| error::unreadable(path, &error))
    }

    /// Returns the files `paths` as the user wrote them.
    pub fn inputs(&self, paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
        let input = |path: &PathBuf| Ok(Input { name: path.display().to_string(), bytes: self.read(path)? });
        paths.iter().map(input).collect()
    }

    /// Returns the files `paths` as the user wrote them, to be read in parts.
    pub fn open(&self, paths: &[PathBuf]) -> Result<Vec<OpenInput>, Failure> {
        let open = |path: &PathBuf| {
            // Pipes are read once, from their start.
            let regular = path != Path::new("-") && path.is_file();
            let blocks: Box<dyn Blocks> = match regular {
                true => Box::new(OpenFile::new(path).map_err(|error| error::unreadable(path, &error))?),
                false => Box::new(self.read(path)?),
            };
            Ok(OpenInput::new(path.display().to_string(), blocks))
        };
        paths.iter().map(open).collect()
    }

    /// Returns the text of the file `path`.
    pub fn read_text(&self, path: &Path) -> Result<String, Failure> {
        String::from_utf8(self.read(path)?)
            .map_err(|_| Failure::request(format!("{} is not UTF-8 text", path.display())))
    }

    /// Whether somebody can be asked.
    pub fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks for one line on the terminal.
    pub fn ask(&mut self, question: &str) -> Result<String, Failure> {
        let talk = self.talk.get_mut();
        write!(talk, "{question} ")?;
        talk.flush()?;
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// Returns where the answer goes.
    pub fn out(&mut self) -> &mut Out {
        &mut self.out
    }

    /// Returns standard output for bytes that are no text.
    pub fn raw(&mut self) -> Result<io::StdoutLock<'static>, Failure> {
        self.out.flush()?;
        Ok(io::stdout().lock())
    }

    /// Says something beside the answer.
    pub fn say(&self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(self.talk.borrow_mut(), "{text}")?)
    }

    /// Refuses a form that is none of `forms`, those that the answer has.
    pub fn has(&self, forms: &[Format]) -> Result<(), Failure> {
        if forms.contains(&self.format) {
            return Ok(());
        }
        let mut names = forms.iter().map(|form| form.option()).collect::<Vec<_>>();
        let last = names.pop().unwrap_or_default();
        let names = names.join(", ");
        Err(Failure::request(format!("this has no {} form; it has {names} and {last}", self.format.title())))
    }

    /// Prints `report`: as JSON, or by `human`.
    pub fn print<R: Serialize>(
        &mut self,
        report: &R,
        human: impl FnOnce(&R, &Style, &mut Out) -> io::Result<()>,
    ) -> Result<(), Failure> {
        self.has(&[Format::Human, Format::Json])?;
        match self.format {
            Format::Json => Ok(hitl::render::json(report, &mut self.out)?),
            _ => Ok(human(report, &self.style, &mut self.out)?),
        }
    }

    /// Prints `report`: as JSON, by `human`, or by `markdown`.
    pub fn print_with_markdown<R: Serialize>(
        &mut self,
        report: &R,
        human: impl FnOnce(&R, &Style, &mut Out) -> io::Result<()>,
        markdown: impl FnOnce(&R, &mut Out) -> io::Result<()>,
    ) -> Result<(), Failure> {
        self.has(&[Format::Human, Format::Json, Format::Md])?;
        match self.format {
            Format::Md => Ok(markdown(report, &mut self.out)?),
            _ => self.print(report, human),
        }
    }

    /// Prints `report`: as JSON, by `human`, by `markdown`, or by `html`.
    pub fn print_as_page<R: Serialize>(
        &mut self,
        report: &R,
        human: impl FnOnce(&R, &Style, &mut Out) -> io::Result<()>,
        markdown: impl FnOnce(&R, &mut Out) -> io::Result<()>,
        html: impl FnOnce(&R, &mut Out) -> io::Result<()>,
    ) -> Result<(), Failure> {
        self.has(&[Format::Human, Format::Json, Format::Md, Format::Html])?;
        match self.format {
            Format::Html => Ok(html(report, &mut self.out)?),
            _ => self.print_with_markdown(report, human, markdown),
        }
    }

    /// Returns what labelers are called, by id: empty for what is handed on to programs and pages, which have ids alone.
    pub fn called(&self, dataset: &Dataset) -> Result<Called, Failure> {
        if self.format != Format::Human {
            return Ok(Called::default());
        }
        match hitl::ops::people::names(dataset) {
            Ok(names) => Ok(Called(names)),
            Err(error) => {
                self.say(&format!("note: names are left out: {}", human::sanitize(&error.to_string())))?;
                Ok(Called::default())
            }
        }
    }

    /// Warns, beside the answer, of records that what was looked at lacks.
    pub fn warn_absent(&mut self, dataset: &Dataset) -> Result<(), Failure> {
        let absent = dataset.absent();
        if !absent.is_empty() {
            self.out.flush()?;
            let what = hitl::base::text::plural(absent.len(), "record is", "records are");
            self.say(&format!(
                "warning: the ledger is incomplete: {what} missing; `hitl status` names them"
            ))?;
        }
        self.note_cut(dataset)
    }

    /// Says, beside the answer, that it ends where history is cut off.
    pub fn note_cut(&mut self, dataset: &Dataset) -> Result<(), Failure> {
        if dataset.store().met_cut() {
            self.out.flush()?;
            self.say(
                "note: history is cut off in this shallow clone: who brought or removed a record before is not \
                 told; `git fetch --unshallow` brings the rest",
            )?;
        }
        Ok(())
    }

    /// Writes out what is buffered.
    pub fn finish(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }

    /// Tells of `failure` on standard error and returns its exit code.
    pub fn report(&mut self, failure: &Failure) -> Exit {
        // The answer so far goes out before the talk; neither can be told of any more if it fails.
        let _ = self.out.flush();
        let _ = failure.write(self.style, self.talk.get_mut());
        failure.exit()
    }
}

fn now() -> Result<Timestamp, Failure> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads clock and environment")]
    let (set, clock) = (std::env::var(NOW_VARIABLE).ok(), std::time::SystemTime::now());
    if let Some(text) = set {
        return text.parse().map_err(|error| Failure::request(format!("{NOW_VARIABLE}: {error}")));
    }
    let since = clock.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(micros).ok_or_else(|| Failure::request("the clock is past the year 9999"))
}

/// Returns the columns to write in: `COLUMNS` where it is set, else the terminal's, else 80.
fn terminal_width() -> usize {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let set = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    set.or_else(terminal).filter(|width| (40..=400).contains(width)).unwrap_or(80)
}
