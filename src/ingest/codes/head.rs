//! What a file says before its first row.

use super::super::cell::Source;
use super::super::csv::{Csv, shows_its_head};
use super::super::detect::detect;
use super::super::foreign;
use super::super::options::{Format, Options, PersonalIds};
use super::super::plan::{Plan, Use, plan};
use super::super::table::Table;
use super::super::text::Text;
use crate::base::Blocks;
use crate::record::codes::LabelCodes;
use crate::record::{Field, Kind, Task, col, schema};

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Item,
    Labeler,
    Label,
    Time,
    /// Something that a table of labels does not need and that has rules: they are at that place of [`Head::checked`].
    Checked(usize),
    Unread,
}

/// The rules of a cell that is checked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Check {
    Field(&'static Field),
    Seconds,
}

/// What a delimited file says before its first row.
#[derive(Debug)]
pub(super) struct Head<'o> {
    pub delimiter: u8,
    /// Where the first row begins.
    pub body: usize,
    /// By column.
    pub roles: Vec<Role>,
    pub checked: Vec<Check>,
    pub task: &'o Task,
}

/// So many first bytes are read for the header.
const HEAD: usize = 64 << 10;

impl<'o> Head<'o> {
    /// Reads the header; `None` when the file is not to be read by lines.
    pub fn read(file: &(impl Blocks + ?Sized), options: &'o Options<'_>) -> Option<Self> {
        let mut bytes = vec![0; HEAD.min(usize::try_from(file.size()).ok()?)];
        file.read_at(0, &mut bytes).ok()?;
        let format = match options.format {
            Some(format) => format,
            None => detect(&bytes, options.file).ok()?,
        };
        let delimiter = match format {
            Format::Csv => None,
            Format::Tsv => Some(b'\t'),
            _ => return None,
        };
        if (bytes.len() as u64) < file.size() {
            let feed = bytes.iter().rposition(|byte| *byte == b'\n')?;
            bytes.truncate(feed + 1);
            let mark = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
            if !shows_its_head(&bytes[mark..]) {
                return None;
            }
        }
        let text = Text::new(&bytes).ok()?;
        let csv = Csv::new(&text, delimiter).ok()?;
        let plan = plan_of(&csv, options)?;
        let (roles, checked) = roles(&plan)?;
        let body = bytes.len() - text.text.len() + csv.body();
        let task = *plan.tasks.first()?.as_ref()?;
        Some(Self { delimiter: csv.delimiter(), body, roles, checked, task })
    }
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns what the columns mean in a file of labels in long form whose labelers are called as it calls them.
fn plan_of<'p>(source: &dyn Source, options: &'p Options<'_>) -> Option<Plan<'p>> {
    let plain = options.kind == Kind::Labels
        && !options.wide
        && !options.skip_bad
        && options.labeler.is_none()
        && options.refuse.is_none()
        && options.aliases.is_empty()
        && matches!(options.personal_ids, PersonalIds::Allow);
    let has = |name: &str| source.columns().iter().any(|column| column == name);
    // Label Studio's flat exports have rules of their own.
    if !plain || (has("annotation_id") && has("annotator") && has("lead_time") && has("id")) {
        return None;
    }
    if options.format.is_none() && options.map.is_empty() {
        foreign::check_columns(source, false).ok()?;
    }
    plan(source, options, false).ok().filter(|plan| plan.tasks.len() == 1)
}

fn roles(plan: &Plan<'_>) -> Option<(Vec<Role>, Vec<Check>)> {
    let mut checked = Vec::new();
    let mut roles = Vec::new();
    for used in &plan.uses {
        let check = match *used {
            Use::Field(col::ITEM) => Err(Role::Item),
            Use::Field(col::LABELER) => Err(Role::Labeler),
            Use::Label(0) => Err(Role::Label),
            Use::Field(col::CREATED_AT) => Err(Role::Time),
            Use::NotKept => Err(Role::Unread),
            // Whose guess was shown goes by the rules of labelers.
            Use::Field(col::SHOWN_BY) => return None,
            Use::Field(field) => Ok(Check::Field(&schema(plan.kind)[field])),
            Use::Seconds => Ok(Check::Seconds),
            _ => return None,
        };
        roles.push(check.map_or_else(|role| role, |_| Role::Checked(checked.len())));
        checked.extend(check);
    }
    let once = |role| roles.iter().filter(|other| **other == role).count() == 1;
    [Role::Item, Role::Labeler, Role::Label].into_iter().all(once).then_some((roles, checked))
}

/// Where the columns of labels are in a table, and the task.
#[derive(Clone, Copy, Debug)]
pub struct LabelColumns<'o> {
    /// The items' column.
    pub item: usize,
    /// The labelers'.
    pub labeler: usize,
    /// The labels'.
    pub label: usize,
    /// The times', if there is one.
    pub created_at: Option<usize>,
    task: &'o Task,
}

impl LabelColumns<'_> {
    /// Returns `codes` with every label written as the task does; `None` when it does not know one.
    pub fn canonical(&self, mut codes: LabelCodes) -> Option<LabelCodes> {
        super::canonical_labels(&mut codes.pieces, self.task)?;
        Some(codes)
    }
}

/// Finds the columns of labels among the `columns` of a table that is no text; `None` when [`super::super::read_table`]
/// is to read it.
pub fn label_columns<'o>(columns: &[&str], options: &'o Options<'_>) -> Option<LabelColumns<'o>> {
    let table = Table::new(columns.iter().map(|name| ((*name).to_owned(), Vec::new())).collect())?;
    let plan = plan_of(&table, options)?;
    let (roles, checked) = roles(&plan)?;
    let at = |role| roles.iter().position(|other| *other == role);
    let (item, labeler, label) = (at(Role::Item)?, at(Role::Labeler)?, at(Role::Label)?);
    let task = *plan.tasks.first()?.as_ref()?;
    checked.is_empty().then_some(LabelColumns { item, labeler, label, created_at: at(Role::Time), task })
}
