//! `hitl commit`: every way in

use crate::repo::Repo;

const TWO: [&str; 2] = ["i1 ann neutral", "i2 bob positive"];

#[track_caller]
fn reads(name: &str, bytes: impl AsRef<[u8]>, options: &str) {
    let repo = Repo::sentiment();
    repo.file(name, bytes);
    repo.ok(&format!("commit {name} {options}"));
    assert_eq!(repo.rows(""), TWO, "{name}");
}

#[test]
fn long_form_in_csv_tsv_json_and_jsonl() {
    reads("a.csv", "item,labeler,label\ni1,ann,neutral\ni2,bob,positive\n", "");
    reads("a.csv", "item;labeler;label\ni1;ann;neutral\ni2;bob;positive\n", "");
    reads("a.tsv", "item_id\tworker\tanswer\ni1\tann\tneutral\ni2\tbob\tpositive\n", "");
    let rows = [
        r#"{"item":"i1","annotator":"ann","label":"neutral"}"#,
        r#"{"item":"i2","annotator":"bob","label":"positive"}"#,
    ];
    reads("a.jsonl", rows.join("\n"), "");
    reads("a.json", format!("[{}]", rows.join(",\n")), "");
}

#[test]
fn a_byte_order_mark_and_crlf_are_read() {
    reads("a.csv", "\u{feff}item,labeler,label\r\ni1,ann,neutral\r\ni2,bob,positive\r\n", "");
}

#[test]
fn wide_form_has_a_column_for_each_labeler() {
    reads("wide.csv", "item,ann,bob\ni1,neutral,\ni2,,positive\n", "--wide");
}

#[test]
fn columns_of_other_names_are_mapped() {
    reads(
        "a.csv",
        "doc,who,what,note\ni1,ann,neutral,x\ni2,bob,positive,y\n",
        "--map doc=item --map who=labeler --map what=label",
    );
}

#[test]
fn standard_input_is_a_file_named_dash() {
    let repo = Repo::sentiment();
    shot!("stdin", repo.run_with("commit -", b"item,labeler,label\ni1,ann,neutral\ni2,bob,positive\n"));
    assert_eq!(repo.rows(""), TWO);
}

#[test]
fn parquet_that_hitl_wrote_comes_back() {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01", "i2 bob positive 2025-05-02"]);
    repo.ok("labels --to parquet -o all.parquet");
    repo.ok("labels --to arrow -o all.arrow");
    let other = Repo::sentiment();
    other.file("all.parquet", std::fs::read(repo.dir().join("all.parquet")).unwrap());
    assert_eq!(other.adds("all.parquet"), (2, 0));
    assert_eq!(other.rows(""), TWO);
    assert_eq!(other.adds("all.parquet"), (0, 0));
    assert_eq!(repo.adds("all.parquet"), (0, 0), "what came out is what went in");
}

const LABEL_STUDIO: &str = r#"[
 {"id": 1, "data": {"text": "The bread was great"}, "annotations": [
   {"id": 11, "completed_by": 7, "was_cancelled": false, "created_at": "2025-05-01T10:00:00Z", "updated_at": "2025-05-01T10:05:00Z",
    "lead_time": 12.5, "result": [{"id": "r1", "from_name": "sentiment", "to_name": "text", "type": "choices", "value": {"choices": ["positive"]}}]},
   {"id": 12, "completed_by": 8, "was_cancelled": true, "created_at": "2025-05-01T11:00:00Z", "updated_at": "2025-05-01T11:00:00Z", "result": []}]},
 {"id": 2, "data": {"text": "Meh"}, "annotations": [
   {"id": 13, "completed_by": 8, "was_cancelled": false, "created_at": "2025-05-01T12:00:00Z", "updated_at": "2025-05-01T12:00:00Z",
    "result": [{"id": "r2", "from_name": "sentiment", "to_name": "text", "type": "choices", "value": {"choices": ["neutral"]}}]}]}
]"#;

#[test]
fn label_studio_json_needs_no_flags() {
    let repo = Repo::sentiment();
    repo.file("export.json", LABEL_STUDIO);
    shot!("label_studio", repo.run("commit export.json --dry-run"));
    repo.ok("commit export.json");
    shot!("label_studio_rows", repo.run("labels"));
    assert_eq!(repo.adds("export.json"), (0, 0));
}

const TWO_TASKS: &str = "format: 1\ntasks:\n  clarity:\n    type: categorical\n    classes: [clear, vague]\n  tone:\n    \
                         type: categorical\n    classes: [warm, cold]\n";

#[test]
fn one_file_may_label_several_tasks_in_one_commit() {
    let repo = Repo::with_config(TWO_TASKS);
    repo.file("a.csv", "item,labeler,clarity,tone\ni1,ann,clear,warm\ni2,ann,vague,\n");
    shot!("several_tasks", repo.run("commit a.csv --map task:clarity=clarity --map task:tone=tone"));
    assert_eq!(repo.git("rev-list --count HEAD"), "2");
    let tasks = repo.json("status")["tasks"].clone();
    assert_eq!((&tasks[0]["task"], &tasks[0]["judgements"]), (&"clarity".into(), &2.into()));
    assert_eq!(tasks[1]["task"], "tone");
}

#[test]
fn several_tasks_and_no_word_which() {
    let repo = Repo::with_config(TWO_TASKS);
    repo.labels("a.csv", &["i1 ann clear"]);
    shot!("which_task", repo.run("commit a.csv"));
}

#[test]
fn two_columns_for_one_meaning_are_settled_by_map() {
    let repo = Repo::sentiment();
    repo.file("a.csv", "item,labeler,label,answer,annotator\ni1,ann,neutral,positive,bob\n");
    shot!("two_columns", repo.run("commit a.csv"));
    repo.ok("commit a.csv --map answer=label --map label=- --map annotator=-");
    assert_eq!(repo.rows(""), ["i1 ann positive"]);
}

#[test]
fn columns_that_are_missing_are_named() {
    let repo = Repo::sentiment();
    repo.file("a.csv", "item,label\ni1,neutral\n");
    shot!("no_labeler_column", repo.run("commit a.csv"));
    repo.file("b.csv", "a,b\n1,2\n");
    shot!("no_columns", repo.run("commit b.csv"));
    repo.run("commit a.csv --map ietm=item").exits(2).says(&["ietm"]);
}

#[test]
fn gold_has_no_labeler_column() {
    let repo = Repo::sentiment();
    repo.file("gold.csv", "item,label\ni1,neutral\n");
    repo.ok("commit gold.csv --labeler gold --labeler-kind gold");
    assert_eq!(repo.json("labels")["rows"][0]["labeler_kind"], "gold");
    assert_eq!(repo.json("status")["tasks"][0]["resolved"], 0);
}

#[test]
fn bytes_that_are_no_utf8_are_named() {
    let repo = Repo::sentiment();
    let utf16: Vec<u8> = [0xfeff_u16]
        .into_iter()
        .chain("item,labeler,label\n".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    repo.file("a.csv", utf16);
    shot!("utf16", repo.run("commit a.csv"));
    repo.file("b.csv", b"item,labeler,label\ni1,ren\xe9,neutral\n");
    shot!("latin1", repo.run("commit b.csv"));
}

#[test]
fn the_exports_of_other_tools_are_named_with_what_to_export() {
    let repo = Repo::sentiment();
    repo.file(
        "prodigy.jsonl",
        r#"{"text":"a","_input_hash":1,"_task_hash":2,"answer":"accept","_view_id":"classification"}"#,
    );
    shot!("prodigy", repo.run("commit prodigy.jsonl"));
    repo.file("cvat.xml", "<?xml version=\"1.0\"?>\n<annotations><version>1.1</version></annotations>\n");
    shot!("cvat", repo.run("commit cvat.xml"));
    repo.file("book.xlsx", b"PK\x03\x04\x14\x00\x00\x00\x00\x00xl/workbook.xml");
    shot!("xlsx", repo.run("commit book.xlsx"));
}
