//! What runs in a forge's CI: the GitHub Action's scripts, each run for real against an API of the test's own, and the
//! GitLab template's.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]
#![allow(clippy::disallowed_methods, reason = "PATH is where `git` and `curl` are found")]

#[path = "action/api.rs"]
mod api;
#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use api::Api;
use project::{HITL, Project, text};
use sealed::has;
use serde_json::{Value, json};

/// The project's own folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(path: &str) -> Value {
    hitl::base::yaml::from_str(&std::fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

/// Where the machine's programs lie.
fn search_path() -> String {
    std::env::var("PATH").unwrap_or_default()
}

/// Whether a program of this name can be run.
fn has_tool(name: &str) -> bool {
    has(name, Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()))
}

/// A runner's folders, beside a repository with `main` and a branch `week2` that adds to it.
struct Runner {
    project: Project,
}

impl Runner {
    fn new() -> Self {
        let runner = Self { project: Project::tone() };
        for folder in ["bin", "temp"] {
            std::fs::create_dir(runner.path(folder)).unwrap();
        }
        runner.program("hitl", &format!("#!/bin/sh\nexec {HITL} \"$@\"\n"));
        runner.add("week1.csv", "i1,ana,yes\ni2,ana,no\n");
        runner.git(&["checkout", "--quiet", "-b", "week2"]);
        runner.add("week2.csv", "i1,bob,yes\n");
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.project.repo.scratch().join(name)
    }

    fn git(&self, args: &[&str]) -> String {
        self.project.repo.git(args)
    }

    fn add(&self, file: &str, rows: &str) {
        let path = self.project.repo.dir().join(file);
        std::fs::write(&path, format!("item,labeler,label\n{rows}")).unwrap();
        self.project.ok(&["commit", file]);
        std::fs::remove_file(path).unwrap();
    }

    /// Puts a script on PATH.
    fn program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Runs a script of the action at `dir` with these variables, for an event whose change is checked out; summary,
    /// outputs and PATH begin empty.
    fn script_at(&self, dir: &Path, script: &str, vars: &[(&str, &str)]) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), search_path());
        let mut command = Command::new("sh");
        command.arg(root().join("ci/github").join(script)).current_dir(dir);
        command.env_clear().envs(self.project.variables()).env("PATH", path);
        command.env("RUNNER_TEMP", self.path("temp")).env("TMPDIR", self.path("temp"));
        command.env("HITL_CHANGE", self.project.repo.git_at(dir, &["rev-parse", "HEAD"]));
        for name in ["GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_PATH"] {
            std::fs::write(self.path(name), "").unwrap();
            command.env(name, self.path(name));
        }
        command.envs(vars.iter().copied()).output().unwrap()
    }

    fn script(&self, script: &str, vars: &[(&str, &str)]) -> Output {
        self.script_at(&self.project.repo.dir(), script, vars)
    }

    fn said(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The report that the check left.
    fn report(&self) -> Value {
        serde_json::from_str(&self.said("temp/hitl-check/check.json")).unwrap()
    }
}

#[track_caller]
fn exits(output: &Output, code: i32, says: &str) {
    let said = text(output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(says), "`{says}` is not in:\n{said}");
}

#[test]
fn the_action_runs_its_own_scripts_and_nothing_of_the_change() {
    let action = yaml("action.yml");
    assert_eq!(action["inputs"]["version"]["default"], env!("CARGO_PKG_VERSION"));
    let mut scripts = 0;
    for step in action["runs"]["steps"].as_array().unwrap() {
        if let Some(uses) = step["uses"].as_str() {
            let (_, pin) = uses.split_once('@').unwrap();
            assert!(pin.len() == 40 && pin.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uses}");
            continue;
        }
        let run = step["run"].as_str().unwrap();
        let script = run.strip_prefix("sh \"$HITL_SCRIPTS/").and_then(|rest| rest.strip_suffix('"'));
        assert!(root().join("ci/github").join(script.expect(run)).is_file(), "{run}");
        assert!(!run.contains("${{"), "{run}");
        scripts += 1;
    }
    assert_eq!(scripts, std::fs::read_dir(root().join("ci/github")).unwrap().count());
    let gitlab = yaml("ci/gitlab/hitl-check.yml");
    assert_eq!(gitlab["hitl-check"]["variables"]["HITL_VERSION"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn scripts_are_as_shellcheck_wants_them() {
    if !has_tool("shellcheck") {
        return;
    }
    let template = tempfile::NamedTempFile::new().unwrap();
    let gitlab = yaml("ci/gitlab/hitl-check.yml");
    let script = gitlab["hitl-check"]["script"][0].as_str().unwrap();
    std::fs::write(template.path(), format!("#!/bin/sh\n{script}")).unwrap();
    let entries = std::fs::read_dir(root().join("ci/github")).unwrap().flatten().map(|entry| entry.path());
    let scripts: Vec<PathBuf> = entries.chain([template.path().to_owned()]).collect();
    exits(&Command::new("shellcheck").args(scripts).output().unwrap(), 0, "");
}

#[test]
fn a_check_leaves_reports_summary_and_verdict() {
    let runner = Runner::new();
    let base = runner.git(&["rev-parse", "main"]);
    exits(&runner.script("check.sh", &[("HITL_PR_BASE", &base)]), 0, "");
    let outputs = runner.said("GITHUB_OUTPUT");
    assert!(outputs.starts_with("verdict=passed\nreports="), "{outputs}");
    assert!(outputs.ends_with("hitl-check/check.sarif\n"), "{outputs}");
    assert!(!runner.said("GITHUB_STEP_SUMMARY").is_empty());
    for name in ["check.md", "check.json", "check.html", "check.xml", "check.sarif"] {
        assert!(runner.path("temp/hitl-check").join(name).is_file(), "{name}");
    }
    // After a push to a branch, and where base and report are chosen.
    let chosen = runner.path("chosen.sarif").display().to_string();
    let vars = [("HITL_BASE", "main"), ("HITL_BEFORE", base.as_str()), ("HITL_SARIF", &chosen)];
    exits(&runner.script("check.sh", &vars), 0, "");
    assert!(
        runner.said("GITHUB_OUTPUT").ends_with(&format!("sarif={chosen}\n")) && Path::new(&chosen).is_file()
    );
    exits(&runner.script("check.sh", &[("HITL_BEFORE", &base)]), 0, "");
    let shard = runner.git(&["ls-files", "ledger/*.parquet"]).lines().next().unwrap().to_owned();
    runner.git(&["rm", "--quiet", "--", &shard]);
    runner.git(&["commit", "--quiet", "-m", "tidy up"]);
    exits(&runner.script("check.sh", &[("HITL_PR_BASE", &base)]), 1, "");
    assert!(runner.said("GITHUB_OUTPUT").starts_with("verdict=failed\n"));
}

#[test]
fn a_merge_that_the_forge_made_is_checked_against_its_first_parent() {
    let runner = Runner::new();
    let stale = runner.git(&["rev-parse", "main"]);
    runner.git(&["checkout", "--quiet", "main"]);
    runner.add("week3.csv", "i3,ana,yes\n");
    let base = runner.git(&["rev-parse", "main"]);
    runner.git(&["merge", "--quiet", "--no-edit", "week2"]);
    let merge = runner.git(&["rev-parse", "HEAD"]);
    let vars = [
        ("HITL_PR_BASE", stale.as_str()),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_SHA", merge.as_str()),
    ];
    exits(&runner.script("check.sh", &vars), 0, "");
    assert_eq!(
        (&runner.report()["base"]["commit"], &runner.report()["added"]["rows"]),
        (&json!(base), &json!(1))
    );
    // Another checkout than the forge's merge says nothing of the base.
    exits(&runner.script("check.sh", &vars[..2]), 0, "");
    assert_eq!(runner.report()["base"]["commit"], json!(stale));
}

#[test]
fn a_check_that_cannot_be_made_is_no_pass() {
    let runner = Runner::new();
    exits(&runner.script("check.sh", &[("HITL_BEFORE", &"0".repeat(40))]), 2, "nothing to check against");
    exits(&runner.script("check.sh", &[("HITL_PR_BASE", &"1".repeat(40))]), 3, "fetch-depth: 0");
    let shallow = runner.path("shallow");
    let from = format!("file://{}", runner.project.repo.dir().display());
    runner.git(&["clone", "--quiet", "--depth", "1", &from, shallow.to_str().unwrap()]);
    let output = runner.script_at(&shallow, "check.sh", &[("HITL_PR_BASE", "HEAD")]);
    exits(&output, 3, "fetch-depth: 0");
    assert_eq!(runner.said("GITHUB_OUTPUT"), "verdict=error\n");
    assert!(runner.said("GITHUB_STEP_SUMMARY").contains("fetch-depth: 0"));
    // A hitl that gives no answer: what an earlier one said is not passed on.
    exits(&runner.script("check.sh", &[("HITL_PR_BASE", "main")]), 0, "");
    assert!(runner.path("temp/hitl-check/check.md").exists());
    runner.program("hitl", "#!/bin/sh\nexit 3\n");
    exits(&runner.script("check.sh", &[("HITL_PR_BASE", "main")]), 3, "");
    assert!(runner.said("GITHUB_OUTPUT").starts_with("verdict=error\n"));
    assert!(runner.said("GITHUB_STEP_SUMMARY").contains("gave no answer"));
    assert!(!runner.path("temp/hitl-check/check.md").exists());
}

#[test]
fn only_the_change_of_the_event_is_checked() {
    let runner = Runner::new();
    let [base, change] = ["main", "week2"].map(|name| runner.git(&["rev-parse", name]));
    let pull_request = [("HITL_PR_BASE", base.as_str()), ("HITL_CHANGE", change.as_str())];
    let target = [&pull_request[..], &[("GITHUB_EVENT_NAME", "pull_request_target")]].concat();
    exits(&runner.script("check.sh", &target), 2, "use `on: pull_request`");
    exits(&runner.script("check.sh", &pull_request), 0, "");
    // The base itself has no changes, which is no answer about the change.
    runner.git(&["checkout", "--quiet", "main"]);
    exits(&runner.script("check.sh", &pull_request), 2, "nor a merge of it");
    exits(
        &runner.script("check.sh", &[("HITL_PR_BASE", &base), ("HITL_CHANGE", "")]),
        2,
        "nor a merge of it",
    );
    exits(&runner.script("check.sh", &[&pull_request[..], &[("HITL_HEAD", "week2")]].concat()), 0, "");
    // A push that takes back what was there.
    exits(&runner.script("check.sh", &[("HITL_BEFORE", &change)]), 1, "history was rewritten");
    assert_eq!(runner.said("GITHUB_OUTPUT"), "verdict=failed\n");
    exits(&runner.script("check.sh", &[("HITL_BEFORE", &"1".repeat(40))]), 1, "history was rewritten");
    exits(&runner.script("check.sh", &[("HITL_BEFORE", &base)]), 0, "");
}

#[test]
fn a_new_branch_is_checked_against_the_main_one() {
    let runner = Runner::new();
    let main = runner.git(&["rev-parse", "main"]);
    let zeros = "0".repeat(40);
    let push = |branch: &'static str| {
        [("HITL_BEFORE", zeros.as_str()), ("HITL_DEFAULT_BRANCH", "main"), ("GITHUB_REF", branch)]
    };
    exits(&runner.script("check.sh", &push("refs/heads/week2")), 3, "origin/main is not here");
    runner.git(&["update-ref", "refs/remotes/origin/main", &main]);
    exits(&runner.script("check.sh", &push("refs/heads/week2")), 0, "");
    assert_eq!(runner.report()["base"]["commit"], json!(main));
    exits(&runner.script("check.sh", &push("refs/heads/main")), 2, "nothing to check against");
}

#[test]
fn each_folder_has_reports_of_its_own() {
    let runner = Runner::new();
    let base = [("HITL_PR_BASE", "main")];
    exits(&runner.script("check.sh", &base), 0, "");
    exits(&runner.script("check.sh", &[base[0], ("HITL_DIRECTORY", "./data/tone/")]), 0, "");
    assert!(runner.path("temp/hitl-check-data%2Ftone/check.md").is_file());
    assert!(runner.path("temp/hitl-check/check.md").is_file());
    assert!(runner.said("GITHUB_OUTPUT").contains("/hitl-check-data%2Ftone\n"));
}

#[test]
fn one_comment_is_kept_up_to_date() {
    if !(has_tool("curl") && has_tool("jq")) {
        return;
    }
    let runner = Runner::new();
    std::fs::create_dir(runner.path("reports")).unwrap();
    let reports = runner.path("reports").display().to_string();
    let tell = |report: &str| std::fs::write(runner.path("reports/check.md"), report).unwrap();
    let api = Api::start();
    let comment = |more: &[(&str, &str)]| {
        let mut vars = vec![
            ("GITHUB_API_URL", api.url()),
            ("GITHUB_REPOSITORY", "lab/labels"),
            ("HITL_PR_REPOSITORY", "lab/labels"),
            ("HITL_PR", "7"),
            ("HITL_TOKEN", "s3cret"),
            ("HITL_VERDICT", "failed"),
            ("HITL_REPORTS", &reports),
        ];
        vars.extend(more);
        runner.script("comment.sh", &vars)
    };
    tell("it \"failed\" <b> \\ é\n");
    exits(&comment(&[]), 0, "");
    let asked = api.asked();
    assert_eq!(asked[0].line, "GET /repos/lab/labels/issues/7/comments?per_page=100&page=1");
    assert_eq!(asked[1].line, "POST /repos/lab/labels/issues/7/comments");
    assert_eq!(asked[1].authorization, "Bearer s3cret");
    assert_eq!(asked[1].body["body"], "<!-- hitl-check -->\nit \"failed\" <b> \\ é\n");
    // The mark of the report itself stands at the head; another folder has a comment of its own.
    tell("it passed\n\n<!-- hitl-check -->\n");
    api.holds(vec![vec![json!({"id": 5, "user": {"type": "Bot"}, "body": "<!-- hitl-check -->\nold"})]]);
    for (directory, line, body) in [
        ("./", "PATCH /repos/lab/labels/issues/comments/5", "<!-- hitl-check -->\nit passed\n"),
        ("data/", "POST /repos/lab/labels/issues/7/comments", "<!-- hitl-check: data -->\nit passed\n"),
    ] {
        exits(&comment(&[("HITL_DIRECTORY", directory)]), 0, "");
        let asked = api.asked().pop().unwrap();
        assert_eq!((asked.line.as_str(), &asked.body["body"]), (line, &json!(body)));
    }
    // What a person wrote is not ours, whatever it begins with; ours may be on a later page.
    let marked =
        |id: u32, kind: &str| json!({"id": id, "user": {"type": kind}, "body": "<!-- hitl-check -->\nold"});
    api.holds(vec![
        vec![marked(1, "User"); 100],
        vec![json!({"id": 2, "user": {"type": "Bot"}, "body": null}), marked(3, "Bot")],
    ]);
    tell(&"ü".repeat(70_000));
    exits(&comment(&[]), 0, "");
    let asked = api.asked();
    assert_eq!(asked.last().unwrap().line, "PATCH /repos/lab/labels/issues/comments/3");
    let body = asked.last().unwrap().body["body"].as_str().unwrap().to_owned();
    assert!(body.chars().count() < 65_536 && body.ends_with("the rest is in the summary of the run"));
    // Nothing to say, and nothing said before.
    api.holds(Vec::new());
    exits(&comment(&[("HITL_VERDICT", "no_changes")]), 0, "no labels change");
    assert!(api.asked().iter().all(|asked| asked.line.starts_with("GET ")));
    // A fork is not even asked about, and a token that may not write is no failure.
    exits(&comment(&[("HITL_PR_REPOSITORY", "mallory/labels")]), 0, "from a fork");
    assert!(api.asked().is_empty());
    api.refuses();
    exits(&comment(&[]), 0, "pull-requests: write");
    exits(&comment(&[("GITHUB_API_URL", "http://127.0.0.1:1")]), 0, "cannot be read");
}

#[test]
fn hitl_comes_from_where_it_is_nearest() {
    if !(has_tool("curl") && has_tool("tar")) {
        return;
    }
    let runner = Runner::new();
    let here = env!("CARGO_PKG_VERSION");
    exits(&runner.script("install.sh", &[("HITL_VERSION", here)]), 0, "on PATH already");
    assert_eq!(runner.said("GITHUB_PATH"), "");
    // A release, as the script names it for this machine.
    let machine = Command::new("uname").arg("-sm").output().unwrap();
    let machine = String::from_utf8(machine.stdout).unwrap();
    let triple = match machine.trim() {
        "Linux x86_64" => "x86_64-unknown-linux-gnu",
        "Linux aarch64" => "aarch64-unknown-linux-gnu",
        "Darwin arm64" => "aarch64-apple-darwin",
        _ => "x86_64-apple-darwin",
    };
    let releases = runner.path("releases/v9.9.9");
    std::fs::create_dir_all(&releases).unwrap();
    let name = format!("hitl-9.9.9-{triple}.tar.gz");
    runner.program("hitl", "#!/bin/sh\necho hitl 9.9.9\n");
    let bin = runner.path("bin").display().to_string();
    let packed =
        Command::new("tar").arg("-czf").arg(releases.join(&name)).args(["-C", &bin, "hitl"]).status();
    assert!(packed.unwrap().success());
    std::fs::remove_file(runner.path("bin/hitl")).unwrap();
    runner.program("cargo", "#!/bin/sh\nexit 7\n");
    let downloads = format!("file://{}", runner.path("releases").display());
    let vars = [("HITL_VERSION", "9.9.9"), ("HITL_DOWNLOADS", downloads.as_str())];
    exits(&runner.script("install.sh", &vars), 3, "no SHA-256");
    let digest = hitl::base::Digest::of(&std::fs::read(releases.join(&name)).unwrap());
    let beside = releases.join(format!("{name}.sha256"));
    std::fs::write(&beside, format!("{}  {name}\n", "0".repeat(64))).unwrap();
    exits(&runner.script("install.sh", &vars), 3, "is not what its SHA-256 says");
    assert!(!runner.path("temp/hitl-bin/hitl").exists());
    std::fs::write(&beside, format!("{digest}  {name}\n")).unwrap();
    exits(&runner.script("install.sh", &vars), 0, "from its release");
    assert!(runner.said("GITHUB_PATH").ends_with("/hitl-bin\n"));
    runner.program("../temp/hitl-bin/hitl", "#!/bin/sh\necho hitl 9.9.9\n");
    exits(&runner.script("install.sh", &vars), 0, "from its release");
    // Without a release, cargo builds it; not where the change could say how.
    runner.project.repo.write("rust-toolchain.toml", "[toolchain]\npath = \"evil\"\n");
    runner.program("rustup", "#!/bin/sh\necho 'own-linux (default)'\n");
    exits(&runner.script("install.sh", &[("HITL_VERSION", "9.9.8"), vars[1]]), 7, "");
    let cargo = "#!/bin/sh\n[ \"$5\" = hitl@9.9.8 ] && [ ! -e rust-toolchain.toml ] || exit 9\n\
                 [ \"$RUSTUP_TOOLCHAIN\" = own-linux ] || exit 8\nmkdir -p \"$4/bin\"\n\
                 printf '#!/bin/sh\\necho hitl 9.9.8\\n' >\"$4/bin/hitl\"\nchmod 755 \"$4/bin/hitl\"\n";
    runner.program("cargo", cargo);
    exits(&runner.script("install.sh", &[("HITL_VERSION", "9.9.8"), vars[1]]), 0, "built by cargo");
    exits(&runner.script("install.sh", &[("HITL_VERSION", "9.9.8"), vars[1]]), 0, "from the cache");
}

/// Runs the script of the GitLab template at `dir`, with `path` before the machine's own.
fn gitlab(runner: &Runner, dir: &Path, path: &Path, vars: &[(&str, &str)]) -> Output {
    let template = yaml("ci/gitlab/hitl-check.yml");
    let path = format!("{}:{}", path.display(), search_path());
    let mut command = Command::new("sh");
    command.args(["-c", template["hitl-check"]["script"][0].as_str().unwrap()]);
    command.current_dir(dir).env_clear().envs(runner.project.variables()).env("PATH", path);
    command.env("TMPDIR", runner.path("temp")).env("CI_PROJECT_DIR", dir);
    command.env("HITL_VERSION", env!("CARGO_PKG_VERSION"));
    command.env("CI_COMMIT_SHA", runner.project.repo.git_at(dir, &["rev-parse", "HEAD"]));
    for name in ["CI_PROJECT_ID", "CI_MERGE_REQUEST_PROJECT_ID"] {
        command.env(name, "7");
    }
    command.env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main").envs(vars.iter().copied()).output().unwrap()
}

#[test]
fn the_gitlab_template_checks_a_merge_request() {
    let runner = Runner::new();
    let (dir, bin) = (runner.project.repo.dir(), runner.path("bin"));
    let run = |vars: &[(&str, &str)]| gitlab(&runner, &dir, &bin, vars);
    exits(&run(&[]), 3, "main cannot be fetched from origin");
    // What it is checked against is the target as it is now, not where the two parted.
    runner.git(&["clone", "--quiet", "--bare", ".", "../target.git"]);
    runner.git(&["remote", "add", "origin", "../target.git"]);
    runner.git(&["checkout", "--quiet", "main"]);
    runner.add("week3.csv", "i3,ana,yes\n");
    runner.git(&["push", "--quiet", "origin", "main"]);
    let target = runner.git(&["rev-parse", "main"]);
    runner.git(&["checkout", "--quiet", "week2"]);
    runner.git(&["branch", "--quiet", "-D", "main"]);
    std::fs::write(dir.join("hitl-check/old.md"), "it passed").unwrap();
    exits(&run(&[]), 0, "");
    let checked = |name: &str| dir.join("hitl-check").join(name);
    let report: Value =
        serde_json::from_str(&std::fs::read_to_string(checked("check.json")).unwrap()).unwrap();
    assert_eq!((&report["base"]["commit"], &report["added"]["rows"]), (&json!(target), &json!(1)));
    let template = yaml("ci/gitlab/hitl-check.yml");
    let reports = template["hitl-check"]["artifacts"]["reports"].as_object().unwrap();
    for path in reports.values().map(|path| path.as_str().unwrap()).chain(["hitl-check/check.html"]) {
        assert!(dir.join(path).is_file(), "{path}");
    }
    assert!(!checked("old.md").exists());
    exits(&run(&[("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", &target)]), 0, "");
    exits(&run(&[("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", &"1".repeat(40))]), 3, "is not here");
    exits(&run(&[("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "gone")]), 3, "gone cannot be fetched");
    // A fork's branch of that name is not asked.
    let of = ("CI_MERGE_REQUEST_PROJECT_ID", "8");
    let lab = runner.path("lab").display().to_string();
    exits(&run(&[of, ("CI_MERGE_REQUEST_PROJECT_URL", &lab)]), 3, "cannot be fetched from");
    runner.git(&["clone", "--quiet", "--bare", "../target.git", "../lab.git"]);
    exits(&run(&[of, ("CI_MERGE_REQUEST_PROJECT_URL", &lab)]), 0, "");
    let shallow = runner.path("shallow");
    let from = format!("file://{}", dir.display());
    runner.git(&["clone", "--quiet", "--depth", "1", &from, shallow.to_str().unwrap()]);
    exits(&gitlab(&runner, &shallow, &bin, &[]), 3, "GIT_DEPTH: 0");
}

#[test]
fn the_gitlab_template_runs_nothing_that_lies_in_the_change() {
    let runner = Runner::new();
    let (dir, target) = (runner.project.repo.dir(), runner.git(&["rev-parse", "main"]));
    let ran = runner.path("ran");
    let evil = format!("#!/bin/sh\ntouch {}\necho hitl {}\n", ran.display(), env!("CARGO_PKG_VERSION"));
    for folder in ["bin", ".hitl-bin/bin"] {
        std::fs::create_dir_all(dir.join(folder)).unwrap();
        let path = dir.join(folder).join("hitl");
        std::fs::write(&path, &evil).unwrap();
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    runner.project.repo.write("rust-toolchain.toml", "[toolchain]\npath = \"evil\"\n");
    // None is there but the change's, so that one is built.
    std::fs::rename(runner.path("bin/hitl"), runner.path("bin/built")).unwrap();
    let cargo = format!(
        "#!/bin/sh\n[ ! -e rust-toolchain.toml ] || exit 9\nmkdir -p \"$4/bin\"\ncp {} \"$4/bin/hitl\"\n",
        runner.path("bin/built").display()
    );
    runner.program("cargo", &cargo);
    for first in [dir.join("bin"), PathBuf::from("bin"), PathBuf::from("./bin"), runner.path("bin")] {
        let path = PathBuf::from(format!("{}:{}", first.display(), runner.path("bin").display()));
        exits(&gitlab(&runner, &dir, &path, &[("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", &target)]), 0, "");
        assert!(!ran.exists(), "{}", first.display());
    }
}
