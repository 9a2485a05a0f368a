//! The reference repository, the commands run in each kind, and what makes two answers the same.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::kinds::{Kind, Place};
use crate::table::Cell;

/// The columns of the table.
pub const GROUPS: [&str; 8] = ["state", "snapshots", "history", "past", "fsck", "init", "writing", "restore"];

/// The groups and their commands, in the order they are run in. Those after a `…` only look at what the group has done,
/// and are run for nothing where it refused.
const STEPS: [(&str, &str); 26] = [
    ("state", "labels --state all"),
    ("state", "agreement"),
    ("state", "guideline list"),
    ("state", "guideline show tone@1"),
    ("snapshots", "snapshot list"),
    ("snapshots", "snapshot show v1"),
    ("snapshots", "snapshot verify v1"),
    ("snapshots", "snapshot diff v1 v2"),
    ("snapshots", "snapshot export v1 -o OUT"),
    ("history", "status"),
    ("history", "log"),
    ("history", "show RECORD"),
    ("history", "trace i1"),
    ("past", "labels --at HEAD~3"),
    ("past", "diff HEAD~4..HEAD"),
    ("past", "show HEAD~3"),
    ("fsck", "fsck"),
    ("init", "init"),
    ("writing", "commit IN/late.csv --task tone"),
    ("writing", "revert --labeler bob -m careless"),
    ("writing", "guideline add tone IN/tone-3.md"),
    ("writing", "snapshot create v3 --task tone"),
    ("writing…", "snapshot verify v3"),
    ("writing…", "labels --state all"),
    ("restore", "restore --all"),
    ("restore…", "fsck"),
];

/// What one command said.
pub struct Answer {
    code: Option<i32>,
    out: Value,
    err: String,
    /// What it wrote outside the repository.
    files: BTreeMap<String, Vec<u8>>,
}

/// All that was said and left behind in one kind.
pub struct Answers {
    steps: Vec<Answer>,
    /// The commit and the state of the work tree, before and after the commands.
    before: (String, String),
    after: (String, String),
    /// The files of the last commit, but for signatures.
    tree: String,
    /// Whether there are any.
    records_signed: bool,
    /// What `git fsck` finds.
    sound: Result<(), String>,
    /// Whether the last commit is signed.
    signed: bool,
}

/// The reference repository and what every kind must answer.
pub struct Bench {
    scratch: tempfile::TempDir,
    record: String,
    expected: Option<Answers>,
}

impl Bench {
    pub fn new() -> Self {
        let mut bench = Self { scratch: tempfile::tempdir().unwrap(), record: String::new(), expected: None };
        bench.record = bench.make_reference();
        let plain = Kind { name: "plain", needs: &[], make: |making| making.cloned(&[]) };
        let answers = bench.answers(&plain);
        // Bob's answers are in v1 and not in v2, and one record is gone.
        let codes: Vec<_> = answers.steps.iter().map(|step| step.code.unwrap()).collect();
        let zero = |step: &(&str, &str)| if *step == ("fsck", "fsck") { 3 } else { 0 };
        assert_eq!(codes, STEPS.iter().map(zero).collect::<Vec<_>>(), "{}", answers.text());
        bench.expected = Some(answers);
        bench
    }

    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    fn make_reference(&self) -> String {
        let (dir, inputs) = (self.scratch().join("reference"), self.scratch().join("in"));
        fs::create_dir_all(&inputs).unwrap();
        let config = "[user]\n\tname = Ada Author\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n\
                      [maintenance]\n\tauto = false\n[advice]\n\tdetachedHead = false\n\
                      [protocol \"file\"]\n\tallow = always\n";
        fs::write(self.scratch().join("gitconfig"), config).unwrap();
        let file = |name: &str, text: &str| fs::write(inputs.join(name), text).unwrap();
        file("tone-1.md", "Is it friendly?\n");
        file("tone-2.md", "Is it friendly, on the whole?\n");
        file("tone-3.md", "Is it friendly to the reader?\n");
        let mut labels = String::from("item,labeler,label,created_at\n");
        for item in 1..=12 {
            for (labeler, every) in [("ann", 2), ("bob", 3), ("cleo", 4)] {
                let label = if item % every == 0 { "no" } else { "yes" };
                labels += &format!("i{item},{labeler},{label},2025-05-{item:02}T08:00:00Z\n");
            }
        }
        file("tone.csv", &labels);
        file(
            "grade.csv",
            "item,labeler,label\ni1,ann,low\ni1,bob,high\ni2,ann,mid\ni2,bob,mid\ni3,ann,low\ni3,bob,mid\n",
        );
        file("late.csv", "item,labeler,label\ni13,ann,yes\ni13,cleo,no\ni14,cleo,maybe\n");
        file("gone.csv", "item,labeler,label\ni20,dora,no\ni21,dora,yes\n");
        let place = Place::at(&dir, self);
        let mut clock = 0;
        let mut hitl = |line: &str| {
            clock += 1;
            let output = self.run(&place, line, clock);
            assert!(output.status.success(), "hitl {line}: {}", String::from_utf8_lossy(&output.stderr));
            output.stdout
        };
        let git = |args: &[&str]| place.git(args);
        fs::create_dir(&dir).unwrap();
        git(&["init", "--quiet"]);
        git(&["config", "uploadpack.allowFilter", "true"]);
        git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let user = |name: &str, text: &str, branch: &str| {
            fs::write(dir.join(name), text).unwrap();
            git(&["add", "--", name]);
            git(&["commit", "--quiet", "-m", &format!("{name} on {branch}")]);
        };
        hitl("init --task tone --classes no,yes,maybe");
        let tasks = "format: 1\ntasks:\n  tone:\n    type: categorical\n    classes: [\"no\", \"yes\", maybe]\n  \
                     grade:\n    type: ordinal\n    classes: [low, mid, high]\n    policy: unanimous\n";
        user("hitl.yaml", tasks, "main");
        user("notes.txt", "base\n", "base");
        git(&["checkout", "--quiet", "-b", "side"]);
        user("notes.txt", "side\n", "side");
        git(&["checkout", "--quiet", "main"]);
        user("notes.txt", "main\n", "main");
        hitl("guideline add tone IN/tone-1.md --effective 2025-01-01");
        hitl("guideline add tone IN/tone-2.md");
        let report = hitl("commit IN/tone.csv --task tone --guideline tone --format json");
        let report: Value = serde_json::from_slice(&report).unwrap();
        let record = report["records"][0]["id"].as_str().unwrap().to_owned();
        hitl("commit IN/grade.csv --task grade");
        hitl("snapshot create v1 --task tone");
        hitl("revert --labeler bob --task tone -m hasty");
        hitl("snapshot create v2 --task tone --split train=0.5,test=0.5");
        hitl("commit IN/gone.csv --task tone");
        git(&["revert", "--no-edit", "HEAD"]);
        record
    }

    /// Makes a repository of this kind and runs every command in it.
    pub fn answers(&self, kind: &Kind) -> Answers {
        let place = (kind.make)(&crate::kinds::Making {
            bench: self,
            dir: self.scratch().join(kind.name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")),
        });
        let before = place.state();
        let mut steps = Vec::new();
        for (index, (_, line)) in STEPS.iter().enumerate() {
            let out = place.out();
            let line = line.replace("RECORD", &self.record).replace("OUT", out.to_str().unwrap());
            let output = self.run(&place, &format!("{line} --format json"), 100 + index);
            steps.push(self.answer(&place, output));
        }
        let tree = place.try_git(&["ls-tree", "-r", "--name-only", "HEAD"]);
        let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
        let records_signed = tree.lines().any(|path| path.ends_with(".sig"));
        let tree = tree.lines().filter(|path| !path.ends_with(".sig")).collect::<Vec<_>>().join("\n");
        let after = place.state();
        let fsck = place.try_git(&["fsck", "--full", "--strict"]);
        let sound = if fsck.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&fsck.stderr).into_owned())
        };
        let commit = place.try_git(&["cat-file", "commit", "HEAD"]).stdout;
        let signed = String::from_utf8_lossy(&commit).contains("\ngpgsig");
        let mut answers = Answers { steps, before, after, tree, records_signed, sound, signed };
        // Commits are told by what they say: their ids differ between object formats.
        let log = place.try_git(&["log", "--all", "--reflog", "--format=%H %s", "HEAD"]);
        let log = String::from_utf8_lossy(&log.stdout).into_owned();
        let subjects: BTreeMap<&str, &str> = log.lines().filter_map(|line| line.split_once(' ')).collect();
        for step in &mut answers.steps {
            name_commits(&mut step.out, &subjects);
        }
        answers
    }

    /// Runs `hitl` with the words of `line` at minute `clock` of the test's own day.
    fn run(&self, place: &Place, line: &str, clock: usize) -> Output {
        let now = format!("2025-06-02T{:02}:{:02}:00Z", 9 + clock / 60, clock % 60);
        let line = line.replace("IN/", &format!("{}/in/", self.scratch().display()));
        let mut command = place.program();
        command.args(line.split(' ')).current_dir(&place.dir);
        command.env("HITL_NOW", &now).env("GIT_AUTHOR_DATE", &now).env("GIT_COMMITTER_DATE", &now);
        command.output().unwrap()
    }

    fn answer(&self, place: &Place, output: Output) -> Answer {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let out = text(&output.stdout).replace(place.out().to_str().unwrap(), "OUT");
        let out = out.replace(place.root.to_str().unwrap(), "ROOT");
        let mut out = serde_json::from_str(&out).unwrap_or(Value::String(out));
        without(&mut out, &["branch", "in_progress", "signed_by", "signatures"]);
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(place.out()).into_iter().flatten() {
            let path = entry.unwrap().path();
            files.insert(path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap());
        }
        let _ = fs::remove_dir_all(place.out());
        Answer { code: output.status.code(), out, err: text(&output.stderr), files }
    }

    /// Returns what does not hold of `cell` for the commands of `group`.
    pub fn judge(&self, group: &str, cell: &Cell, answers: &Answers) -> Option<String> {
        let expected = self.expected.as_ref().unwrap();
        let steps = STEPS.iter().zip(expected.steps.iter().zip(&answers.steps));
        let mut faults = Vec::new();
        let after = Cell { history_cut: true, says: Vec::new(), ..cell.clone() };
        for ((of, line), (expected, answer)) in steps {
            let cell = match of.strip_suffix('…') {
                None if *of == group => cell,
                Some(of) if of == group && cell.refuses.is_none() => &after,
                _ => continue,
            };
            if let Some(fault) = cell.misses(expected, answer) {
                faults.push(format!("  hitl {line}: {fault}"));
            }
        }
        let here =
            || STEPS.iter().zip(&answers.steps).filter(|((of, _), _)| of.trim_end_matches('…') == group);
        for part in &cell.finds {
            if !here().any(|(_, answer)| answer.out.to_string().contains(part)) {
                faults.push(format!("  none finds {part:?}"));
            }
        }
        if let Err(found) = &answers.sound {
            faults.push(format!("  git fsck: {found}"));
        }
        if group == "writing" && cell.refuses.is_none() {
            if answers.before.1 != answers.after.1 {
                faults.push(format!("  the work tree: {:?} -> {:?}", answers.before.1, answers.after.1));
            }
            if answers.records_signed != cell.signed {
                let not = if answers.records_signed { "" } else { "not " };
                faults.push(format!("  records are {not}signed"));
            }
        } else if group == "writing" && answers.before != answers.after {
            faults.push(format!("  refused, and changed: {:?} -> {:?}", answers.before, answers.after));
        }
        if group == "restore" && cell.refuses.is_none() && answers.tree != expected.tree {
            faults.push(format!("  the files at the end:\n{}\nare not\n{}", answers.tree, expected.tree));
        }
        if group == "restore" && answers.signed != cell.signed {
            faults.push(format!("  the commit is {}signed", if answers.signed { "" } else { "not " }));
        }
        (!faults.is_empty()).then(|| format!("{group} is not {cell:?}\n{}", faults.join("\n")))
    }
}

impl Cell {
    /// Returns how `answer` is not what the cell says, `expected` being a plain repository's.
    fn misses(&self, expected: &Answer, answer: &Answer) -> Option<String> {
        if answer.code.is_none() || answer.err.contains("panicked") {
            return Some(format!("died: {}", answer.err));
        }
        let unsaid: Vec<&String> = self.says.iter().filter(|part| !answer.err.contains(*part)).collect();
        if !unsaid.is_empty() {
            return Some(format!("does not say {unsaid:?}, but {}", answer.told()));
        }
        if let Some(code) = self.refuses {
            let silent = answer.out == Value::String(String::new());
            return (answer.code != Some(code) || !silent).then(|| answer.told());
        }
        let (mut wanted, mut found) = (expected.out.clone(), answer.out.clone());
        if self.history_cut {
            for report in [&mut wanted, &mut found] {
                without(report, &["commit", "commit_author", "shallow", "removed", "unreached"]);
                if let Some(faults) = report.get_mut("faults").and_then(Value::as_array_mut) {
                    faults.retain(|fault| fault["kind"] != "removed");
                }
            }
        }
        if !self.finds.is_empty() {
            let told =
                |fault: &Value| self.finds.iter().any(|part| fault["message"].to_string().contains(part));
            if let Some(faults) = found.get_mut("faults").and_then(Value::as_array_mut) {
                faults.retain(|fault| !told(fault));
            }
        }
        let same_code = answer.code == expected.code
            || self.history_cut && answer.code == Some(0)
            || !self.finds.is_empty() && answer.code == Some(3);
        if !self.finds.is_empty() {
            without(&mut wanted, &["work_tree"]);
            without(&mut found, &["work_tree"]);
        }
        if same_code && wanted == found && answer.files == expected.files {
            return None;
        }
        if answer.code != expected.code {
            return Some(answer.told());
        }
        let lines = |value: &Value| serde_json::to_string_pretty(value).unwrap();
        let diff = similar::TextDiff::from_lines(lines(&wanted), lines(&found)).unified_diff().to_string();
        Some(format!("{}\n{diff}", answer.told()))
    }
}

impl Answer {
    fn told(&self) -> String {
        format!("exit {:?}: {}", self.code.unwrap_or(-1), self.err.trim())
    }
}

impl Answers {
    fn text(&self) -> String {
        let told = STEPS.iter().zip(&self.steps).map(|((_, line), step)| format!("{line}: {}", step.told()));
        told.collect::<Vec<_>>().join("\n")
    }
}

/// Replaces each commit id by the commit's first line.
fn name_commits(value: &mut Value, subjects: &BTreeMap<&str, &str>) {
    match value {
        Value::String(text) => {
            if let Some(subject) = subjects.get(text.as_str()) {
                *text = format!("commit: {subject}");
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| name_commits(value, subjects)),
        Value::Object(members) => members.values_mut().for_each(|value| name_commits(value, subjects)),
        _ => {}
    }
}

/// Takes members of these names out, wherever they are.
fn without(value: &mut Value, names: &[&str]) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| without(value, names)),
        Value::Object(members) => {
            members.retain(|name, _| !names.contains(&name.as_str()));
            members.values_mut().for_each(|value| without(value, names));
        }
        _ => {}
    }
}

impl Place {
    /// A repository at `dir`, with the configuration of the bench.
    pub fn at(dir: &Path, bench: &Bench) -> Self {
        let mut vars: BTreeMap<OsString, OsString> = BTreeMap::new();
        for (name, value) in crate::sealed::variables(bench.scratch()) {
            let name_text = name.to_string_lossy();
            if !name_text.starts_with("GIT_AUTHOR") && !name_text.starts_with("GIT_COMMITTER") {
                vars.insert(name, value);
            }
        }
        vars.insert("GIT_CONFIG_GLOBAL".into(), bench.scratch().join("gitconfig").into());
        vars.insert("GIT_CEILING_DIRECTORIES".into(), bench.scratch().into());
        Self { dir: dir.to_path_buf(), root: dir.to_path_buf(), vars, only: Vec::new(), through_git: false }
    }

    fn out(&self) -> PathBuf {
        self.root.with_extension("out")
    }

    fn program(&self) -> Command {
        let mut command = Command::new(if self.through_git { "git" } else { env!("CARGO_BIN_EXE_hitl") });
        command.env_clear().envs(&self.vars).envs(self.only.iter().map(|(name, value)| (name, value)));
        // Installed, whichever way it is called: `init` tells Git where it is.
        let folder = Path::new(env!("CARGO_BIN_EXE_git-hitl")).parent().unwrap();
        let path = self.vars.get(&OsString::from("PATH")).unwrap();
        command.env("PATH", format!("{}:{}", folder.display(), path.display()));
        if self.through_git {
            command.arg("hitl");
        }
        command
    }

    pub fn try_git_in(&self, dir: &Path, args: &[&str]) -> Output {
        let mut command = Command::new("git");
        command.env_clear().envs(&self.vars).current_dir(dir).args(args);
        command
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_AUTHOR_DATE", "1748854800 +0000")
            .env("GIT_COMMITTER_DATE", "1748854800 +0000");
        command.output().unwrap()
    }

    pub fn try_git(&self, args: &[&str]) -> Output {
        self.try_git_in(&self.root, args)
    }

    pub fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args);
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    pub fn shell(&self, script: &str) {
        let done = Command::new("sh")
            .args(["-c", script])
            .env_clear()
            .envs(&self.vars)
            .current_dir(&self.root)
            .output();
        let done = done.unwrap();
        assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Returns HEAD's commit, and what of the work tree is not as committed.
    fn state(&self) -> (String, String) {
        let said = |args: &[&str]| String::from_utf8_lossy(&self.try_git(args).stdout).trim_end().to_owned();
        (said(&["rev-parse", "HEAD"]), said(&["status", "--porcelain"]))
    }
}
