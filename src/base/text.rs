//! Small rules of text: normal form, characters that must not enter an id, and near misses.

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Returns `text` in Unicode normalisation form C, borrowed when it already is.
pub fn nfc(text: &str) -> std::borrow::Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) { text.into() } else { text.nfc().collect::<String>().into() }
}

/// Whether `c` can hide or reorder what people read: control characters, line separators, bidirectional overrides,
/// interlinear and tag characters.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns a number below two to `bits` that equal texts share and others seldom do: by the last eight bytes and the
/// length. Cheap, and no defence against texts made to collide.
pub fn slot(text: &str, bits: u32) -> usize {
    let bytes = text.as_bytes();
    let end = match bytes.last_chunk::<8>() {
        Some(end) => u64::from_le_bytes(*end),
        None => bytes.iter().fold(0, |end, byte| end << 8 | u64::from(*byte)),
    };
    let mixed = end.wrapping_add(bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (64 - bits)) as usize
}

/// Returns the one of `known` that `word` was most likely meant to be, if any is near enough.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    let folded = word.trim().to_lowercase();
    known
        .iter()
        .find(|candidate| candidate.to_lowercase() == folded)
        .or_else(|| {
            similar::get_close_matches(word, &known, 1, 0.6)
                .first()
                .and_then(|near| known.iter().find(|k| *k == near))
        })
        .copied()
}

/// Returns `count` and `one`, or its plural, `one` with an s: `1 item`, `3 items`; thousands are parted by commas.
pub fn count(count: usize, one: &str) -> String {
    plural(count, one, &format!("{one}s"))
}

/// Returns `bytes` in base64, padded (RFC 4648 §4).
pub fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Returns `count` with `one` or `many`.
pub fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(count), if count == 1 { one } else { many })
}

/// Returns `count` with commas between thousands: `8,000`.
pub fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Returns `word` as one word of a POSIX shell, whatever it holds, in quotes where it needs them.
pub fn shell_quoted(word: &str) -> std::borrow::Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "-_./:@%+,=".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_named() {
        let classes = ["negative", "neutral", "positive"];
        assert_eq!(did_you_mean("Positive ", classes), Some("positive"));
        assert_eq!(did_you_mean("postive", classes), Some("positive"));
        assert_eq!(did_you_mean("42", classes), None);
    }

    #[test]
    fn counts_read_as_people_write_them() {
        assert_eq!(count(1, "item"), "1 item");
        assert_eq!(count(8000, "item"), "8,000 items");
        assert_eq!(count(1_234_567, "row"), "1,234,567 rows");
        assert_eq!(count(0, "row"), "0 rows");
    }
}
