//! What git itself shows of shards: `hitl git-setup`, `hitl textconv`, and git's own diffs.

use crate::repo::Repo;

/// Three rows, committed.
fn three_rows() -> Repo {
    let repo = Repo::sentiment();
    repo.commit(
        "week1.csv",
        &["msg-001 ana positive 2025-05-05T08:00:07Z", "msg-001 bob neutral 2025-05-05T09:00:00Z"],
    );
    repo
}

/// The path of the only shard.
fn shard(repo: &Repo) -> String {
    repo.git("ls-files ledger/*.parquet")
}

/// Git's answer, with what differs between machines and says nothing here taken out.
fn shown(repo: &Repo, command: &str) -> String {
    let answer = repo.shell(command).exits(0);
    let kept = answer.out.lines().filter(|line| !line.starts_with("index ") && !line.starts_with("commit "));
    kept.map(|line| format!("{line}\n")).collect::<String>() + &answer.err
}

#[test]
fn git_shows_the_rows_of_shards() {
    let repo = three_rows();
    assert!(repo.git("config diff.hitl.textconv").ends_with("hitl textconv"));
    shot!("git_show", shown(&repo, "git show --format=%s -- '*.parquet'"));
    shot!("git_log_p", shown(&repo, "git log -p --format=%s -- ledger"));
    assert_eq!(
        shown(&repo, "git diff HEAD~ HEAD -- '*.parquet'"),
        shown(&repo, "git show --format= -- '*.parquet'")
    );
    assert!(shown(&repo, "git diff --no-textconv HEAD~ HEAD -- '*.parquet'").contains("Binary files"));
    std::fs::remove_file(repo.dir().join(shard(&repo))).unwrap();
    let gone = shown(&repo, "git diff");
    assert!(gone.contains("\n-item=msg-001 labeler=ana label=positive"), "{gone}");
    assert_eq!(repo.git("for-each-ref refs/notes"), "");
}

#[test]
fn corrections_items_and_guidelines_read_well() {
    let repo = Repo::bare_folder();
    repo.ok("init --task fluency --type text");
    repo.file(
        "fixes.csv",
        "item,labeler,original,corrected,created_at,reason\n\
         s1,ana,I has a cat .,I have a cat .,2025-05-05T08:00:07Z,agreement\n\
         s2,ana,\"Two lines,\nhere\",\"Two lines\nhere.\",2025-05-05T08:01:00Z,\n",
    );
    repo.ok("commit fixes.csv --kind corrections");
    shot!("textconv_corrections", shown(&repo, "git show --format= -- '*.parquet'"));
    repo.file("items.csv", "item,text\ns1,\"I has a \u{1b}[31mcat\u{1b}[0m\"\n");
    repo.ok("commit items.csv --kind items");
    shot!("textconv_items", shown(&repo, "git show --format= -- '*.parquet'"));
}

#[test]
fn a_fresh_clone_is_set_up_once() {
    let repo = three_rows();
    let clone = repo.clone_to("clone", "");
    let show = format!("git -C {} show --format= -- '*.parquet'", clone.display());
    assert!(shown(&repo, &show).contains("Binary files"));
    let setup = |more: &str| repo.shell(&format!("cd {} && hitl git-setup {more}", clone.display()));
    shot!("git_setup", setup(""));
    shot!("git_setup_again", setup(""));
    shot!("git_setup_json", setup("--format json"));
    assert!(shown(&repo, &show).contains("\n+item=msg-001 labeler=ana label=positive"));
    // The other way to call it.
    repo.shell(&format!(
        "cd {} && git config --unset diff.hitl.textconv && git hitl git-setup",
        clone.display()
    ))
    .exits(0)
    .says(&["set diff.hitl.textconv = hitl textconv"]);
}

#[test]
fn a_setting_of_the_users_own_stays() {
    let repo = three_rows();
    repo.git("config diff.hitl.textconv 'parquet-tools cat'");
    shot!("git_setup_other", repo.shell("hitl git-setup"));
    assert_eq!(repo.git("config diff.hitl.textconv"), "parquet-tools cat");
    repo.ok("init").says(&["parquet-tools cat", "left as it is"]);
    repo.git("config --unset diff.hitl.textconv");
    repo.git("config --global diff.hitl.textconv mine");
    repo.shell("hitl git-setup").exits(0).says(&["`mine`"]);
    assert_eq!(repo.shell("git config --local diff.hitl.textconv").code, 1);
}

#[test]
fn a_setting_of_ours_moves_with_the_program() {
    let repo = three_rows();
    for lost in ["/gone/bin/hitl textconv", "'/it'\\''s gone/hitl' textconv"] {
        repo.shell(&format!(
            "git config --replace-all diff.hitl.textconv \"{}\"",
            lost.replace('\\', "\\\\")
        ))
        .exits(0);
        assert_eq!(repo.git("config diff.hitl.textconv"), lost);
        repo.shell("hitl git-setup").exits(0).says(&["set diff.hitl.textconv = hitl textconv"]);
        assert_eq!(repo.git("config diff.hitl.textconv"), "hitl textconv");
    }
    // One that is there is somebody's choice.
    repo.shell(
        "ln -s $(command -v hitl) hitl-old && git config diff.hitl.textconv \"$PWD/hitl-old textconv\"",
    )
    .exits(0);
    repo.shell("hitl git-setup").exits(0).says(&["left as it is"]);
}

#[test]
fn init_goes_on_where_the_configuration_cannot_be_written() {
    let repo = Repo::bare_folder();
    repo.git("init --quiet");
    // A lock that nobody gives back; root may write whatever its mode is.
    repo.file(".git/config.lock", "");
    shot!("init_locked_config", repo.run("init --task tone --classes a,b"));
    assert_eq!(repo.git("status --porcelain"), "");
    repo.run("git-setup").exits(4).says(&[".git/config.lock"]);
    // A lock that is none of ours stays, and so does nothing of ours.
    assert_eq!(repo.read(".git/config.lock"), "");
    assert!(!repo.dir().join(".git/hitl/config").exists());
}

#[test]
fn what_a_killed_setting_left_is_cleared_and_the_configuration_stays() {
    let repo = three_rows();
    let config = repo.read(".git/config");
    // Killed before the lock became the file, and after.
    for lock in [true, false] {
        repo.shell("cp .git/config .git/hitl/config && touch .git/hitl/config.lock").exits(0);
        let link =
            if lock { "ln .git/hitl/config .git/config.lock" } else { "ln -f .git/hitl/config .git/config" };
        repo.shell(link).exits(0);
        match lock {
            true => repo.ok("status"),
            false => repo.shell("git config --unset diff.hitl.textconv; hitl git-setup").exits(0),
        };
        let left = repo.shell("find .git -name '*.lock' -o -path .git/hitl/config").out;
        assert_eq!(left, "");
    }
    let without =
        |text: &str| text.lines().filter(|line| !line.contains("textconv")).collect::<Vec<_>>().join(" ");
    assert_eq!(without(&repo.read(".git/config")), without(&config));
    assert_eq!(repo.git("config diff.hitl.textconv"), "hitl textconv");
}

#[test]
fn where_no_attribute_sends_shards_to_hitl_it_is_said() {
    let repo = Repo::bare_folder();
    repo.git("init --quiet");
    repo.shell("hitl git-setup").exits(0).says(&["hitl init"]);
    let repo = three_rows();
    let bare = repo.clone_to("bare.git", "--bare").display().to_string();
    let setup = repo.shell(&format!("cd {bare} && hitl git-setup")).exits(0);
    let command = setup.out.lines().last().unwrap().trim().to_owned();
    assert!(command.starts_with("echo "), "{setup}");
    let shown = shown(&repo, &format!("cd {bare} && {command} && git show --format= -- '*.parquet'"));
    assert!(shown.contains("\n+item=msg-001 labeler=ana label=positive"), "{shown}");
}

#[test]
fn a_linked_work_tree_and_a_folder_below_show_rows_too() {
    let repo = three_rows();
    repo.git("worktree add --quiet ../tree -b other");
    let show = "git show --format= -- :/ledger/*.parquet";
    let here = shown(&repo, show);
    assert!(here.contains("\n+item=msg-001 labeler=ana label=positive"), "{here}");
    assert_eq!(shown(&repo, &format!("cd ../tree && {show}")), here);
    assert_eq!(shown(&repo, &format!("cd ledger/labels && {show}")), here);
}

/// Commits a Git LFS pointer in a shard's place; returns its object's id.
fn with_pointer(repo: &Repo) -> String {
    let path = shard(repo);
    let oid = repo.shell(&format!("sha256sum < {path}")).out.split(' ').next().unwrap().to_owned();
    let object = format!(".git/lfs/objects/{}/{}/{oid}", &oid[..2], &oid[2..4]);
    repo.shell(&format!("mkdir -p {} && mv {path} {object}", object.rsplit_once('/').unwrap().0)).exits(0);
    let size = repo.shell(&format!("wc -c < {object}")).out.trim().to_owned();
    repo.file(
        &format!("ledger/labels/x/{oid}.parquet"),
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n"),
    );
    repo.git("add ledger");
    repo.git("commit --quiet -m pointer");
    oid
}

#[test]
fn an_lfs_pointer_is_followed_to_its_object_or_told_as_one() {
    let repo = three_rows();
    let before = shown(&repo, "git show --format= -- '*.parquet'");
    let oid = with_pointer(&repo);
    let show = "git show --format= --no-renames -- 'ledger/labels/x/*.parquet'";
    let rows = |shown: &str| -> Vec<String> {
        shown.lines().filter(|line| line.starts_with("+item=")).map(str::to_owned).collect()
    };
    assert_eq!(rows(&shown(&repo, show)), rows(&before));
    assert_eq!(rows(&before).len(), 2);
    // From a linked work tree the shared object is found too.
    repo.git("worktree add --quiet ../tree");
    assert_eq!(rows(&shown(&repo, &format!("cd ../tree && {show}"))), rows(&before));
    let object = format!(".git/lfs/objects/{}/{}/{oid}", &oid[..2], &oid[2..4]);
    repo.shell(&format!("cp {object} kept && echo >> {object}")).exits(0);
    assert!(shown(&repo, show).contains("is damaged; `git lfs fsck`"));
    repo.shell(&format!("rm {object}")).exits(0);
    shot!("git_show_pointer", shown(&repo, show));
    repo.git("config lfs.storage ../elsewhere");
    repo.shell(&format!(
        "mkdir -p $(dirname elsewhere/{}) && mv kept elsewhere/{}",
        &object[9..],
        &object[9..]
    ))
    .exits(0);
    assert_eq!(rows(&shown(&repo, show)), rows(&before));
}

#[test]
fn a_damaged_shard_does_not_stop_a_diff() {
    let repo = three_rows();
    let path = shard(&repo);
    let bytes = std::fs::read(repo.dir().join(&path)).unwrap();
    std::fs::write(repo.dir().join(&path), &bytes[..bytes.len() / 2]).unwrap();
    shot!("git_diff_cut_shard", shown(&repo, "git diff"));
    for bad in
        [&b""[..], b"PAR1", b"no parquet at all", b"version https://git-lfs.github.com/spec/v1\noid x\n"]
    {
        repo.file("bad.parquet", bad);
        let answer = repo.ok("textconv bad.parquet");
        assert!(
            answer.out.starts_with("hitl textconv: no rows to show: ") && answer.out.lines().count() == 1
        );
    }
    repo.run("textconv absent.parquet").exits(2).says(&["cannot read absent.parquet"]);
    repo.run("textconv bad.parquet --format json").exits(2).says(&["text alone"]);
    assert!(!repo.ok("--help").out.contains("textconv"));
    assert!(repo.ok("textconv --help").out.contains("git diff"));
}
