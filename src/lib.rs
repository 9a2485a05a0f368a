//! Git for labels: attribution, agreement, revert and reproducible training sets for human judgements.
//!
//! Data flows one way, and a module imports only from floors below its own (`tests/layers.rs` checks it):
//!
//! | floor | modules | know |
//! |---|---|---|
//! | 7 | `cli` (in the binary) | terminal, environment, clock, exit codes |
//! | 6 | [`render`] | reports → human text, JSON, Markdown, HTML |
//! | 5 | [`ops`] | one file a verb: options in, report out |
//! | 4 | [`dataset`], [`adjudicate`], [`agreement`], [`check`], [`consensus`], [`labelers`], [`patterns`], [`diff`], [`trace`], [`snapshot`], [`survey`], [`training`] | `dataset` joins the floor below; the rest are pure: a ledger in, a report out |
//! | 3 | [`table`], [`corrections`], [`authority`] | labels of one task as numbers; corrections of one task, and which are learned from; who made a record, and whether they may |
//! | 2 | [`config`], [`ingest`], [`shard`], [`manifest`], [`ledger`], [`store`], [`signing`] | one translation each |
//! | 1 | [`record`], [`edit`] | what a label, guideline, batch, revert is; how one text became another |
//! | 0 | [`base`] | digests, timestamps, text |

pub mod adjudicate;
pub mod agreement;
pub mod authority;
pub mod base;
pub mod check;
pub mod config;
pub mod consensus;
pub mod corrections;
pub mod dataset;
pub mod diff;
pub mod edit;
pub mod ingest;
pub mod labelers;
pub mod ledger;
pub mod manifest;
pub mod ops;
pub mod patterns;
pub mod record;
pub mod render;
pub mod shard;
pub mod signing;
pub mod snapshot;
pub mod store;
pub mod survey;
pub mod table;
pub mod trace;
pub mod training;
