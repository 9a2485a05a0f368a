//! Text columns: nothing a row where all is null, a small number a row where few texts come again and again, and
//! otherwise the texts themselves, end to end in one buffer. Which of them a column is shows in nothing but its cost.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::base::text;

/// Nullable text.
#[derive(Clone, Debug, Default)]
pub struct TextColumn {
    form: Form,
    /// Whether few distinct texts are expected, as in columns of labelers and origins.
    wordy: bool,
}

#[derive(Clone, Debug)]
enum Form {
    /// So many nulls.
    Nulls(usize),
    Words(Words),
    Texts(Texts),
}

impl Default for Form {
    fn default() -> Self {
        Self::Nulls(0)
    }
}

/// Texts end to end.
#[derive(Clone, Debug, Default)]
struct Texts {
    data: String,
    ends: Vec<u32>,
    /// Empty while no value is null.
    nulls: Vec<bool>,
}

/// Few texts, and for each row which of them.
#[derive(Clone, Debug, Default)]
struct Words {
    codes: Vec<u16>,
    /// Without nulls or repeats, in the order they were met.
    texts: Texts,
    #[expect(clippy::disallowed_types, reason = "lookups alone; its order is never seen")]
    index: std::collections::HashMap<Box<str>, u16>,
    /// Texts met a moment ago: most are found here, without the safe but slow hash of the index.
    recent: Vec<u16>,
}

/// The code of null.
const NULL: u16 = u16::MAX;

/// More distinct texts are not told apart by number.
const MOST_WORDS: usize = 4096;

/// So many distinct texts are kept as numbers however seldom they come again.
const FEW_WORDS: usize = 64;

/// So many words are searched one by one.
const AT_A_GLANCE: usize = 8;

/// Two to this many words are remembered as recent.
const RECENT_BITS: u32 = 10;

/// A column as numbers of its distinct texts.
#[derive(Clone, Copy, Debug)]
pub struct Coded<'a> {
    /// By row: the number of its text, or [`Coded::NULL`].
    pub codes: &'a [u16],
    texts: &'a Texts,
}

impl<'a> Coded<'a> {
    /// The code of null.
    pub const NULL: u16 = NULL;

    /// Returns the texts, by number; some may stand in no row.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let texts = self.texts;
        (0..texts.ends.len()).map(|number| texts.text(number))
    }
}

impl Texts {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn push(&mut self, value: Option<&str>) {
        match value {
            Some(text) => self.data.push_str(text),
            None if self.nulls.is_empty() => self.nulls = vec![false; self.ends.len()],
            None => {}
        }
        if !self.nulls.is_empty() || value.is_none() {
            self.nulls.push(value.is_none());
        }
        self.ends.push(end(self.data.len()));
    }

    #[inline]
    fn start(&self, row: usize) -> usize {
        if row == 0 { 0 } else { self.ends[row - 1] as usize }
    }

    /// Returns the text of a row; of a null one, an empty text.
    #[inline]
    fn text(&self, row: usize) -> &str {
        &self.data[self.start(row)..self.ends[row] as usize]
    }

    #[inline]
    fn get(&self, row: usize) -> Option<&str> {
        let null = !self.nulls.is_empty() && self.nulls[row];
        if null { None } else { Some(self.text(row)) }
    }

    fn append(&mut self, other: &Self) {
        if !(self.nulls.is_empty() && other.nulls.is_empty()) {
            self.nulls.resize(self.len(), false);
            self.nulls.extend(&other.nulls);
            self.nulls.resize(self.len() + other.len(), false);
        }
        let base = end(self.data.len());
        self.data.push_str(&other.data);
        end(self.data.len());
        self.ends.extend(other.ends.iter().map(|end| base + end));
    }

    fn push_nulls(&mut self, count: usize) {
        self.nulls.resize(self.len(), false);
        self.nulls.resize(self.len() + count, true);
        self.ends.resize(self.len() + count, end(self.data.len()));
    }

    fn take(&self, rows: &[u32]) -> Self {
        let bytes = rows.iter().map(|row| self.text(*row as usize).len()).sum();
        let mut taken = Self {
            data: String::with_capacity(bytes),
            ends: Vec::with_capacity(rows.len()),
            nulls: Vec::new(),
        };
        rows.iter().for_each(|row| taken.push(self.get(*row as usize)));
        taken
    }

    fn slice(&self, rows: Range<usize>) -> Self {
        let base = if rows.is_empty() { 0 } else { self.start(rows.start) };
        let last = rows.end.checked_sub(1).filter(|_| !rows.is_empty());
        let data = &self.data[base..last.map_or(base, |last| self.ends[last] as usize)];
        Self {
            data: data.to_owned(),
            ends: self.ends[rows.clone()].iter().map(|end| end - base as u32).collect(),
            nulls: if self.nulls.is_empty() { Vec::new() } else { self.nulls[rows].to_vec() },
        }
    }
}

fn end(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("a batch holds less than 4 GiB of text")
}

impl Words {
    #[inline]
    fn get(&self, row: usize) -> Option<&str> {
        match self.codes[row] {
            NULL => None,
            code => Some(self.texts.text(code.into())),
        }
    }

    /// Returns the number of `text`, a new one when it was not met before.
    fn number(&mut self, text: &str) -> u16 {
        let known = |code: u16| code != NULL && self.texts.text(code.into()) == text;
        if let Some(last) = self.codes.last().filter(|code| known(**code)) {
            return *last;
        }
        if self.texts.len() <= AT_A_GLANCE {
            if let Some(code) = (0..self.texts.len() as u16).find(|code| known(*code)) {
                return code;
            }
        } else {
            let place = text::slot(text, RECENT_BITS);
            let recent = self.recent[place];
            if known(recent) {
                return recent;
            }
            if let Some(code) = self.index.get(text) {
                self.recent[place] = *code;
                return *code;
            }
        }
        self.texts.push(Some(text));
        let code = self.texts.len() as u16 - 1;
        match self.texts.len().cmp(&(AT_A_GLANCE + 1)) {
            Ordering::Less => {}
            Ordering::Equal => {
                self.recent = vec![NULL; 1 << RECENT_BITS];
                self.index = (0..=code).map(|code| (self.texts.text(code.into()).into(), code)).collect();
            }
            Ordering::Greater => {
                self.index.insert(text.into(), code);
                self.recent[text::slot(text, RECENT_BITS)] = code;
            }
        }
        code
    }

    /// Counts the rows of each text, by number; those of null come last.
    fn counts(&self, rows: Range<usize>) -> Vec<usize> {
        let mut counts = vec![0; self.texts.len() + 1];
        let nulls = self.texts.len();
        self.codes[rows].iter().for_each(|code| counts[usize::from(*code).min(nulls)] += 1);
        counts
    }
}

impl TextColumn {
    /// Returns an empty column of which few distinct texts are expected.
    pub(super) fn of_words() -> Self {
        Self { form: Form::default(), wordy: true }
    }

    /// Returns a column of `rows` times `text`.
    pub fn repeat(text: &str, rows: usize) -> Self {
        let mut words = Words::default();
        words.number(text);
        words.codes = vec![0; rows];
        Self { form: Form::Words(words), wordy: true }
    }

    /// Appends nulls.
    pub fn push_nulls(&mut self, count: usize) {
        match &mut self.form {
            Form::Nulls(nulls) => *nulls += count,
            Form::Words(words) => words.codes.resize(words.codes.len() + count, NULL),
            Form::Texts(texts) => texts.push_nulls(count),
        }
    }

    /// Appends a value.
    ///
    /// # Panics
    /// When the column passes 4 GiB of text: a batch holds at most a million rows and readers bound each value.
    pub fn push(&mut self, value: Option<&str>) {
        match (&mut self.form, value) {
            (Form::Nulls(count), None) => *count += 1,
            (Form::Nulls(_), Some(_)) => {
                self.form = Form::Words(self.nulls_as_words());
                self.push(value);
            }
            (Form::Words(words), None) => words.codes.push(NULL),
            (Form::Words(words), Some(text)) => {
                let before = words.texts.len();
                let code = words.number(text);
                words.codes.push(code);
                if words.texts.len() > before {
                    self.spell_out_if_crowded();
                }
            }
            (Form::Texts(texts), value) => texts.push(value),
        }
    }

    fn nulls_as_words(&self) -> Words {
        Words { codes: vec![NULL; self.len()], ..Words::default() }
    }

    fn spell_out_if_crowded(&mut self) {
        let Form::Words(words) = &self.form else { return };
        let (distinct, rows) = (words.texts.len(), words.codes.len());
        let seldom = !self.wordy && distinct > FEW_WORDS && distinct * 16 > rows;
        if distinct > MOST_WORDS || seldom {
            self.spell_out();
        }
    }

    /// Returns the texts themselves, as which the column is kept from now on.
    fn spell_out(&mut self) -> &mut Texts {
        if !matches!(self.form, Form::Texts(_)) {
            let mut texts = Texts::default();
            self.iter().for_each(|value| texts.push(value));
            self.form = Form::Texts(texts);
        }
        let Form::Texts(texts) = &mut self.form else { unreachable!("the form was just set") };
        texts
    }

    /// Puts `value` in the place of the last one.
    ///
    /// # Panics
    /// When the column is empty.
    pub fn replace_last(&mut self, value: &str) {
        let some = "a column with a last value";
        match &mut self.form {
            Form::Nulls(count) => *count = count.checked_sub(1).expect(some),
            Form::Words(words) => {
                words.codes.pop().expect(some);
            }
            Form::Texts(texts) => {
                texts.ends.pop().expect(some);
                texts.data.truncate(texts.ends.last().copied().unwrap_or(0) as usize);
                texts.nulls.pop();
            }
        }
        self.push(Some(value));
    }

    /// Appends all values of `other`.
    ///
    /// # Panics
    /// As [`TextColumn::push`].
    pub fn append(&mut self, other: &Self) {
        match (&mut self.form, &other.form) {
            (_, Form::Nulls(theirs)) => self.push_nulls(*theirs),
            (Form::Nulls(0), _) => self.form = other.form.clone(),
            (Form::Nulls(_), Form::Words(_)) => {
                self.form = Form::Words(self.nulls_as_words());
                self.append(other);
            }
            (Form::Words(mine), Form::Words(theirs)) => {
                let numbers: Vec<u16> =
                    (0..theirs.texts.len()).map(|code| mine.number(theirs.texts.text(code))).collect();
                let number = |code: &u16| numbers.get(usize::from(*code)).copied().unwrap_or(NULL);
                mine.codes.extend(theirs.codes.iter().map(number));
                self.spell_out_if_crowded();
            }
            (Form::Texts(mine), Form::Words(_)) => other.iter().for_each(|value| mine.push(value)),
            (_, Form::Texts(theirs)) => self.spell_out().append(theirs),
        }
    }

    /// Returns the value of `row`; `None` is null.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&str> {
        match &self.form {
            Form::Nulls(count) => {
                assert!(row < *count, "row {row} of {count}");
                None
            }
            Form::Words(words) => words.get(row),
            Form::Texts(texts) => texts.get(row),
        }
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        match &self.form {
            Form::Nulls(count) => *count,
            Form::Words(words) => words.codes.len(),
            Form::Texts(texts) => texts.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Iterates over the values in row order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Returns the column with only `rows`, in that order.
    pub fn take(&self, rows: &[u32]) -> Self {
        let form = match &self.form {
            Form::Nulls(_) => Form::Nulls(rows.len()),
            Form::Words(words) => Form::Words(Words {
                codes: rows.iter().map(|row| words.codes[*row as usize]).collect(),
                ..words.without_rows()
            }),
            Form::Texts(texts) => Form::Texts(texts.take(rows)),
        };
        Self { form, wordy: self.wordy }
    }

    /// Returns the column with only the rows of `range`.
    pub fn slice(&self, range: Range<usize>) -> Self {
        let form = match &self.form {
            Form::Nulls(_) => Form::Nulls(range.len()),
            Form::Words(words) => {
                Form::Words(Words { codes: words.codes[range].to_vec(), ..words.without_rows() })
            }
            Form::Texts(texts) => Form::Texts(texts.slice(range)),
        };
        Self { form, wordy: self.wordy }
    }

    /// Returns the column as numbers of its distinct texts, where it is kept so.
    pub fn coded(&self) -> Option<Coded<'_>> {
        match &self.form {
            Form::Words(words) => Some(Coded { codes: &words.codes, texts: &words.texts }),
            _ => None,
        }
    }

    /// Counts the rows of each value among those of `range`.
    pub fn tally(&self, range: Range<usize>) -> BTreeMap<Option<&str>, usize> {
        match &self.form {
            Form::Nulls(_) => [(None, range.len())].into_iter().filter(|(_, count)| *count > 0).collect(),
            Form::Words(words) => {
                let counts = words.counts(range).into_iter().enumerate().filter(|(_, count)| *count > 0);
                let value = |code| (code < words.texts.len()).then(|| words.texts.text(code));
                counts.map(|(code, count)| (value(code), count)).collect()
            }
            Form::Texts(texts) => {
                let mut counts = BTreeMap::new();
                range.for_each(|row| *counts.entry(texts.get(row)).or_insert(0) += 1);
                counts
            }
        }
    }

    /// Returns the bytes of all texts among those of `range`.
    pub fn text_bytes(&self, range: Range<usize>) -> usize {
        match &self.form {
            Form::Nulls(_) => 0,
            Form::Words(words) => {
                let length = |code| if code < words.texts.len() { words.texts.text(code).len() } else { 0 };
                words.counts(range).into_iter().enumerate().map(|(code, count)| length(code) * count).sum()
            }
            Form::Texts(_) if range.is_empty() => 0,
            Form::Texts(texts) => texts.ends[range.end - 1] as usize - texts.start(range.start),
        }
    }

    /// Whether every value is null, as far as that shows without looking at each.
    pub fn is_null_throughout(&self) -> bool {
        matches!(self.form, Form::Nulls(_))
    }

    /// Compares the values of two rows by their UTF-8 bytes, null first.
    #[inline]
    pub fn compare(&self, a: usize, b: usize) -> Ordering {
        match &self.form {
            Form::Nulls(_) => Ordering::Equal,
            Form::Words(words) if words.codes[a] == words.codes[b] => Ordering::Equal,
            Form::Texts(texts) if texts.nulls.is_empty() => texts.text(a).cmp(texts.text(b)),
            _ => self.get(a).cmp(&self.get(b)),
        }
    }

    /// Returns the bytes that all texts begin with; of a column of few distinct texts or with nulls, none.
    pub(super) fn common_prefix(&self) -> &str {
        let Form::Texts(texts) = &self.form else { return "" };
        if texts.len() == 0 || !texts.nulls.is_empty() {
            return "";
        }
        let first = texts.text(0);
        let shared = (1..texts.len()).fold(first.len(), |shared, row| {
            let (a, b) = (&first.as_bytes()[..shared], texts.text(row).as_bytes());
            if b.starts_with(a) { shared } else { a.iter().zip(b).take_while(|(a, b)| a == b).count() }
        });
        let shared = (0..=shared).rev().find(|at| first.is_char_boundary(*at)).unwrap_or(0);
        &first[..shared]
    }
}

impl Words {
    fn without_rows(&self) -> Self {
        Self {
            codes: Vec::new(),
            texts: self.texts.clone(),
            index: self.index.clone(),
            recent: self.recent.clone(),
        }
    }
}

impl PartialEq for TextColumn {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<S: AsRef<str>> FromIterator<Option<S>> for TextColumn {
    fn from_iter<I: IntoIterator<Item = Option<S>>>(values: I) -> Self {
        let mut column = Self::default();
        for value in values {
            column.push(value.as_ref().map(AsRef::as_ref));
        }
        column
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that a column keeps as nulls, as words, and spelled out.
    fn all_forms() -> Vec<Vec<Option<String>>> {
        let some = |text: &str| Some(text.to_owned());
        vec![
            vec![],
            vec![None, None],
            vec![some("a"), some(""), None, some("bc"), None, some("a")],
            vec![None, some("a")],
            (0..300).map(|n| (n % 7 != 0).then(|| format!("é{}", n % 20))).collect(),
            (0..300).map(|n| Some(format!("item-{n}"))).collect(),
            (0..300).map(|n| (n % 100 != 99).then(|| format!("item-{n}"))).collect(),
            (0..5000).map(|n| Some(format!("word-{}", n % 40))).collect(),
        ]
    }

    fn column(values: &[Option<String>]) -> TextColumn {
        values.iter().cloned().collect()
    }

    fn values(column: &TextColumn) -> Vec<Option<String>> {
        column.iter().map(|value| value.map(str::to_owned)).collect()
    }

    #[test]
    fn a_column_holds_what_was_pushed_in_every_form() {
        for given in all_forms() {
            let column = column(&given);
            assert_eq!(values(&column), given);
            assert_eq!(
                column.text_bytes(0..given.len()),
                given.iter().flatten().map(String::len).sum::<usize>()
            );
            let mut counts = BTreeMap::new();
            given.iter().for_each(|value| *counts.entry(value.as_deref()).or_insert(0) += 1);
            assert_eq!(column.tally(0..given.len()), counts);
            for (a, b) in (1..given.len()).map(|row| (row - 1, row)) {
                assert_eq!(column.compare(a, b), given[a].cmp(&given[b]));
            }
            if let Some(coded) = column.coded() {
                let texts: Vec<&str> = coded.texts().collect();
                let spelled = coded.codes.iter().map(|code| texts.get(usize::from(*code)).copied());
                assert!(spelled.eq(given.iter().map(Option::as_deref)));
            }
        }
    }

    #[test]
    fn columns_of_all_forms_are_appended_taken_and_cut() {
        for first in all_forms() {
            for second in all_forms() {
                let mut joined = column(&first);
                joined.append(&column(&second));
                let expected = [first.clone(), second.clone()].concat();
                assert_eq!(values(&joined), expected);
                joined.push(Some("last"));
                assert_eq!(joined.get(expected.len()), Some("last"));
                let picked: Vec<u32> = (0..expected.len() as u32).rev().step_by(3).collect();
                let taken: Vec<_> = picked.iter().map(|row| expected[*row as usize].clone()).collect();
                assert_eq!(values(&joined.take(&picked)), taken);
                let half = expected.len() / 2;
                assert_eq!(values(&joined.slice(half..expected.len())), expected[half..]);
                assert_eq!(joined.slice(half..half).len(), 0);
            }
        }
    }

    #[test]
    fn the_last_value_is_replaced_in_every_form() {
        for mut given in all_forms().into_iter().filter(|given| !given.is_empty()) {
            let mut column = column(&given);
            column.replace_last("z");
            *given.last_mut().unwrap() = Some("z".into());
            assert_eq!(values(&column), given);
        }
    }

    #[test]
    fn few_texts_are_kept_as_numbers_and_many_are_not() {
        let numbered = |distinct: usize, rows: usize, mut column: TextColumn| {
            (0..rows).for_each(|row| column.push(Some(&(row % distinct).to_string())));
            column.coded().is_some()
        };
        assert!(numbered(60, 60, TextColumn::default()));
        assert!(!numbered(70, 70, TextColumn::default()));
        assert!(numbered(300, 300, TextColumn::of_words()));
        assert!(!numbered(MOST_WORDS + 1, MOST_WORDS + 1, TextColumn::of_words()));
    }

    #[test]
    fn the_common_prefix_ends_at_a_character() {
        let prefix = |values: &[&str]| {
            let mut column = TextColumn::default();
            values.iter().for_each(|value| column.push(Some(value)));
            column.spell_out();
            column.common_prefix().to_owned()
        };
        assert_eq!(prefix(&["item-10", "item-1", "item-12"]), "item-1");
        assert_eq!(prefix(&["né", "nè"]), "n");
        assert_eq!(prefix(&["a", "b"]), "");
    }
}
