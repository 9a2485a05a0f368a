//! Reading: revisions and object ids in, files and bytes out. From the object database alone.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{ErrorClass, ErrorCode, ObjectType, Tree};

use super::program::{Git, answer, line, succeed, words};
use super::refs::short;
use super::{CommitInfo, Error, Head, Identity, Oid, Store, TreeFile};
use crate::base::Timestamp;

/// Git's configuration as it applies here: each key with its last value; a key without `=` is true.
pub(super) type Config = BTreeMap<String, Option<String>>;

/// An identity with the time git gives it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Ident {
    pub name: String,
    pub email: String,
    /// `<seconds> <offset>`, as git writes it.
    pub date: String,
}

impl Store {
    /// Returns what HEAD is.
    pub fn head(&self) -> Result<Head, Error> {
        if let Some(head) = self.plain_head() {
            return Ok(head);
        }
        // One call answers for most that are not plain; two tell the others apart.
        let both = self.git.try_run(["rev-parse", "HEAD", "--symbolic-full-name", "HEAD"])?;
        let lines = String::from_utf8_lossy(&both.stdout).into_owned();
        if let (true, [commit, name]) = (both.status.success(), &lines.lines().collect::<Vec<_>>()[..]) {
            let commit = Oid((*commit).to_owned());
            return Ok(match *name {
                "HEAD" => Head::Detached(commit),
                branch => Head::Branch(short(branch).to_owned(), commit),
            });
        }
        let symbolic = self.git.try_run(["symbolic-ref", "--quiet", "HEAD"])?;
        let branch = answer("reading HEAD", symbolic)?;
        // Not `HEAD^{commit}`: a branch whose commit is damaged is not one without commits.
        let commit = self.git.try_run(["rev-parse", "--quiet", "--verify", "HEAD"])?;
        let commit = answer("reading HEAD", commit)?.map(Oid);
        match (branch, commit) {
            (Some(branch), Some(commit)) => Ok(Head::Branch(short(&branch).to_owned(), commit)),
            (Some(branch), None) => Ok(Head::Unborn(short(&branch).to_owned())),
            (None, Some(commit)) => Ok(Head::Detached(commit)),
            (None, None) => {
                let why = "it names neither a branch nor a commit".to_owned();
                Err(Error::Damaged { what: "HEAD".to_owned(), why })
            }
        }
    }

    /// Returns the commit that `rev` names, as git reads it (branch, tag, `HEAD~2`, id prefix).
    pub fn resolve(&self, rev: &str) -> Result<Oid, Error> {
        let cut = self.is_shallow();
        let unknown = |candidates| Error::UnknownRevision { rev: rev.to_owned(), candidates, cut };
        if rev.is_empty() || rev.contains('\0') {
            return Err(unknown(Vec::new()));
        }
        // A whole id of a commit that is here is that commit, without asking git; one may be in memory alone.
        if let Ok(id) = git2::Oid::from_str_ext(rev, self.layout.format)
            && rev.len() == id.to_string().len()
            && self.objects.odb().is_ok_and(|objects| objects.exists(id))
            && self.find_commit(id).is_ok()
        {
            return Ok(Oid(id.to_string()));
        }
        let spec = format!("{rev}^{{commit}}");
        let output = self.git.try_run(["rev-parse", "--verify", "--end-of-options", &spec])?;
        if output.status.success() {
            return Ok(Oid(line(&output.stdout)));
        }
        let hexadecimal = rev.len() >= 4 && rev.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut candidates = Vec::new();
        if hexadecimal {
            let listed = self.git.run("listing objects", ["rev-parse", &format!("--disambiguate={rev}")])?;
            candidates = String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect();
        }
        Err(unknown(if candidates.len() > 1 { candidates } else { Vec::new() }))
    }

    /// Returns every file under `folder` (no trailing slash; empty for all) in `commit`'s tree, by path.
    pub fn files(&self, commit: &Oid, folder: &str) -> Result<Vec<TreeFile>, Error> {
        let mut files = Vec::new();
        if let Some(tree) = self.subtree(self.git_id(commit)?, folder)? {
            self.walk_files(tree, folder, &mut files)?;
        }
        if self.is_partial() {
            let blobs = files.iter().filter(|file| file.mode & KIND != LINK);
            let blobs = blobs.map(|file| self.git_id(&file.blob)).collect::<Result<Vec<_>, _>>()?;
            self.fetch_promised(blobs)?;
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// Returns the id of `folder`'s tree in `commit`, `None` when there is no such folder.
    pub fn folder(&self, commit: &Oid, folder: &str) -> Result<Option<Oid>, Error> {
        Ok(self.subtree(self.git_id(commit)?, folder)?.map(|tree| Oid(tree.to_string())))
    }

    /// Returns the files of the tree `one` that the tree `other` lacks, or holds with other bytes or as something
    /// else. `folder` is where both lie.
    pub fn lacking(&self, one: &Oid, other: Option<&Oid>, folder: &str) -> Result<Vec<TreeFile>, Error> {
        let other = other.map(|other| self.git_id(other)).transpose()?;
        let mut found = Vec::new();
        self.compare_trees(self.git_id(one)?, other, folder, &mut found)?;
        Ok(found)
    }

    fn compare_trees(
        &self,
        one: git2::Oid,
        other: Option<git2::Oid>,
        folder: &str,
        found: &mut Vec<TreeFile>,
    ) -> Result<(), Error> {
        if Some(one) == other {
            return Ok(());
        }
        let other = other.map(|other| self.tree(other)).transpose()?;
        for entry in &self.tree(one)? {
            let same_name = other.as_ref().and_then(|tree| tree.get_name_bytes(entry.name_bytes()));
            let same_kind = same_name.filter(|same| same.filemode_raw() == entry.filemode_raw());
            let theirs = same_kind.map(|same| same.id());
            if theirs == Some(entry.id()) {
                continue;
            }
            let path = below(folder, &String::from_utf8_lossy(entry.name_bytes()));
            if entry.kind() == Some(ObjectType::Tree) {
                self.compare_trees(entry.id(), theirs, &path, found)?;
            } else {
                let mode = u32::try_from(entry.filemode_raw()).unwrap_or_default();
                found.push(TreeFile { path, blob: Oid(entry.id().to_string()), mode });
            }
        }
        Ok(())
    }

    /// Returns the parents of a commit; none where history is cut off at it.
    pub fn parents(&self, commit: &Oid) -> Result<Vec<Oid>, Error> {
        if self.is_cut_at(commit) {
            return Ok(Vec::new());
        }
        let commit = self.find_commit(self.git_id(commit)?)?;
        Ok(self.named_parents(&commit)?.into_iter().map(|parent| Oid(parent.to_string())).collect())
    }

    /// Whether the object database holds `id`.
    pub fn has_object(&self, id: &Oid) -> bool {
        let held = |id| self.objects.odb().is_ok_and(|objects| objects.exists(id));
        self.git_id(id).is_ok_and(held)
    }

    /// Returns one file's bytes, `None` when the tree lacks it.
    pub fn file(&self, commit: &Oid, path: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.blob_at(commit, path)? {
            Some(blob) => self.blob(&blob).map(Some),
            None => Ok(None),
        }
    }

    /// Returns the id of one file's blob, `None` when the tree lacks it.
    pub fn blob_at(&self, commit: &Oid, path: &str) -> Result<Option<Oid>, Error> {
        Ok(self.file_at(commit, path)?.map(|file| file.blob))
    }

    /// Returns one file as the tree lists it, a symbolic link among them; `None` when the tree lacks it.
    pub fn file_at(&self, commit: &Oid, path: &str) -> Result<Option<TreeFile>, Error> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(tree) = self.subtree(self.git_id(commit)?, folder)? else { return Ok(None) };
        let tree = self.tree(tree)?;
        let blob = tree.get_name(name).filter(|entry| entry.kind() == Some(ObjectType::Blob));
        Ok(blob.map(|entry| TreeFile {
            path: path.to_owned(),
            blob: Oid(entry.id().to_string()),
            mode: u32::try_from(entry.filemode_raw()).unwrap_or_default(),
        }))
    }

    /// Returns a blob's bytes.
    pub fn blob(&self, id: &Oid) -> Result<Vec<u8>, Error> {
        self.bytes(self.git_id(id)?)
    }

    /// Returns the id a blob of these bytes has in this repository.
    pub fn blob_id(&self, bytes: &[u8]) -> Oid {
        self.layout.blob_id(bytes)
    }

    /// Returns a commit's id, author, time and subject.
    pub fn commit_info(&self, id: &Oid) -> Result<CommitInfo, Error> {
        self.info(&self.find_commit(self.git_id(id)?)?)
    }

    /// Returns when a commit was made, as its committer says: the end of that second.
    pub fn committed_by(&self, id: &Oid) -> Result<Timestamp, Error> {
        let seconds = self.find_commit(self.git_id(id)?)?.time().seconds();
        Ok(since_epoch(seconds).plus_micros(999_999))
    }

    /// Returns who Git says is committing now: `git var GIT_COMMITTER_IDENT`.
    pub fn identity(&self) -> Result<Identity, Error> {
        let [_, Ident { name, email, .. }] = self.idents()?;
        Ok(Identity { name, email })
    }

    /// Whether history is cut off here.
    pub fn is_shallow(&self) -> bool {
        !self.shallow().is_empty()
    }

    /// Whether history was followed to where it is cut off, so that what lies before is not in an answer given since.
    pub fn met_cut(&self) -> bool {
        self.met_cut.get()
    }

    /// Whether `commit` has parents that a shallow clone left out.
    pub fn is_cut_at(&self, commit: &Oid) -> bool {
        self.shallow().contains(&commit.0)
    }

    /// Returns the commits whose parents are not here by design.
    pub(super) fn shallow(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.layout.common_dir.join("shallow")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Returns the merge, rebase or the like that is under way in this work tree. A bisection is none: commits are
    /// fine in it.
    pub fn operation_in_progress(&self) -> Result<Option<&'static str>, Error> {
        let files = [
            ("MERGE_HEAD", "merge"),
            ("rebase-merge", "rebase"),
            ("rebase-apply/applying", "patch series"),
            ("rebase-apply", "rebase"),
            ("CHERRY_PICK_HEAD", "cherry-pick"),
            ("REVERT_HEAD", "revert"),
            ("sequencer", "cherry-pick or revert"),
        ];
        if let Some((_, name)) = files.iter().find(|(file, _)| self.layout.git_dir.join(file).exists()) {
            return Ok(Some(name));
        }
        // Other ref formats keep these two where only git finds them.
        if self.has_plain_refs()? {
            return Ok(None);
        }
        for (name, what) in [("CHERRY_PICK_HEAD", "cherry-pick"), ("REVERT_HEAD", "revert")] {
            if self.git.try_run(["rev-parse", "--quiet", "--verify", name])?.status.success() {
                return Ok(Some(what));
            }
        }
        Ok(None)
    }

    pub(super) fn has_plain_refs(&self) -> Result<bool, Error> {
        let format = self.config()?.get("extensions.refstorage").cloned().flatten();
        Ok(format.is_none_or(|format| format == "files"))
    }

    /// Returns author and committer as git gives them; within one transaction they are asked for once.
    pub(super) fn idents(&self) -> Result<[Ident; 2], Error> {
        if let Some(idents) = &*self.idents.borrow() {
            return Ok(idents.clone());
        }
        let git = &self.git;
        let (author, committer) =
            rayon::join(|| ident(git, "GIT_AUTHOR_IDENT"), || ident(git, "GIT_COMMITTER_IDENT"));
        let (committer, author) = (committer?, author?);
        Ok(self.idents.borrow_mut().insert([author, committer]).clone())
    }

    /// Returns git's configuration, read once.
    pub(super) fn config(&self) -> Result<&Config, Error> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let mut command = self.git.plain_command();
        command.args(["config", "--null", "--list"]);
        let listed = succeed("reading git's configuration", super::program::run(command, None)?)?;
        let entries = String::from_utf8_lossy(&listed).into_owned();
        let config = entries.split_terminator('\0').map(|entry| match entry.split_once('\n') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (entry.to_owned(), None),
        });
        Ok(self.config.get_or_init(|| config.collect()))
    }

    /// Returns what a yes-or-no setting says, `None` when it is not set.
    pub(super) fn setting(&self, key: &str) -> Result<Option<bool>, Error> {
        Ok(self.config()?.get(key).map(|value| match value.as_deref() {
            None => true,
            Some(text) => !matches!(text.to_ascii_lowercase().as_str(), "false" | "no" | "off" | "0" | ""),
        }))
    }

    pub(super) fn git_id(&self, id: &Oid) -> Result<git2::Oid, Error> {
        git2::Oid::from_str_ext(&id.0, self.layout.format).map_err(|_| Error::UnknownRevision {
            rev: id.0.clone(),
            candidates: Vec::new(),
            cut: false,
        })
    }

    /// Returns the parents that a commit itself names: libgit2 tells those of `info/grafts`, which anybody may write.
    pub(super) fn named_parents(&self, commit: &git2::Commit<'_>) -> Result<Vec<git2::Oid>, Error> {
        let after_tree = commit.raw_header_bytes().split(|byte| *byte == b'\n').skip(1);
        let named = after_tree.map_while(|line| line.strip_prefix(b"parent "));
        named.map(|parent| self.git_id(&Oid(String::from_utf8_lossy(parent).into_owned()))).collect()
    }

    pub(super) fn find_commit(&self, id: git2::Oid) -> Result<git2::Commit<'_>, Error> {
        self.object(id, git2::Repository::find_commit)
    }

    pub(super) fn tree(&self, id: git2::Oid) -> Result<Tree<'_>, Error> {
        self.object(id, git2::Repository::find_tree)
    }

    fn bytes(&self, id: git2::Oid) -> Result<Vec<u8>, Error> {
        Ok(self.object(id, git2::Repository::find_blob)?.content().to_vec())
    }

    /// Reads one object, which a remote may have to be asked for first.
    fn object<'s, T>(
        &'s self,
        id: git2::Oid,
        find: impl Fn(&'s git2::Repository, git2::Oid) -> Result<T, git2::Error>,
    ) -> Result<T, Error> {
        self.check_loose(id)?;
        match find(&self.objects, id) {
            Err(error) if is_absent(&error) && self.is_partial() => {
                self.fetch_promised([id])?;
                find(&self.objects, id).map_err(|error| object_error(id, &error))
            }
            found => found.map_err(|error| object_error(id, &error)),
        }
    }

    /// Returns the tree of `folder` in a commit, `None` when there is no such folder.
    pub(super) fn subtree(&self, commit: git2::Oid, folder: &str) -> Result<Option<git2::Oid>, Error> {
        let mut tree = self.find_commit(commit)?.tree_id();
        for name in Path::new(folder).iter().filter_map(|name| name.to_str()) {
            match self.tree(tree)?.get_name(name) {
                Some(entry) if entry.kind() == Some(ObjectType::Tree) => tree = entry.id(),
                _ => return Ok(None),
            }
        }
        Ok(Some(tree))
    }

    /// Adds every file below the tree `id`, which lies at `folder`.
    pub(super) fn walk_files(
        &self,
        id: git2::Oid,
        folder: &str,
        files: &mut Vec<TreeFile>,
    ) -> Result<(), Error> {
        for entry in &self.tree(id)? {
            let path = below(folder, &String::from_utf8_lossy(entry.name_bytes()));
            if entry.kind() == Some(ObjectType::Tree) {
                self.walk_files(entry.id(), &path, files)?;
            } else {
                let mode = u32::try_from(entry.filemode_raw()).unwrap_or_default();
                files.push(TreeFile { path, blob: Oid(entry.id().to_string()), mode });
            }
        }
        Ok(())
    }

    pub(super) fn info(&self, commit: &git2::Commit<'_>) -> Result<CommitInfo, Error> {
        let author = commit.author();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(CommitInfo {
            id: Oid(commit.id().to_string()),
            author: format!("{} <{}>", text(author.name_bytes()), text(author.email_bytes())),
            time: since_epoch(author.when().seconds()),
            subject: text(commit.summary_bytes().unwrap_or_default()),
        })
    }
}

fn since_epoch(seconds: i64) -> Timestamp {
    let epoch = Timestamp::from_micros(0).expect("the epoch lies between the years 1 and 9999");
    epoch.plus_micros(seconds.saturating_mul(1_000_000))
}

/// Asks git who is the author or the committer, and when.
fn ident(git: &Git, variable: &str) -> Result<Ident, Error> {
    let output = git.try_run(["var", variable])?;
    let text = line(&output.stdout);
    let parsed = text.split_once(" <").and_then(|(name, rest)| {
        let (email, date) = rest.rsplit_once("> ")?;
        Some(Ident { name: name.to_owned(), email: email.to_owned(), date: date.to_owned() })
    });
    parsed.filter(|_| output.status.success()).ok_or_else(|| Error::NoIdentity {
        detail: words(&output.stderr).lines().last().unwrap_or_default().to_owned(),
        commands: ["git config user.name \"Your Name\"", "git config user.email you@example.com"],
    })
}

/// The bits of a mode that tell what an entry is.
const KIND: u32 = 0o170_000;
/// A commit of another repository: a submodule.
const LINK: u32 = 0o160_000;

fn is_absent(error: &git2::Error) -> bool {
    error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Odb
}

/// Says what libgit2's failure to read the object `id` means.
fn object_error(id: git2::Oid, error: &git2::Error) -> Error {
    let id = Oid(id.to_string());
    if is_absent(error) {
        return Error::MissingObject { id, promised: false };
    }
    Error::Damaged { what: format!("object {}", id.0), why: error.message().to_owned() }
}

/// Joins a folder and a name with `/`.
pub(super) fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
