//! Text that came from data, made safe and made to fit.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

use crate::base::text::{is_hidden, shell_quoted};

/// Returns `text` with every character that could steer a terminal, hide or reorder text written out: `\n`, `\u{1b}`. For
/// names and ids, of which two must not look alike; texts that people read are [`readable`].
pub fn sanitize(text: &str) -> Cow<'_, str> {
    written_out(text, |_, _| false)
}

/// Returns a text as [`sanitize`] does, but for joiners where they join: between two letters other than ASCII, as Persian
/// needs them, or emoji. They reorder nothing, and without them neither is readable.
pub fn readable(text: &str) -> Cow<'_, str> {
    let joins = |before: Option<char>, after: Option<char>| {
        before.is_some_and(|c| is_joined(c) || is_combining_mark(c)) && after.is_some_and(is_joined)
    };
    written_out(text, joins)
}

/// Whether a joiner beside `c` does something: emoji stand in these blocks.
fn is_joined(c: char) -> bool {
    !c.is_ascii() && c.is_alphabetic() || matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Writes hidden characters out, but for joiners whose neighbours `joins` says they join.
fn written_out(text: &str, joins: impl Fn(Option<char>, Option<char>) -> bool) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    let (mut before, mut rest) = (None, text.chars().peekable());
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\r' | '\t' => out.extend(c.escape_default()),
            '\u{200c}' | '\u{200d}' if joins(before, rest.peek().copied()) => out.push(c),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
        before = Some(c);
    }
    out.into()
}

/// Returns how many columns a terminal takes for sanitized `text`.
pub fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// The main blocks of Unicode's East Asian Width W and F, and of emoji: enough to keep tables straight.
fn columns(c: char) -> usize {
    match c {
        c if c.is_ascii() => 1,
        c if is_combining_mark(c) => 0,
        '\u{fe00}'..='\u{fe0f}' | '\u{200c}' | '\u{200d}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1f9ff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Returns `text` in at most `limit` columns; where it is cut, it ends in `…`.
pub fn elide(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return text.into();
    }
    let mut used = 0;
    let kept = text.char_indices().find(|(_, c)| {
        used += columns(*c);
        used >= limit
    });
    match (kept, limit) {
        (_, 0) => "".into(),
        (Some((end, _)), _) => format!("{}…", text[..end].trim_end()).into(),
        (None, _) => text.into(),
    }
}

/// Returns `text` broken at spaces into lines of at most `limit` columns; a longer word has a line to itself.
pub fn wrap(text: &str, limit: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a first line");
        if line.is_empty() {
            line.push_str(word);
        } else if width(line) + 1 + width(word) <= limit {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Returns `text` as one word of a POSIX shell, quoted where needed, for commands that people copy. What holds hidden
/// characters is no good to copy and is only made safe to see.
pub fn shell_word(text: &str) -> Cow<'_, str> {
    shell_quoted(&sanitize(text)).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_data_steers_a_terminal() {
        assert_eq!(sanitize("plain é 日本"), "plain é 日本");
        assert_eq!(sanitize("\u{1b}]0;x\u{7}\u{9b}31m\n\u{202e}z"), r"\u{1b}]0;x\u{7}\u{9b}31m\n\u{202e}z");
    }

    #[test]
    fn joiners_stay_where_they_join_and_nowhere_else() {
        for text in
            ["می\u{200c}خواهم", "👩\u{200d}👩\u{200d}👧 b", "❤\u{fe0f}\u{200d}🔥", "क\u{94d}\u{200d}ष"]
        {
            assert_eq!(readable(text), text);
            assert!(sanitize(text).contains(r"\u{200"), "{text}");
        }
        let elsewhere = "\u{200d}a\u{200d}b ü\u{200c}\u{200c}ü ü\u{200d} \u{202e}ü";
        assert_eq!(readable(elsewhere), sanitize(elsewhere));
        assert_eq!(width("می\u{200c}خ"), 3);
    }

    #[test]
    fn long_text_is_elided_to_its_columns() {
        assert_eq!(elide("labeler", 7), "labeler");
        assert_eq!(elide("labelers", 7), "labele…");
        assert_eq!(elide("日本語日本語", 7), "日本語…");
        assert_eq!(elide("日本語", 2), "…");
        assert_eq!(elide("abc", 0), "");
        assert_eq!(width("e\u{301}日"), 3);
        for limit in 0..14 {
            assert!(width(&elide("a日b本c語 d日e", limit)) <= limit, "{limit}");
        }
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("unbreakable x", 4), ["unbreakable", "x"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn words_are_quoted_for_a_shell_where_needed() {
        assert_eq!(shell_word("A2K5ICP43ML4PW"), "A2K5ICP43ML4PW");
        assert_eq!(shell_word("o'neil; rm"), r"'o'\''neil; rm'");
        assert_eq!(shell_word("-f"), "'-f'");
        assert_eq!(shell_word(""), "''");
    }
}
