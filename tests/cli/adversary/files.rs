//! Attacks on files of the ledger.
#![allow(clippy::disallowed_methods, reason = "tests read and write files as an attacker would")]

use hitl::record::RecordId;

use super::court::{Court, edited, id_of_bob, matching};

#[test]
fn an_edited_shard() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    edited(&court);
    court.commit_plainly("tidy");
    court.refuses(&["edited"], &["shard"]);
}

#[test]
fn an_edited_shard_and_a_manifest_that_matches_under_the_old_id() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    let (id, sha256, _) = edited(&court);
    court.repo.file(&court.path(&id, ".yaml"), matching(&court, &id, sha256));
    court.commit_plainly("tidy");
    court.refuses(&["edited"], &["manifest"]);
}

#[test]
fn an_edited_shard_and_a_manifest_that_matches_under_an_id_of_its_own() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    let (id, sha256, _) = edited(&court);
    let text = matching(&court, &id, sha256);
    let new = RecordId::of(text.as_bytes()).to_string();
    for ending in [".yaml", ".parquet"] {
        let old = court.path(&id, ending);
        let home = old.replace(&format!("/{}/{id}", &id[..2]), &format!("/{}/{new}", &new[..2]));
        std::fs::create_dir_all(court.repo.dir().join(&home).parent().unwrap()).unwrap();
        std::fs::rename(court.repo.dir().join(&old), court.repo.dir().join(&home)).unwrap();
        if ending == ".yaml" {
            court.repo.file(&home, &text);
        }
    }
    court.commit_plainly("tidy");
    court.refuses(&["removed"], &["removed"]);
}

#[test]
fn a_shard_in_another_task() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    let id = court.newest("labels");
    for ending in [".yaml", ".parquet"] {
        let old = court.path(&id, ending);
        let new = old.replace("/tone/", "/mood/");
        std::fs::create_dir_all(court.repo.dir().join(&new).parent().unwrap()).unwrap();
        court.repo.git(&format!("mv {old} {new}"));
    }
    court.commit_plainly("tidy");
    court.refuses(&["removed", "misplaced"], &["misplaced"]);
}

#[test]
fn a_symbolic_link_in_the_place_of_a_batch() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    let id = court.newest("labels");
    let path = court.path(&id, ".parquet");
    let other = path.replace(&id, &"0".repeat(64)).replace(&format!("/{}/", &id[..2]), "/00/");
    std::fs::create_dir_all(court.repo.dir().join(&other).parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", court.repo.dir().join(&other)).unwrap();
    court.commit_plainly("tidy");
    court.refuses(&["stray"], &["stray"]);
}

#[test]
fn a_path_that_leaves_the_ledger() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    // Git's own commands make no such tree; an attacker writes one byte by byte.
    let script = "set -e
        blob=$(printf 'format: 1\\n' | git hash-object -w --stdin)
        inner=$(printf '100644 blob %s\\tx.yaml\\n' $blob | git mktree)
        up=$(printf '40000 ..\\0'; printf %s $inner | sed 's/../\\\\x&/g' | xargs -0 printf '%b')
        { printf '40000 ..\\0'; printf \"$(printf %s $inner | sed 's/../\\\\x&/g')\"; } > ../tree
        bad=$(git hash-object -t tree -w --literally ../tree)
        root=$({ git ls-tree HEAD | grep -v '\tledger$'; git ls-tree HEAD:ledger > ../ledger; printf '040000 tree %s\\tup\\n' $bad >> ../ledger; printf '040000 tree %s\\tledger\\n' $(git mktree < ../ledger); } | git mktree)
        git branch -f attack2 $(git commit-tree $root -p HEAD -m up)";
    let made = court.repo.shell(&format!("bash -c '{}'", script.replace('\'', "'\\''")));
    assert_eq!(made.code, 0, "{made}");
    let answer = court.repo.run("check --base main --head attack2 --format json");
    assert!(answer.code == 1 || answer.code == 3, "{answer}");
    assert_eq!(court.repo.run("fsck --at attack2").code, 3);
    court.server_refuses("attack2:main");
}

#[test]
fn a_manifest_that_points_at_the_shard_of_another_batch() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    let id = id_of_bob(&court);
    let text = court
        .repo
        .read(&court.path(&id, ".yaml"))
        .replace("\"bob\": {", "\"eve\": {")
        .replace("bob <bob@", "eve <eve@");
    let new = RecordId::of(text.as_bytes()).to_string();
    let place = |ending: &str| {
        court.path(&id, ending).replace(&format!("/{}/{id}", &id[..2]), &format!("/{}/{new}", &new[..2]))
    };
    let shard = std::fs::read(court.repo.dir().join(court.path(&id, ".parquet"))).unwrap();
    let (manifest_home, shard_home) = (place(".yaml"), place(".parquet"));
    court.repo.file(&manifest_home, text);
    court.repo.file(&shard_home, shard);
    court.commit_plainly("mine now");
    court.refuses(&["shard"], &["shard"]);
}

#[test]
fn two_batches_with_one_id() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    let id = court.newest("labels");
    for ending in [".yaml", ".parquet"] {
        let path = court.path(&id, ending);
        let bytes = std::fs::read(court.repo.dir().join(&path)).unwrap();
        court.repo.file(&path.replace("/2025-06/", "/2025-07/"), bytes);
    }
    court.commit_plainly("again");
    court.refuses(&["misplaced"], &["misplaced"]);
}

#[test]
fn a_record_that_becomes_a_link_with_the_same_bytes() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    let path = court.path(&court.newest("reverts"), ".yaml");
    let script = format!(
        "git update-index --cacheinfo 120000,$(git rev-parse HEAD:{path}),{path} && git commit --quiet -m link"
    );
    court.repo.shell(&script).exits(0);
    court.refuses(&["edited"], &["stray"]);
}

#[test]
fn an_edited_lock() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    court.repo.file("snapshots/v1.yaml", court.repo.read("snapshots/v1.yaml").replace("val <", "eve <"));
    court.commit_plainly("tidy");
    court.refuses(&["edited"], &["snapshot-lock"]);
}

#[test]
fn a_file_among_the_snapshots_that_is_none() {
    let Some(court) = Court::sit() else { return };
    court.act_as("eve");
    court.repo.file("snapshots/notes.txt", "notes");
    court.commit_plainly("notes");
    court.refuses(&["stray"], &[]);
}
