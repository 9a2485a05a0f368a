//! Attacks on a ledger whose people sign, each in a real Git repository: all are refused with the right reason by `check`,
//! by `fsck`, and by a server's pre-receive hook; and what is honest passes all three.

mod court;

mod files;
mod history;
mod people;
