//! Few texts, numbered in the order they are met.

use super::key::Key;

/// Texts and their numbers.
#[derive(Clone, Debug)]
pub(super) struct Words {
    texts: Vec<String>,
    /// A hash table of twice as many places as texts at least; searched one place after the other.
    slots: Vec<Slot>,
}

/// A place of the hash table; free while its number is [`Words::MOST`].
#[derive(Clone, Copy, Debug)]
struct Slot {
    key: Key,
    length: u32,
    number: u32,
}

const FREE: Slot = Slot { key: Key::NONE, length: 0, number: Words::MOST as u32 };

impl Words {
    /// So many texts have numbers; one number more stands for none.
    pub const MOST: usize = u16::MAX as usize;

    /// Returns no texts.
    pub fn new() -> Self {
        Self { texts: Vec::new(), slots: vec![FREE; 64] }
    }

    /// Returns the number of `text`, a new one where it was not met before and `good` accepts it. `None` when it does
    /// not, when the text is no UTF-8, and when all numbers are taken.
    #[inline]
    pub fn number(&mut self, text: &[u8], good: impl Fn(&str) -> bool) -> Option<u32> {
        let key = Key::of(text);
        let mut place = key.hash(text.len()) as usize & (self.slots.len() - 1);
        loop {
            let slot = &self.slots[place];
            if slot.key == key && slot.length as usize == text.len() && slot.number != FREE.number {
                let known = || self.texts[slot.number as usize].as_bytes() == text;
                if text.len() <= Key::EXACT || known() {
                    return Some(slot.number);
                }
            } else if slot.number == FREE.number {
                return self.add(text, key, place, good);
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
    }

    #[cold]
    fn add(&mut self, text: &[u8], key: Key, place: usize, good: impl Fn(&str) -> bool) -> Option<u32> {
        let name = std::str::from_utf8(text).ok().filter(|text| good(text))?;
        let number = self.texts.len();
        if number == Self::MOST {
            return None;
        }
        self.texts.push(name.to_owned());
        self.slots[place] = Slot { key, length: u32::try_from(text.len()).ok()?, number: number as u32 };
        if self.texts.len() * 2 > self.slots.len() {
            self.grow();
        }
        Some(number as u32)
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 4;
        let before = std::mem::replace(&mut self.slots, vec![FREE; size]);
        for slot in before.into_iter().filter(|slot| slot.number != FREE.number) {
            let mut place = slot.key.hash(slot.length as usize) as usize & (size - 1);
            while self.slots[place].number != FREE.number {
                place = (place + 1) & (size - 1);
            }
            self.slots[place] = slot;
        }
    }

    /// Returns the texts by number, and forgets them.
    pub fn take(&mut self) -> Vec<String> {
        self.slots.fill(FREE);
        std::mem::take(&mut self.texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_numbers_however_many_there_are() {
        let mut words = Words::new();
        let text = |number: usize| format!("{number}{}", "x".repeat(number % 23));
        for _ in 0..2 {
            for number in 0..5000 {
                assert_eq!(words.number(text(number).as_bytes(), |_| true), Some(number as u32));
            }
        }
        assert_eq!(words.number(b"bad", |_| false), None);
        assert_eq!(words.number(b"\xff", |_| true), None);
        assert_eq!(words.take(), (0..5000).map(text).collect::<Vec<_>>());
        assert_eq!(words.number(b"bad", |_| true), Some(0));
        for number in 1..Words::MOST {
            assert!(words.number(number.to_string().as_bytes(), |_| true).is_some());
        }
        assert_eq!(words.number(b"one more", |_| true), None);
    }
}
