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

    /// Runs a script of the action at `dir` with these variables; summary, outputs and PATH begin empty.
    fn script_at(&self, dir: &Path, script: &str, vars: &[(&str, &str)]) -> Output {
        let path = format!("{}:{}", self.path("bin").display(), search_path());
        let mut command = Command::new("sh");
        command.arg(root().join("ci/github").join(script)).current_dir(dir);
        command.env_clear().envs(self.project.variables()).env("PATH", path);
        command.env("RUNNER_TEMP", self.path("temp")).env("TMPDIR", self.path("temp"));
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
    // A hitl that gives no answer.
    runner.program("hitl", "#!/bin/sh\nexit 3\n");
    exits(&runner.script("check.sh", &[("HITL_PR_BASE", "main")]), 3, "");
    assert!(runner.said("GITHUB_OUTPUT").starts_with("verdict=error\n"));
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
    exits(&runner.script("install.sh", &vars), 0, "from the cache");
    // Without a release, cargo builds it.
    exits(&runner.script("install.sh", &[("HITL_VERSION", "9.9.8"), vars[1]]), 7, "");
    let cargo = "#!/bin/sh\n[ \"$5\" = hitl@9.9.8 ] || exit 9\nmkdir -p \"$4/bin\"\n\
                 printf '#!/bin/sh\\necho hitl 9.9.8\\n' >\"$4/bin/hitl\"\nchmod 755 \"$4/bin/hitl\"\n";
    runner.program("cargo", cargo);
    exits(&runner.script("install.sh", &[("HITL_VERSION", "9.9.8"), vars[1]]), 0, "built by cargo");
}

#[test]
fn the_gitlab_template_checks_a_merge_request() {
    let runner = Runner::new();
    let gitlab = yaml("ci/gitlab/hitl-check.yml");
    let job = &gitlab["hitl-check"];
    let script = job["script"][0].as_str().unwrap();
    let run = |dir: &Path, base: &str| {
        let path = format!("{}:{}", runner.path("bin").display(), search_path());
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(dir).env_clear().envs(runner.project.variables());
        command.env("PATH", path).env("HITL_VERSION", env!("CARGO_PKG_VERSION"));
        command.env("CI_MERGE_REQUEST_DIFF_BASE_SHA", base).output().unwrap()
    };
    let dir = runner.project.repo.dir();
    exits(&run(&dir, &runner.git(&["rev-parse", "main"])), 0, "");
    let reports = job["artifacts"]["reports"].as_object().unwrap();
    for path in reports.values().map(|path| path.as_str().unwrap()).chain(["hitl-check/check.html"]) {
        assert!(dir.join(path).is_file(), "{path}");
    }
    assert_ne!(run(&dir, "").status.code(), Some(0));
    let shallow = runner.path("shallow");
    let from = format!("file://{}", dir.display());
    runner.git(&["clone", "--quiet", "--depth", "1", &from, shallow.to_str().unwrap()]);
    exits(&run(&shallow, "HEAD"), 3, "GIT_DEPTH: 0");
}
