//! The real program on a disk that fills up, and on one whose power is cut.
//!
//! Both need root, `mount` and (for the power) loop devices and `mkfs.ext4`. A few sizes and cuts; every size and 50 cuts
//! with `HITL_TEST_KILL_ALL=1`.
#![allow(clippy::print_stderr, reason = "a sweep says what it found")]

#[path = "faults/killer.rs"]
mod killer;
#[path = "faults/project.rs"]
mod project;
#[path = "faults/sealed.rs"]
mod sealed;
#[path = "faults/world.rs"]
mod world;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use killer::{every, killer};
use project::text;
use serde_json::Value;
use world::{Case, Kind, World};

/// A file system mounted on a folder for as long as this lives.
struct Mount(PathBuf);

impl Mount {
    /// Mounts `source`; `None` where that is not permitted.
    fn new(dir: &Path, options: &str, source: &Path, kind: &[&str]) -> Option<Self> {
        std::fs::create_dir_all(dir).unwrap();
        let mut command = Command::new("mount");
        command.args(kind).args(["-o", options]).arg(source).arg(dir);
        let mounted = command.output().is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("skipped: needs root and mount");
        }
        mounted.then(|| Self(dir.to_path_buf()))
    }

    fn tmpfs(dir: &Path, size: &str) -> Option<Self> {
        Self::new(dir, &format!("{size},mode=0755"), Path::new("tmpfs"), &["-t", "tmpfs"])
    }

    fn image(dir: &Path, image: &Path) -> Option<Self> {
        // The journal is not written out by time, so that nothing is safe but what was synced.
        Self::new(dir, "loop,commit=300", image, &[])
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Nothing can be done about one that stays; the next mount on the folder fails and says so.
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

fn run(program: &str, args: &[&OsStr]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}

/// Runs the command on file systems of ever more room, from none to spare until it succeeds.
fn fill(case: &Case, limit: impl Fn(u64, u64, u64) -> String) {
    let scratch = case.scratch();
    let unharmed = scratch.join("unharmed");
    std::fs::create_dir(&unharmed).unwrap();
    let whole = case.prepare(&unharmed).output().unwrap();
    assert!(whole.status.success(), "{}", text(&whole));
    case.judge(&unharmed, 0, &whole);
    let Some(mount) = Mount::tmpfs(&scratch.join("disk"), "size=256m") else { return };
    case.prepare(&mount.0);
    let (size, inodes) = taken(&mount.0);
    drop(mount);
    let (mut refused, mut room) = (0, 0);
    for call in 1.. {
        let limit = limit(size, inodes, call);
        let Some(mount) = Mount::tmpfs(&scratch.join("disk"), &limit) else { return };
        let dir = mount.0.join("repo");
        std::fs::create_dir(&dir).unwrap();
        let met = case.prepare(&dir).output().unwrap();
        let more = [OsStr::new("-o"), OsStr::new("remount,size=256m,nr_inodes=0"), mount.0.as_os_str()];
        assert!(run("mount", &more));
        case.judge_failed(&dir, call, &met);
        if met.status.success() {
            room += 1;
            if room == 3 {
                break;
            }
        } else {
            refused += 1;
        }
    }
    assert!(refused > 1 && room == 3, "{refused} refused and {room} not: the limits span both");
    eprintln!("{}", case.tell(Kind::Plain, "on a full disk"));
}

/// What a repository takes: KiB, and files and folders.
fn taken(dir: &Path) -> (u64, u64) {
    let said = |args: &[&str]| {
        let output = Command::new("du").args(args).arg(dir).output().unwrap();
        String::from_utf8(output.stdout).unwrap().split('\t').next().unwrap().parse::<u64>().unwrap()
    };
    (said(&["-sk"]), said(&["-s", "--inodes"]))
}

#[test]
fn on_a_full_disk_a_command_is_refused_or_finished() {
    let verbs: &[&str] =
        if every() { &["commit", "revert", "snapshot", "guideline", "init"] } else { &["commit"] };
    for verb in verbs {
        let case = Case::new(Kind::Plain, verb);
        let step = if every() { 4 } else { 12 };
        fill(&case, |size, _, n| format!("size={}k", size + n * step));
        if every() {
            let case = Case::new(Kind::Plain, verb);
            fill(&case, |_, inodes, n| format!("size=64m,nr_inodes={}", inodes + n));
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_is_cut() {
    let world = World::new(Kind::Plain, true);
    let project = &world.project;
    let scratch = project.repo.scratch();
    let Some(killer) = killer(scratch) else { return };
    let (image, copy) = (scratch.join("image"), scratch.join("copy"));
    let made = run("truncate", &["-s".as_ref(), "96M".as_ref(), image.as_ref()])
        && run("mkfs.ext4", &["-q".as_ref(), "-F".as_ref(), image.as_ref()]);
    if !sealed::has("mkfs.ext4", made) {
        return;
    }
    let Some(live) = Mount::image(&scratch.join("live"), &image) else { return };
    let work = live.0.join("repo");
    std::fs::create_dir(&work).unwrap();
    world.copy(&work);
    assert!(run("sync", &["-f".as_ref(), work.as_ref()]));

    let fresh = live.0.join("fresh");
    let init = project.json_at(&live.0, &["init", "fresh", "--task", "tone", "--classes", "no,yes"]);
    assert!(fresh.join(".git").is_dir());

    let batch = |name: &str| {
        let rows = format!("item,labeler,label\n{name},ana,yes\n{name},bo,no\n");
        let file = project.file(&format!("{name}.csv"), rows);
        project.command_at(&work, &["commit", file.to_str().unwrap(), "--format", "json"])
    };
    let path_of = |stdout: &[u8]| {
        let report: Value = serde_json::from_slice(stdout).ok()?;
        Some(report["records"][0]["path"].as_str()?.to_owned())
    };
    let (cuts, step) = if every() { (50, 7) } else { (3, 110) };
    let mut acknowledged = Vec::new();
    let (mut killed_acknowledged, mut controls_lost) = (0, 0);
    for cut in 0..cuts {
        // A user's commit, which git does not sync, comes right before ours.
        if cut % 2 == 1 {
            std::fs::write(work.join("a"), format!("edit {cut}\n")).unwrap();
            project.repo.git_at(&work, &["commit", "--quiet", "-a", "-m", "user"]);
        }
        // An index in two files, of which git syncs neither.
        if cut % 3 == 2 {
            project.repo.git_at(&work, &["update-index", "--split-index"]);
        }
        let output = batch(&format!("acknowledged-{cut}")).output().unwrap();
        assert!(output.status.success(), "cut {cut}: {}", text(&output));
        acknowledged.push(path_of(&output.stdout).expect("a record"));
        // Another one is under way, or just done, when the power goes.
        let output =
            killer.command("kill", 1 + cut * step, &batch(&format!("under-way-{cut}"))).output().unwrap();
        if let Some(path) = path_of(&output.stdout) {
            acknowledged.push(path);
            killed_acknowledged += 1;
        }
        std::fs::write(work.join("control"), format!("control {cut}\n")).unwrap();
        assert!(run("cp", &["--sparse=always".as_ref(), image.as_ref(), copy.as_ref()]));

        let after = Mount::image(&scratch.join("after"), &copy).expect("the live one could be mounted");
        let dir = after.0.join("repo");
        let control = std::fs::read_to_string(dir.join("control")).unwrap_or_default();
        controls_lost += u32::from(control != format!("control {cut}\n"));
        let at = |what: &str| format!("cut {cut}: {what}");
        let next = project.hitl_at(&dir, &["status", "--format", "json"]);
        assert_eq!(next.status.code(), Some(0), "{}: {}", at("the next command"), text(&next));
        let status: Value = serde_json::from_slice(&next.stdout).unwrap();
        assert_eq!(status["work_tree"], serde_json::json!([]), "{}: {}", at("work tree"), text(&next));
        let held = project.repo.git_at(&dir, &["ls-tree", "-r", "--name-only", "HEAD", "ledger"]);
        for path in &acknowledged {
            assert!(held.lines().any(|line| line == path), "{}: {path}", at("lost what was acknowledged"));
        }
        assert_eq!(project.json_at(&dir, &["fsck"])["faults"], serde_json::json!([]), "{}", at("hitl fsck"));
        let fsck = project.repo.try_git_at(&dir, &["fsck", "--full", "--strict"]);
        assert!(fsck.status.success(), "{}: {}", at("git fsck"), text(&fsck));
        let fresh = after.0.join("fresh");
        assert_eq!(project.repo.git_at(&fresh, &["rev-parse", "HEAD"]), init["commit"].as_str().unwrap());
        project.repo.git_at(&fresh, &["fsck", "--full", "--strict"]);
        let staged = project.repo.git_at(&dir, &["status", "--porcelain", "--", "ledger"]);
        assert_eq!(staged, "", "{}", at("staging"));
        project.repo.git_at(&dir, &["commit", "--quiet", "--allow-empty", "-m", "user"]);
        drop(after);
        std::fs::remove_file(&copy).unwrap();
    }
    eprintln!(
        "{cuts} power cuts: {} records acknowledged before one of them, {killed_acknowledged} of these by a command that \
         was then killed; none lost; of {cuts} files that nobody synced, {controls_lost} lost",
        acknowledged.len()
    );
    assert!(controls_lost > 0, "a cut loses what is not synced");
}
