//! Many texts in one piece of memory.

/// A list of texts, packed: millions of short ones cost their bytes and eight more each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    bytes: String,
    /// Where each text ends.
    ends: Vec<usize>,
}

impl Texts {
    /// Returns the texts that stand end to end in `bytes`, given where each ends; `None` when these are no such places
    /// or the bytes no UTF-8.
    pub fn packed(bytes: Vec<u8>, ends: Vec<usize>) -> Option<Self> {
        let bytes = String::from_utf8(bytes).ok()?;
        let whole = ends.last().copied().unwrap_or(0) == bytes.len();
        let good = whole && ends.is_sorted() && ends.iter().all(|end| bytes.is_char_boundary(*end));
        good.then_some(Self { bytes, ends })
    }

    /// Adds a text at the end.
    pub fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    /// Adds the texts of another list.
    pub fn append(&mut self, other: &Self) {
        let before = self.bytes.len();
        self.bytes.push_str(&other.bytes);
        self.ends.extend(other.ends.iter().map(|end| before + end));
    }

    /// Returns the number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the text at `index`.
    ///
    /// # Panics
    /// When there is none.
    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }

    /// Iterates over the texts in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index))
    }
}

impl<T: AsRef<str>> FromIterator<T> for Texts {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut packed = Self::default();
        texts.into_iter().for_each(|text| packed.push(text.as_ref()));
        packed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_as_they_went_in() {
        let given = ["", "ü", "item-1", ""];
        let mut texts: Texts = given.iter().collect();
        assert_eq!(texts.iter().collect::<Vec<_>>(), given);
        texts.append(&["x"].iter().collect());
        assert_eq!((texts.len(), texts.get(2), texts.get(4)), (5, "item-1", "x"));
        assert_eq!(Texts::packed("üab".into(), vec![0, 2, 4, 4]), Some(["", "ü", "ab", ""].iter().collect()));
        for (bytes, ends) in [
            (&b"ab"[..], &[1][..]),
            (b"ab", &[2, 1, 2]),
            ("ü".as_bytes(), &[1, 2]),
            (b"\xff", &[1]),
            (b"", &[1]),
        ] {
            assert_eq!(Texts::packed(bytes.to_vec(), ends.to_vec()), None);
        }
    }
}
