//! What holds for the edits of any two texts, and what they are for some.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

/// The edits of two texts as kind, wording before and wording after.
fn told(original: &str, corrected: &str) -> Vec<(&'static str, String, String)> {
    laws(original, corrected);
    edits(original, corrected)
        .iter()
        .map(|edit| wording(edit, original, corrected))
        .map(|said| (said.kind.as_str(), said.instead_of, said.becomes))
        .collect()
}

fn assert_told(original: &str, corrected: &str, expected: &[(&str, &str, &str)]) {
    let told = told(original, corrected);
    let told: Vec<_> = told.iter().map(|(kind, a, b)| (*kind, a.as_str(), b.as_str())).collect();
    assert_eq!(told, expected, "{original} → {corrected}");
}

/// Makes the corrected text from the original, deleting at `before` and inserting at `after`.
fn applied(original: &str, corrected: &str, edits: &[Edit]) -> String {
    let mut inserted: Vec<_> = edits.iter().map(|edit| edit.after.clone()).collect();
    inserted.sort_by_key(|range| (range.start, range.end));
    let mut deleted = vec![false; original.len()];
    edits.iter().for_each(|edit| deleted[edit.before.clone()].fill(true));
    let mut kept = original.bytes().zip(deleted).filter(|(_, deleted)| !deleted).map(|(byte, _)| byte);
    let mut made = Vec::new();
    for range in inserted {
        let missing = range.start - made.len();
        made.extend(kept.by_ref().take(missing));
        made.extend(&corrected.as_bytes()[range]);
    }
    made.extend(kept);
    String::from_utf8(made).unwrap()
}

fn laws(original: &str, corrected: &str) {
    let edits = edits(original, corrected);
    assert_eq!(edits.is_empty(), original == corrected);
    assert_eq!(applied(original, corrected, &edits), corrected, "{original:?} {edits:?}");
    assert!(edits.windows(2).all(|pair| pair[0].before.end <= pair[1].before.start), "{edits:?}");
    let mut afters: Vec<_> =
        edits.iter().filter(|edit| edit.kind != EditKind::Move).map(|edit| &edit.after).collect();
    assert!(afters.windows(2).all(|pair| pair[0].end <= pair[1].start), "{edits:?}");
    afters.extend(edits.iter().filter(|edit| edit.kind == EditKind::Move).map(|edit| &edit.after));
    afters.sort_by_key(|range| (range.start, range.end));
    assert!(afters.windows(2).all(|pair| pair[0].end <= pair[1].start), "{edits:?}");
    for edit in &edits {
        assert!(original.get(edit.before.clone()).is_some() && corrected.get(edit.after.clone()).is_some());
        assert!(!edit.before.is_empty() || !edit.after.is_empty());
        wording(edit, original, corrected);
    }
    let spans = spans(original, corrected);
    let text =
        |other| spans.iter().filter(|span| span.kind != other).map(|span| span.text).collect::<String>();
    assert_eq!((text(SpanKind::Insert).as_str(), text(SpanKind::Delete).as_str()), (original, corrected));
    assert!(spans.iter().all(|span| !span.text.is_empty()));
    assert!(spans.windows(2).all(|pair| pair[0].kind != pair[1].kind));
}

#[test]
fn replaced_and_inserted_words() {
    assert_told(
        "He go to school yesterday",
        "He went to the school yesterday",
        &[("replace", "go", "went"), ("insert", "", "the")],
    );
    assert_told(
        "siences and tecnologies",
        "sciences and technologies",
        &[("replace", "siences", "sciences"), ("replace", "tecnologies", "technologies")],
    );
    assert_told(
        "could not find siences they did not developped",
        "did not develop sciences",
        &[
            ("delete", "could not find siences they", ""),
            ("replace", "developped", "develop"),
            ("insert", "", "sciences"),
        ],
    );
    assert_told("", "A new text .", &[("insert", "", "a new text"), ("punctuation", "", ".")]);
    assert_told("gone", "", &[("delete", "gone", "")]);
}

#[test]
fn ideographs() {
    assert_told(
        "因为在冰箱里没什么东西也做很好吃的菜。",
        "即使在冰箱里没什么东西也能做很好吃的菜。",
        &[("replace", "因为", "即使"), ("insert", "", "能")],
    );
    assert_told("我很喜欢", "我喜欢，", &[("delete", "很", ""), ("punctuation", "", "，")]);
}

#[test]
fn white_space() {
    assert_told("I can not go", "I cannot go", &[("whitespace", "can not", "cannot")]);
    assert_told("a lot", "alot", &[("whitespace", "a lot", "alot")]);
    assert_told(
        "to  school . ",
        "to school.",
        &[("whitespace", "  ", " "), ("whitespace", " .", "."), ("whitespace", ". ", ".")],
    );
    assert_told("\u{a0}a\r\n", "a\n", &[("whitespace", "\u{a0}", ""), ("whitespace", "\r\n", "\n")]);
    assert_told(" ", "", &[("whitespace", " ", "")]);
}

#[test]
fn case_punctuation_and_numbers() {
    assert_told(
        "the Ärger in paris",
        "The ärger in Paris",
        &[("case", "the", "The"), ("case", "Ärger", "ärger"), ("case", "paris", "Paris")],
    );
    assert_told(
        "Now we go. it",
        "Now, we go, It",
        &[("punctuation", "", ","), ("punctuation", ".", ","), ("case", "it", "It")],
    );
    assert_told(
        "well known anti-hero",
        "well-known antihero",
        &[("punctuation", "", "-"), ("punctuation", "-", "")],
    );
    assert_told(
        "in 1998, 3 men",
        "in 1,999 two men",
        &[("number", "1998", "1,999"), ("punctuation", ",", ""), ("replace", "3", "two")],
    );
}

#[test]
fn endings_and_near_joins() {
    assert_told("todays news", "today 's news", &[("replace", "todays", "today 's")]);
    assert_told("every person field", "every person 's field", &[("insert", "", "'s")]);
    assert_told(
        "the weatherrealted bag",
        "the weather related bag",
        &[("replace", "weatherrealted", "weather related")],
    );
    assert_told("he/she", "he or she", &[("replace", "/", "or")]);
    assert_told("a-b", "a, b", &[("punctuation", "-", ",")]);
    assert_told("school .", "school!", &[("punctuation", ".", "!")]);
}

#[test]
fn moves() {
    assert_told(
        "Yesterday he sang",
        "He sang yesterday",
        &[("move", "yesterday", "yesterday"), ("case", "he", "He")],
    );
    assert_told("now I go home", "I go home a", &[("delete", "now", ""), ("insert", "", "a")]);
    assert_told("我今天去学校", "今天我去学校", &[("delete", "我", ""), ("insert", "", "我")]);
    let far = "a b c d e f g h";
    assert_told(
        &format!("the {far} x"),
        &format!("{far} the x"),
        &[("delete", "the", ""), ("insert", "", "the")],
    );
    assert_told(&format!("often {far} x"), &format!("{far} often x"), &[("move", "often", "often")]);
    assert_told("他们今天早上去学校", "今天早上他们去学校", &[("move", "他们", "他们")]);
    assert_told("明天早上我去学校", "我明天早上去学校", &[("insert", "", "我"), ("delete", "我", "")]);
}

#[test]
fn a_text_changed_beyond_the_cap_is_a_rewrite_between_its_ends() {
    let text = |word: &str| (0..10_000).map(|i| format!("{word}{i} ")).collect::<String>();
    let (original, corrected) =
        (format!("Dear  all, {}end.", text("a")), format!("Dear all, {}end.", text("b")));
    assert_told(&original, &corrected, &[("whitespace", "  ", " "), ("rewrite", "", "")]);
}

/// Pieces of text that are hard to cut: joiners, flags, right-to-left, combining marks, white space of all kinds.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "go",
        "went",
        "Go",
        "the",
        "can",
        "not",
        "cannot",
        "school",
        "schools",
        "12",
        "3.5",
        " ",
        " ",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\u{a0}",
        ".",
        ",",
        "-",
        "'",
        "“",
        "。",
        "冰",
        "箱",
        "里",
        "é",
        "e\u{301}",
        "E\u{301}",
        "\u{301}",
        "👩‍👩‍👧",
        "👩",
        "\u{200d}",
        "🇩🇪",
        "🇩",
        "שלום",
        "مرحبا",
        "한국",
        "각",
        "İ",
        "ß",
        "Å",
        "`",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn edits_make_the_corrected_text(a in pieces(), b in pieces(), c in pieces(), d in pieces(), any in "\\PC{0,8}") {
        laws(&a, &b);
        laws(&format!("{a}{c}{b}"), &format!("{d}{c}{b}"));
        laws(&format!("{a} {b}{c}"), &format!("{a}{any}{c} {b}"));
    }

    #[test]
    fn wording_is_the_same_in_nfc_and_nfd(a in pieces(), b in pieces(), c in "\\PC{0,8}") {
        let (a, b) = (format!("{a}{c}"), format!("{b}{a}"));
        let nfc = told(&a.nfc().collect::<String>(), &b.nfc().collect::<String>());
        let nfd = told(&a.nfd().collect::<String>(), &b.nfd().collect::<String>());
        prop_assert_eq!(nfc, nfd);
    }
}
