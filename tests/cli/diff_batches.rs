//! `hitl diff BATCH_A BATCH_B`, and `hitl diff A..B --kind corrections`

use serde_json::json;

use crate::repo::Repo;

/// Two batches of labels: of bob one label is another, cid judges what ana did, and each has an item of its own.
fn labels() -> (Repo, String, String) {
    let repo = Repo::sentiment();
    let a = repo.commit(
        "a.csv",
        &[
            "i1 ana positive 2025-05-01",
            "i1 bob neutral 2025-05-01",
            "i2 ana negative 2025-05-01",
            "i3 bob positive 2025-05-01",
            "i5 ana neutral 2025-05-01",
        ],
    );
    let b = repo.commit(
        "b.csv",
        &[
            "i1 bob positive 2025-05-08",
            "i2 cid negative 2025-05-08",
            "i3 bob positive 2025-05-08",
            "i5 cid positive 2025-05-08",
            "i6 cid neutral 2025-05-08",
        ],
    );
    (repo, a, b)
}

/// Texts that four people corrected, two of them in each batch.
fn corrections() -> Repo {
    let repo = Repo::bare_folder();
    repo.ok("init --task fluency --type text");
    let head = "item,labeler,original,corrected,verdict,created_at\n";
    let a = "s1,ana,I has a cat .,I have a cat .,corrected,2025-05-01\n\
             s1,bob,I has a cat .,I had a cat .,corrected,2025-05-01\n\
             s2,ana,All is well .,,approved,2025-05-01\n\
             s3,ana,So bad .,,rejected,2025-05-01\n\
             s4,ana,only here,Only here.,corrected,2025-05-01\n";
    let b = "s1,cid,I has a cat .,I have a cat .,corrected,2025-05-08\n\
             s2,cid,All is well .,All is well .,approved,2025-05-08\n\
             s3,ana,So bad .,So <b>bad</b> | @bob !,corrected,2025-05-08\n\
             s3,bob,So bad .,,rejected,2025-05-08\n\
             s5,cid,only there,Only there.,corrected,2025-05-08\n";
    repo.file("a.csv", format!("{head}{a}"));
    repo.file("b.csv", format!("{head}{b}"));
    for (file, tag) in [("a.csv", "week1"), ("b.csv", "week2")] {
        repo.ok(&format!("commit {file} --kind corrections"));
        repo.git(&format!("tag {tag}"));
    }
    repo
}

#[test]
fn two_batches_of_labels_are_a_matrix_and_a_list() {
    let (repo, a, b) = labels();
    let line = format!("diff {} {}", &a[..8], &b[..8]);
    shot!("batches_labels", repo.run(&line));
    shot!("batches_labels_stat", repo.run(&format!("{line} --stat")));
    shot!("batches_labels_md", repo.run(&format!("{line} --format md")));
    let report = repo.json(&line);
    assert_eq!(report["schema"], "hitl.batch-diff/1");
    assert_eq!(
        report["parts"][0]["items"],
        json!({ "only_a": 0, "only_b": 1, "both": 4, "alike": 2, "differently": 2 })
    );
    repo.run(&format!("{line} --exit-code")).exits(1);
    repo.run(&format!("diff {a} {a} --exit-code")).exits(0).says(&["say the same"]);
    assert_eq!(repo.json(&format!("{line} --labeler bob"))["parts"][0]["pairs"], 2);
    assert_eq!(repo.json(&format!("{line} --limit 1"))["parts"][0]["differing"].as_array().unwrap().len(), 1);
    repo.run(&format!("{line} --unified")).exits(2).says(&["--unified shows corrections"]);
    let counts = repo.json(&format!("{line} --stat"))["parts"][0].clone();
    assert_eq!((&counts["differing"], &counts["only_b"]), (&json!([]), &json!([])));
    assert_eq!(counts["items"], report["parts"][0]["items"]);
    assert_eq!(repo.json("diff --stat")["rows"], json!([]));
    repo.run(&format!("{line} --stat --unified")).exits(2);
}

#[test]
fn a_batch_is_named_by_id_path_or_revision_on_any_branch() {
    let (repo, a, b) = labels();
    let wanted = repo.json(&format!("diff {a} {b}"))["parts"].clone();
    let path = |id: &str| repo.git(&format!("ls-files ledger/**/{id}.yaml"));
    for (one, other) in
        [(path(&a), path(&b)), ("HEAD~".into(), "HEAD".into()), (a[..6].into(), "main".into())]
    {
        assert_eq!(repo.json(&format!("diff {one} {other}"))["parts"], wanted, "{one} {other}");
    }
    repo.git("checkout --quiet -b elsewhere HEAD~");
    repo.commit("c.csv", &["i1 dan positive"]);
    let report = repo.json("diff main elsewhere");
    assert_eq!((&report["a"]["rows"], &report["b"]["rows"]), (&json!(5), &json!(1)));
}

#[test]
fn what_is_no_batch_is_refused() {
    let (repo, a, _) = labels();
    repo.file("items.csv", "item,text\ni1,some text\n");
    repo.ok("commit items.csv --kind items");
    shot!("batches_no_judgement", repo.run(&format!("diff {a} HEAD")));
    shot!("batches_range", repo.run(&format!("diff {a}..HEAD HEAD")));
    shot!("batches_unknown", repo.run(&format!("diff {a} 123456")));
    repo.run("diff HEAD~..HEAD --unified").exits(2).says(&["--kind corrections"]);
    repo.run("diff HEAD~..HEAD --format html").exits(2).says(&["no HTML form"]);
}

#[test]
fn two_batches_of_corrections_are_told_side_by_side() {
    let repo = corrections();
    shot!("batches_corrections", repo.run("diff week1 week2"));
    shot!(
        "batches_corrections_color",
        repo.run("diff week1 week2 --color always").out.replace('\u{1b}', "␛")
    );
    shot!("batches_corrections_unified", repo.run("diff week1 week2 --unified"));
    for format in ["json", "md", "html"] {
        let refused = repo.run(&format!("diff week1 week2 --unified --format {format}"));
        refused.exits(2).says(&["--unified prints text alone"]);
    }
    shot!("batches_corrections_md", repo.run("diff week1 week2 --format md"));
    shot!("batches_corrections_html", repo.run("diff week1 week2 --format html"));
    shot!("batches_corrections_json", repo.run("diff week1 week2 --format json"));
}

#[test]
fn the_corrections_of_two_states_are_compared_the_same_way() {
    let repo = corrections();
    shot!("states_corrections", repo.run("diff week1..week2 --kind corrections"));
    assert_eq!(
        repo.json("diff --kind corrections")["parts"],
        repo.json("diff week1.. --kind corrections")["parts"]
    );
    repo.run("diff week2..week2 --kind corrections --exit-code").exits(0).says(&["say the same"]);
    repo.run("diff week1..week2 --kind corrections --exit-code").exits(1);
    let cut = repo.run("diff week1 week2 --unified --limit 1").exits(0);
    cut.says(&["# fluency: 1 more item not listed; --limit lists more", "# fluency: 1 item in A alone"]);
    shot!("states_rows", repo.run("diff week1..week2"));
    repo.ok("revert --labeler ana -m careless");
    shot!("states_rows_taken_back", repo.run("diff"));
}

#[test]
fn what_two_branches_contradict_is_a_difference() {
    let repo = Repo::bare_folder();
    repo.ok("init --task fluency --type text");
    repo.git("tag base");
    for (branch, text) in [("one", "I have a cat ."), ("two", "I had a cat .")] {
        repo.git(&format!("checkout --quiet -b {branch} base"));
        let row = format!("i1,ann,I has a cat .,{text},2025-05-01");
        repo.file("f.csv", format!("item,labeler,original,corrected,created_at\n{row}\n"));
        repo.ok("commit f.csv --kind corrections");
    }
    repo.git("merge --quiet --no-edit one");
    let line = "diff base..HEAD --kind corrections";
    shot!("states_conflict", repo.run(&format!("{line} --exit-code")).exits(1));
    shot!("states_conflict_md", repo.run(&format!("{line} --format md")));
    repo.run(&format!("{line} --format html")).exits(0).says(&["<bdi>i1</bdi> by <bdi>ann</bdi> in B"]);
    repo.run(&format!("{line} --unified")).exits(0).says(&["# fluency: Contradictory: i1 by ann in B"]);
    repo.run(&format!("{line} --stat --format md")).exits(0).says(&["Contradictory: 1 not listed"]);
    assert_eq!(
        repo.json(line)["parts"][0]["conflicting"],
        json!([{ "item": "i1", "labeler": "ann", "a": 0, "b": 2 }])
    );
    repo.run("diff HEAD..HEAD --kind corrections --exit-code").exits(0);
}

#[test]
fn long_hostile_and_foreign_texts_are_handled() {
    let repo = Repo::bare_folder();
    repo.ok("init --task fluency --type text");
    let words = |word: &str| (0..12_000).map(|i| format!("{word}{} ", i % 977)).collect::<String>();
    let long = words("word");
    let changed = long.replacen("word500 ", "WORD500 ", 1);
    let texts = [
        ("long", long.clone(), changed),
        ("rewritten", long, words("andere")),
        ("script", "<script>alert(1)</script>".into(), "<script>alert(2)</script>".into()),
        ("bidi", "abc \u{202e}def\u{202c} ghi".into(), "abc \u{202e}xyz\u{202c} ghi".into()),
        ("arabic", "ذهب الولد الى المدرسة".into(), "ذهب الولد إلى المدرسة".into()),
        ("emoji", "a 👩\u{200d}👩\u{200d}👧 b e\u{301}".into(), "a 👩\u{200d}👧 b é".into()),
        ("equal", "same".into(), "same".into()),
    ];
    let row = |item: &str, labeler: &str, original: &str, corrected: &str| {
        json!({ "item": item, "labeler": labeler, "original": original, "corrected": corrected }).to_string()
            + "\n"
    };
    let file = |labeler: &str, other: bool| -> String {
        let line = |(item, original, corrected): &(&str, String, String)| {
            row(item, labeler, original, if other { corrected } else { original })
        };
        texts.iter().map(line).collect()
    };
    repo.file("a.jsonl", file("ana", false));
    repo.file("b.jsonl", file("bob", true));
    for name in ["a", "b"] {
        repo.ok(&format!("commit {name}.jsonl --kind corrections"));
    }
    shot!("batches_hostile", repo.run("diff HEAD~ HEAD"));
    let report = repo.json("diff HEAD~ HEAD");
    assert_eq!(report["parts"][0]["items"]["alike"], 1);
    let page = repo.run("diff HEAD~ HEAD --format html").exits(0).out;
    assert!(!page.contains("<script") && !page.contains('\u{202e}'), "markup or marks of data");
    assert!(page.contains("👩\u{200d}👧"), "emoji are shown");
    assert!(page.len() < 20_000, "{}", page.len());
    let md = repo.run("diff HEAD~ HEAD --format md").exits(0).out;
    assert!(!md.contains("<script") && md.len() < 20_000);
    let unified = repo.run("diff HEAD~ HEAD --unified").exits(0).out;
    assert!(unified.contains("--- a/script\n+++ b/script (B bob)\n@@ -1 +1 @@\n-<script>"), "{unified}");
}
