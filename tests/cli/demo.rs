//! `hitl demo`

use crate::repo::Repo;

#[test]
fn the_demo_runs_without_an_identity_and_ends_sound() {
    let repo = Repo::bare_folder();
    repo.without_identity();
    repo.ok("demo").says(&["hitl-demo", "fsck", "trace"]);
    repo.run("-C hitl-demo fsck").exits(0);
    repo.run("-C hitl-demo snapshot verify before").exits(0);
    let diff = repo.json("-C hitl-demo snapshot diff before after");
    assert_eq!(diff["same"], false);
    repo.run("demo").exits(2).says(&["hitl-demo"]);
}

#[test]
fn the_demo_as_json() {
    let repo = Repo::bare_folder();
    assert!(repo.json("demo d")["steps"].as_array().unwrap().len() > 8);
}
