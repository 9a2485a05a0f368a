//! The program from outside, verb by verb: what is said on standard output and standard error, the exit code, and what
//! is left in the repository.
//!
//! Long answers are snapshots in `snapshots/`, to be read as a user would; `INSTA_UPDATE=always cargo test --test cli`
//! writes them anew.

/// Compares an answer with the snapshot of this name.
macro_rules! shot {
    ($name:literal, $answer:expr) => {
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!($name, $answer.to_string())
        })
    };
}

mod repo;

mod adjudicate;
mod adversary;
mod agreement;
mod attest;
mod audit;
mod authority;
mod check;
mod commit;
mod commit_formats;
mod commit_new;
mod commit_people;
mod commit_refused;
mod commit_repository;
mod consensus;
mod corrections;
mod demo;
mod diff;
mod diff_batches;
mod exit;
mod fsck;
mod git_diff;
mod guideline;
mod hook;
mod init;
mod labelers;
mod labels;
mod patterns;
mod people;
mod real;
mod revert;
mod signing;
mod snapshot;
mod status;
mod trace;
mod training;
