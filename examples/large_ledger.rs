//! Makes a repository with a large ledger, for measuring: one commit a batch, each a record on top of the one before.
//!
//! ```text
//! cargo run --release --example large_ledger -- DIR LABELS.csv ROWS_A_BATCH [scattered]
//! ```
//!
//! `DIR` is a repository in which `hitl init --task emotion --classes …` was run, `LABELS.csv` has the columns item,
//! labeler and label. Without `scattered` the file is cut into batches as it stands; with it, every batch takes a row
//! from all over the file, so that the labels of one item lie in several batches.

use std::collections::BTreeMap;
use std::path::Path;

use hitl::base::Timestamp;
use hitl::dataset::{At, Dataset, Draft, Stamp, seal};
use hitl::record::{Kind, Origin, Rows, col};
use hitl::store::Change;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, dir, file, rows, order @ ..] = &args[..] else {
        return Err("DIR LABELS.csv ROWS_A_BATCH".into());
    };
    let scattered = order.first().is_some_and(|word| word == "scattered");
    let dataset = Dataset::open(Path::new(dir))?;
    let schema = dataset.config()?.tasks.first().map(hitl::record::Task::schema_sha256);
    let text = std::fs::read_to_string(file)?;
    let lines: Vec<&str> = text.lines().skip(1).collect();
    let batches = lines.len().div_ceil(rows.parse()?);
    let mut parents = dataset.view(&At::default())?.ledger.heads();
    let mut now: Timestamp = "2026-01-01T00:00:00Z".parse()?;
    for batch in 0..batches {
        let size: usize = rows.parse()?;
        let own: Box<dyn Iterator<Item = &&str>> = match scattered {
            true => Box::new(lines.iter().skip(batch).step_by(batches)),
            false => Box::new(lines.iter().skip(batch * size).take(size)),
        };
        let mut batch_rows = Rows::empty(Kind::Labels);
        for line in own {
            let mut cells = line.split(',').map(|cell| cell.trim_matches('"'));
            let (Some(item), Some(labeler), Some(label)) = (cells.next(), cells.next(), cells.next()) else {
                return Err("not item,labeler,label".into());
            };
            let row = batch_rows.push_judgement(item, labeler, Origin::Unknown);
            batch_rows.set_text(row, col::LABEL, label);
        }
        now = now.plus_micros(60_000_000);
        let draft = Draft {
            task: Some("emotion".into()),
            rows: Some(batch_rows),
            schema_sha256: schema,
            labeler_kinds: BTreeMap::new(),
            ..Draft::new(Kind::Labels, format!("batch {batch}"))
        };
        let stamp =
            Stamp { actor: "Ada <ada@example.com>".into(), recorded_at: now, tool: "hitl".into(), parents };
        let sealed = seal(&draft, &stamp)?;
        parents = vec![sealed.last().ok_or("no record")?.record.id];
        let files = sealed.into_iter().flat_map(|sealed| sealed.files).collect();
        dataset.store().commit(&Change { files, message: format!("batch {batch}\n") })?;
    }
    Ok(())
}
