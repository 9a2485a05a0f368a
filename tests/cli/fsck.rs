//! `hitl fsck` and `hitl restore`

use crate::repo::Repo;

fn ledger() -> Repo {
    let repo = Repo::sentiment();
    repo.commit("a.csv", &["i1 ann neutral 2025-05-01", "i2 bob positive 2025-05-01"]);
    repo.commit("b.csv", &["i3 ann neutral 2025-05-08"]);
    repo.ok("snapshot create v1");
    repo.ok("revert --labeler bob -m careless");
    repo
}

fn files(repo: &Repo, ending: &str) -> Vec<String> {
    repo.git("ls-files ledger snapshots")
        .lines()
        .filter(|path| path.ends_with(ending))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_sound_repository() {
    let repo = ledger();
    shot!("sound", repo.run("fsck"));
    shot!("verify", repo.run("verify"));
    Repo::sentiment().run("fsck").exits(0);
}

/// Flips one bit in the middle of a committed file, and commits that.
fn flip(repo: &Repo, path: &str) {
    let mut bytes = std::fs::read(repo.dir().join(path)).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    repo.file(path, bytes);
    repo.git("commit --quiet -am 'cosmic ray'");
}

#[test]
fn a_flipped_bit_in_any_file_is_found_and_its_commit_named() {
    let paths: Vec<String> = {
        let repo = ledger();
        [".parquet", ".yaml"].iter().flat_map(|ending| files(&repo, ending)).collect()
    };
    assert_eq!(paths.len(), 6, "{paths:?}");
    for path in paths {
        let repo = ledger();
        flip(&repo, &path);
        let report = repo.run("fsck --format json").exits(3).json();
        let fault = report["faults"].as_array().unwrap().iter().find(|fault| fault["path"] == path.as_str());
        let fault = fault.unwrap_or_else(|| panic!("{path} is not in {report:#}"));
        assert_eq!(fault["commit"]["subject"], "cosmic ray", "{report:#}");
    }
}

#[test]
fn a_flipped_bit_for_people() {
    let repo = ledger();
    flip(&repo, &files(&repo, ".parquet")[0]);
    shot!("flipped", repo.run("fsck"));
    shot!("flipped_labels", repo.run("labels"));
    shot!("flipped_status", repo.run("status"));
}

#[test]
fn a_damaged_record_is_restored() {
    let repo = ledger();
    let path = files(&repo, ".parquet")[0].clone();
    flip(&repo, &path);
    let id = path.rsplit('/').next().unwrap().split('.').next().unwrap().to_owned();
    shot!("restore_damaged", repo.run(&format!("restore {}", &id[..10])));
    repo.run("fsck").exits(0);
}

#[test]
fn what_was_damaged_once_is_never_offered_again() {
    let repo = ledger();
    for ending in [".parquet", ".yaml"] {
        let path = files(&repo, ending)[0].clone();
        let id = path.rsplit('/').next().unwrap().split('.').next().unwrap().to_owned();
        let sound = repo.git(&format!("rev-parse HEAD:{path}"));
        flip(&repo, &path);
        repo.ok(&format!("restore {}", &id[..10]));
        assert_eq!(repo.git(&format!("rev-parse HEAD:{path}")), sound);
        // The damaged bytes are history by now, and whole ones stand in their place.
        repo.run(&format!("restore {}", &id[..10])).exits(2).says(&["nothing of it is missing"]);
        repo.ok("restore --all").says(&["nothing is missing"]);
        // With both gone, what the id names comes back.
        repo.git(&format!("rm --quiet {path}"));
        repo.git("commit --quiet -m away");
        repo.ok(&format!("restore {}", &id[..10]));
        assert_eq!(repo.git(&format!("rev-parse HEAD:{path}")), sound);
        repo.ok("fsck");
    }
}

#[test]
fn the_work_tree_is_compared_byte_for_byte() {
    let repo = ledger();
    let path = files(&repo, ".parquet")[0].clone();
    let mut bytes = std::fs::read(repo.dir().join(&path)).unwrap();
    bytes[4] ^= 1;
    repo.file(&path, bytes);
    shot!("work_tree", repo.run("fsck"));
    repo.ok("status").says(&["git restore ledger"]);
    assert_eq!(repo.rows(""), ["i1 ann neutral", "i3 ann neutral"], "what is committed is what counts");
    repo.git("restore ledger");
    repo.run("fsck").exits(0);
}

#[test]
fn git_rm_of_a_record_is_named_and_mended() {
    let repo = ledger();
    let path = repo.json("show HEAD~2")["records"][0]["path"].as_str().unwrap().to_owned();
    let id = repo.json("show HEAD~2")["records"][0]["id"].as_str().unwrap().to_owned();
    repo.git(&format!("rm --quiet {path} {}", path.replace(".yaml", ".parquet")));
    repo.git("commit --quiet -m 'tidy up'");
    shot!("removed_status", repo.run("status"));
    shot!("removed_fsck", repo.run("fsck"));
    repo.labels("c.csv", &["i9 ann neutral"]);
    repo.ok("commit c.csv");
    shot!("removed_snapshot", repo.run("snapshot create v2"));
    shot!("restore", repo.run(&format!("restore {}", &id[..10])));
    repo.run("fsck").exits(0);
    assert_eq!(repo.rows(""), ["i1 ann neutral", "i3 ann neutral", "i9 ann neutral"]);
    shot!("nothing_to_restore", repo.run("restore --all"));
    shot!("restore_unknown", repo.run("restore abcdef12"));
}

#[test]
fn git_revert_of_a_hitl_commit_is_named_and_mended() {
    let repo = ledger();
    repo.git("revert --no-edit HEAD");
    assert_eq!(repo.rows(""), ["i1 ann neutral", "i2 bob positive", "i3 ann neutral"]);
    repo.ok("status").says(&["hitl restore", "hitl revert"]);
    repo.run("fsck").exits(3).says(&["Revert", "hitl restore"]);
    repo.ok("restore --all");
    repo.run("fsck").exits(0);
    assert_eq!(repo.rows(""), ["i1 ann neutral", "i3 ann neutral"]);
}

#[test]
fn a_guideline_file_that_was_edited_is_found() {
    let repo = Repo::sentiment();
    repo.file("g.md", "Be fair.\n");
    repo.ok("guideline add tone g.md");
    repo.file("guidelines/tone/1.md", "Be unfair.\n");
    repo.git("commit --quiet -am edited");
    repo.run("fsck").exits(3).says(&["guidelines/tone/1.md", "hitl guideline show tone@1"]);
}

#[test]
fn a_cherry_pick_leaves_ancestors_behind() {
    let repo = Repo::sentiment();
    repo.git("checkout --quiet -b other");
    repo.commit("a.csv", &["i1 ann neutral"]);
    repo.commit("b.csv", &["i2 ann neutral"]);
    repo.git("checkout --quiet main");
    repo.git("cherry-pick other");
    shot!("incomplete_status", repo.run("status"));
    repo.labels("c.csv", &["i3 ann neutral"]);
    repo.ok("commit c.csv");
    repo.run("fsck").exits(3);
    shot!("incomplete_snapshot", repo.run("snapshot create v1"));
}

#[test]
fn a_lock_under_another_name_is_found_and_a_changed_one_mended() {
    let repo = ledger();
    repo.git("mv snapshots/v1.yaml snapshots/v2.yaml");
    repo.git("commit -q -m renamed");
    repo.run("fsck").exits(3).says(&["snapshots/v2.yaml", "belongs at snapshots/v1.yaml"]);
    repo.git("mv snapshots/v2.yaml snapshots/v1.yaml");
    let text = repo.read("snapshots/v1.yaml").replace("majority", "unanimous");
    repo.file("snapshots/v1.yaml", text);
    repo.git("commit -q -a -m forged");
    let said = repo.run("fsck").exits(3).out;
    let mend = said.lines().find_map(|line| line.trim().strip_prefix("do: git ")).unwrap().to_owned();
    repo.git(&mend);
    repo.git("commit -q -m mended");
    repo.ok("fsck");
}

#[test]
fn looking_at_an_incomplete_ledger_warns() {
    let repo = ledger();
    let first =
        repo.git("log --format=%H --diff-filter=A -- ledger/labels").lines().last().unwrap().to_owned();
    let gone = repo.git(&format!("show --name-only --format= {first} -- ledger")).replace('\n', " ");
    repo.git(&format!("rm -q {gone}"));
    repo.git("commit -q -m gone");
    for line in ["labels", "log", "agreement", "show HEAD~1", "trace i3", "diff HEAD~1.."] {
        let answer = repo.run(line);
        assert!(answer.err.contains("the ledger is incomplete: 1 record is missing"), "{line}: {answer}");
    }
    repo.run("restore abc").exits(2).says(&["too short"]);
}
