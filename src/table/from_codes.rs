//! A table from labels as numbers, as [`crate::ingest`] reads them.
//!
//! Most files hold the rows of an item side by side. Whether any item comes back later shows by the hashes of the runs'
//! items, bucket by bucket; where none does, the items stand in the order of the table already and each piece is settled
//! by itself ([`in_order`]). Otherwise the rows of each bucket are grouped by item ([`scattered`]), and the items then
//! taken in the order of the file. Both work on memory that one core's cache holds. Which threads did what shows in
//! nothing: items are numbered by their first row, labelers and classes by their names.

mod fill;
mod in_order;
mod numbers;
mod scattered;
mod settle;

use self::numbers::Numbers;
use super::Table;
use crate::record::codes::LabelCodes;

impl Table {
    /// Returns the table of `codes`, as [`Table::from_rows`] does of the same rows; `None` when two rows of one file
    /// contradict each other at one time, and in some cases that nobody meets by chance.
    pub fn from_codes(codes: LabelCodes, domain: Option<&[String]>) -> Option<Self> {
        let numbers = Numbers::of(&codes)?;
        if scattered::items_come_back(&codes.pieces) {
            let scattered = scattered::Scattered::group(codes, &numbers)?;
            return fill::fill(&scattered, numbers, domain);
        }
        let in_order = in_order::InOrder::settle(codes, &numbers)?;
        fill::fill(&in_order, numbers, domain)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::ingest::{self, Format, PersonalIds, label_codes_in_pieces};
    use crate::record::{Task, TaskType};

    /// Reads `text` in both ways; each is `None` where it refuses.
    fn both(text: &[u8], piece: usize, classes: &[String]) -> (Option<Table>, Option<Table>) {
        let kind = if classes.is_empty() { TaskType::Text } else { TaskType::Categorical };
        let (tasks, aliases) = ([Task::new("labels", kind, classes.to_vec())], BTreeMap::new());
        let options = ingest::Options {
            personal_ids: PersonalIds::Allow,
            ..ingest::Options::new("-", &tasks, &aliases)
        };
        let domain = (!classes.is_empty()).then_some(classes);
        let codes = label_codes_in_pieces(piece, text, &options);
        let rows = ingest::read(text, &options).ok();
        let rows = rows.map(|import| Table::from_rows(&import.batches[0].rows, domain));
        (codes.and_then(|codes| Table::from_codes(codes, domain)), rows)
    }

    fn plain(text: &str) -> Table {
        let (codes, rows) = both(text.as_bytes(), 1 << 20, &[]);
        assert_eq!(codes, rows, "{text}");
        codes.expect("it is plain")
    }

    #[test]
    fn what_is_plain_is_read_so() {
        let head = "item,labeler,label\n";
        for text in [
            format!("{head}a,ana,x"),
            format!("\u{feff}\r\n\n{head}\r\na,ana,x\r\n\n\"b\",\"raj k\",\"y, z\"\r\n"),
            format!("{head}a,ana,x\nab,ana,x\n\"a\",raj,x\n\"ab\",raj,x\n\"a,b\",raj,x\n"),
            format!("{head}b,ana,\nb,raj,x\n\u{fc} \u{1f600},\u{e9}va,\u{df}\n"),
            "label\tdate\tnotes\tID\trater\nx\t2024-02-29\t\ta\t1\ny\t\t\"\"\ta\t2\n".to_owned(),
            "item;labeler;label;confidence;rationale\na;ana;x;0.5;so\nb;ana;y;;\n".to_owned(),
        ] {
            plain(&text);
        }
        let table = plain(&format!("{head}b,raj,x\na,ana,x\nb,ana,y\nb,eve,\na,ana,x\nc,eve,\n"));
        assert_eq!((table.item_name(0), table.item_name(1), table.items()), ("b", "a", 2));
        assert_eq!((table.left_out().abstentions, table.left_out().duplicates), (2, 0));
        assert_eq!(table.labeler_names(), ["ana", "raj"]);
    }

    #[test]
    fn what_has_to_be_told_is_left_to_who_can_tell_it() {
        let head = "item,labeler,label\n";
        for text in [
            "",
            head,
            "item,label\na,x\n",
            &format!("{head}a,ana\n"),
            &format!("{head}a,ana,x,y\n"),
            &format!("{head},ana,x\n"),
            &format!("{head}a,,x\n"),
            &format!("{head}a,ana,x\na,ana,y\n"),
            &format!("{head}a,ana,\"x\n"),
            &format!("{head}a\u{202e},ana,x\n"),
            "item,labeler,label,created_at\na,ana,x,soon\n",
            "item,labeler,label,confidence\na,ana,x,7\n",
            "item,labeler,label,item_id\na,ana,x,b\n",
            "_input_hash,_task_hash,answer,item,labeler\n1,2,accept,a,ana\n",
        ] {
            assert_eq!(both(text.as_bytes(), 1 << 20, &[]), (None, None), "{text}");
        }
        for text in ["\"e\u{301}\"", "\"a\"\"b\"", "\"a\"b"] {
            let text = format!("{head}{text},ana,x\n");
            let (codes, rows) = both(text.as_bytes(), 1 << 20, &[]);
            assert!(codes.is_none() && rows.is_some(), "{text}");
        }
        // Which of two rows that say the same stays is decided by what else they say.
        for text in ["note\na,ana,x,\"two\nlines\"\n", "rationale\na,ana,x,so\na,ana,x,thus\n"] {
            let (codes, rows) = both(format!("item,labeler,label,{text}").as_bytes(), 1 << 20, &[]);
            assert!(codes.is_none() && rows.is_some(), "{text}");
        }
        for bad in [&b"item,labeler,label\na,ana,\xff\n"[..], b"item,labeler,label,note\na,ana,x,\xff\n"] {
            assert_eq!(both(bad, 1 << 20, &[]), (None, None));
        }
    }

    #[test]
    fn several_files_are_one_after_the_other() {
        let tasks = [Task::new("labels", TaskType::Text, Vec::new())];
        let aliases = BTreeMap::new();
        let options =
            ingest::Options { format: Some(Format::Csv), ..ingest::Options::new("-", &tasks, &aliases) };
        let options = ingest::Options { personal_ids: PersonalIds::Allow, ..options };
        let (mut codes, mut rows) =
            (LabelCodes::default(), crate::record::Rows::empty(crate::record::Kind::Labels));
        for text in ["b,ana,x\na,ana,x\n", "a,ana,y\nb,ana,x\nb,raj,z\n", "a,raj,x\n"] {
            let text = format!("item,labeler,label\n{text}");
            codes.append(label_codes_in_pieces(9, text.as_bytes(), &options).unwrap());
            rows.append(&ingest::read(text.as_bytes(), &options).unwrap().batches[0].rows);
        }
        let table = Table::from_codes(codes, None).unwrap();
        assert_eq!(table, Table::from_rows(&rows, None));
        assert_eq!((table.left_out().duplicates, table.run(1)), (2, (&[0, 1][..], &[1, 0][..])));
    }

    /// One cell: mostly as most are.
    fn cell(plain: &'static [&'static str]) -> impl Strategy<Value = String> {
        let odd: Vec<&'static str> = vec![
            "",
            " ",
            " a ",
            "\"\"",
            "\"a\"",
            "\"a,b\"",
            "\"a\"\"b\"",
            "\"a\nb\"",
            "a\"b",
            "\u{e9}",
            "e\u{301}",
            "\u{200b}",
            "\t",
            "a;b",
            "1.0",
            "2024-01-01",
            "longer than sixteen bytes",
            "longer than sixteen byteS",
        ];
        prop_oneof![
            300 => prop::sample::select(plain.to_vec()).prop_map(str::to_owned),
            1 => prop::sample::select(odd).prop_map(str::to_owned),
        ]
    }

    fn file() -> impl Strategy<Value = Vec<u8>> {
        const TIMES: &[&str] =
            &["2024-01-01", "2024-01-03T00:00:00Z", "", "1704067201", "2024-01-02 03:04:05"];
        let items = prop_oneof![
            cell(&["a", "b", "c", "item-0001", "item-0002"]),
            cell(&["an item whose name is long 1", "an item whose name is long 2", "item-0001"]),
        ];
        let row = (items, cell(&["ana", "raj", "kim", "eve"]), cell(&["x"]), cell(TIMES));
        let end = prop::sample::select(vec!["\n", "\n", "\n", "\r\n", "\n\n", "\r"]);
        let shape = (prop::sample::select(vec![",", ",", ";", "\t"]), end, any::<[bool; 4]>());
        let rows = (prop::sample::select(vec![8, 60]), prop::collection::vec(row, 0..60));
        (rows, shape).prop_map(|((most, mut rows), (delimiter, end, [timed, sorted, mark, last]))| {
            rows.truncate(most);
            if sorted {
                rows.sort_by(|a, b| a.0.cmp(&b.0));
            }
            let mut text = String::from(if mark { "\u{feff}" } else { "" });
            let head = ["item", "labeler", "label", "created_at"].map(str::to_owned);
            let head = [(head[0].clone(), head[1].clone(), head[2].clone(), head[3].clone())];
            // Most rows of one key say the same: contradictions are seldom.
            for row in rows.iter_mut().filter(|row| row.2 == "x") {
                row.2 = ["x", "y", "z"][(row.0.len() + row.1.len() * 5 + row.3.len()) % 3].to_owned();
            }
            for (item, labeler, label, time) in head.into_iter().chain(rows) {
                let cells = if timed { vec![item, time, label, labeler] } else { vec![item, labeler, label] };
                text.push_str(&cells.join(delimiter));
                text.push_str(end);
            }
            let length = if last { text.trim_end_matches(['\r', '\n']).len() } else { text.len() };
            text.as_bytes()[..length].to_vec()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_is_accepted_is_what_reading_row_by_row_says(
            text in file(), piece in prop::sample::select(vec![1, 3, 20, 70, 500, 1 << 20]), classes in any::<bool>(),
        ) {
            let classes = if classes { vec!["z".to_owned(), "x".to_owned(), "y".to_owned()] } else { Vec::new() };
            let (codes, rows) = both(&text, piece, &classes);
            if codes.is_some() {
                prop_assert_eq!(codes, rows);
            }
        }
    }
}
