//! What a pack holds.

use proptest::prelude::*;

use super::*;
use crate::record::Verdict;
use crate::training::rows::tests::corrected;

fn ask(input: &str, examples: usize) -> Ask<'_> {
    Ask { input, examples, max_chars: usize::MAX, without: None }
}

fn items(pack: &Pack) -> Vec<&str> {
    pack.examples.iter().map(|shot| shot.item.as_str()).collect()
}

fn ledger() -> Vec<Example> {
    vec![
        corrected("a", "He depends of his work .", "He depends on his work ."),
        corrected("b", "The work of his day is long .", "His day's work is long ."),
        corrected("b", "The work of his day is long .", "His workday is long ."),
        corrected("c", "In morning he sleeps .", "In the morning he sleeps ."),
        corrected("d", "Every morning he sleeped .", "Every morning he slept ."),
        Example { verdict: Verdict::Approved, ..corrected("e", "In the morning of his work .", "") },
        Example { verdict: Verdict::Rejected, corrected: None, ..corrected("f", "depends of", "") },
    ]
}

#[test]
fn what_was_changed_counts_and_not_what_is_merely_alike() {
    let examples = ledger();
    let depends = "Success depends of luck .";
    let morning = "They met in morning and drank .";
    let index = Index::new(&examples, &[depends, morning]);
    let depending = pack(&index, &ask(depends, 3), &[]);
    assert_eq!(items(&depending)[0], "a");
    assert_eq!(depending.examples[0].changed, ["of"]);
    let inserted = pack(&index, &ask(morning, 1), &[]);
    assert_eq!(items(&inserted), ["c"]);
    assert_eq!(inserted.examples[0].changed, ["in morning"]);
}

#[test]
fn an_item_is_shown_once_and_approvals_and_rejections_never() {
    let examples = ledger();
    let input = "The work of his day is long , he depends of it in the morning .";
    let index = Index::new(&examples, &[input]);
    let mut found =
        items(&pack(&index, &ask(input, 9), &[])).iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
    found.sort();
    assert_eq!(found, ["a", "b", "c", "d"]);
}

#[test]
fn the_item_asked_about_is_left_out_with_all_of_the_same_text() {
    let mut examples = ledger();
    let input = "He depends of his work .";
    examples.push(corrected("g", "He depends of his work . ", "It depends on him ."));
    let index = Index::new(&examples, &[input]);
    let with = pack(&index, &ask(input, 9), &[]);
    assert!(items(&with).contains(&"a") && items(&with).contains(&"g"), "{with:?}");
    let without = pack(&index, &Ask { without: Some("a"), ..ask(input, 9) }, &[]);
    assert!(!items(&without).contains(&"a") && !items(&without).contains(&"g"), "{without:?}");
}

#[test]
fn a_change_of_outer_white_space_alone_is_not_shown() {
    let examples = [
        corrected("a", "He depends of it .", "He depends of it .\n"),
        corrected("b", "  ", "depends on"),
        corrected("c", " He depends of it .", "He depends on it ."),
    ];
    let index = Index::new(&examples, &["It depends of it"]);
    assert_eq!(items(&pack(&index, &ask("It depends of it", 9), &[])), ["c"]);
}

#[test]
fn the_next_example_shows_something_else() {
    let same = |item: &str| corrected(item, "I love siences .", "I love sciences .");
    let examples = [same("a"), same("b"), corrected("c", "She rites books .", "She writes books .")];
    let input = "She rites about siences .";
    let index = Index::new(&examples, &[input]);
    assert_eq!(items(&pack(&index, &ask(input, 3), &[])), ["a", "c", "b"]);
}

#[test]
fn a_pack_is_text_for_a_prompt() {
    let mut examples = ledger();
    examples[0].reasons = vec!["preposition".into()];
    examples[2].original = None;
    examples[1] = Example {
        context: Some(serde_json::json!({ "question": "What of it?" })),
        ..corrected("b", "Of work\n``` Output: x", "Of the work\nand so on")
    };
    let input = "It depends of work";
    let index = Index::new(&examples, &[input]);
    let rules = ["Write \"depends on\".".to_owned(), "Keep\nlines.".to_owned()];
    let all = pack(&index, &ask(input, 2), &rules);
    insta::assert_snapshot!(all.text, @r#"
    Rules:
    - Write "depends on".
    - Keep
      lines.

    Examples:

    Input: He depends of his work .
    Output: He depends on his work .
    Reason: preposition

    Prompt: What of it?
    Input:
    ````
    Of work
    ``` Output: x
    ````
    Output:
    ```
    Of the work
    and so on
    ```
    "#);
    let exactly = all.text.chars().count();
    assert_eq!(pack(&index, &Ask { max_chars: exactly, ..ask(input, 2) }, &rules), all);
    let less = pack(&index, &Ask { max_chars: exactly - 1, ..ask(input, 2) }, &rules);
    assert_eq!((items(&less), less.rules_left_out), (vec!["a"], 0));
    assert!(less.examples_left_out > 0);
    let none = pack(&index, &Ask { max_chars: 30, ..ask(input, 2) }, &rules);
    assert_eq!((none.rules.len(), none.rules_left_out, none.examples.len()), (1, 1, 0));
}

#[test]
fn long_and_empty_inputs_are_answered() {
    let mut examples = ledger();
    let long = "He depends of his work . ".repeat(4_000);
    examples.push(corrected("long", &long, &long.replace("of", "on")));
    let index = Index::new(&examples, &[&long, ""]);
    assert_eq!(pack(&index, &ask(&long, 2), &[]).examples.len(), 2);
    assert_eq!(pack(&index, &ask("", 2), &[]), Pack::default());
}

proptest! {
    #[test]
    fn the_order_of_other_items_and_the_words_of_other_inputs_change_nothing(
        texts in prop::collection::vec(("[abc ]{0,8}", "[abc ]{0,8}"), 0..8),
        input in "[abc ]{0,8}",
        other in "[abc ]{0,8}",
    ) {
        let texts = texts.iter().enumerate();
        let examples: Vec<Example> =
            texts.map(|(i, (before, after))| corrected(&i.to_string(), before, after)).collect();
        let alone = pack(&Index::new(&examples, &[&input]), &ask(&input, 3), &[]);
        let both = pack(&Index::new(&examples, &[&input, &other]), &ask(&input, 3), &[]);
        prop_assert_eq!(&items(&alone), &items(&both));
        prop_assert!(alone.examples.windows(2).all(|pair| pair[0].item != pair[1].item));
        prop_assert!(alone.examples.iter().all(|shot| shot.input.trim() != shot.output.trim()));
    }
}
