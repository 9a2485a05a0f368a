//! Findings that are one deed, told as one.

use super::report::Finding;

/// Returns `findings`, those of one record that one commit caused in one way as one, which names the files: whoever drops a
/// batch drops its manifest, its shard and its signatures, and that is one thing to mend.
///
/// Findings without a record, a commit or a file stay as they are, and so do those whose sentence does not end alike after
/// the name of the record. The order is that of the first of each.
pub fn grouped(findings: Vec<Finding>) -> Vec<Finding> {
    let mut groups: Vec<(Finding, Vec<String>)> = Vec::new();
    for finding in findings {
        match groups.iter_mut().find(|(first, _)| is_same_deed(first, &finding)) {
            Some((_, paths)) => paths.extend(finding.path),
            None => {
                let paths = finding.path.iter().cloned().collect();
                groups.push((finding, paths));
            }
        }
    }
    groups
        .into_iter()
        .map(|(first, paths)| if paths.len() > 1 { joined(first, &paths) } else { first })
        .collect()
}

fn is_same_deed(one: &Finding, other: &Finding) -> bool {
    one.record.is_some()
        && one.commit.is_some()
        && one.path.is_some()
        && other.path.is_some()
        && (one.check, one.level, one.code, &one.record)
            == (other.check, other.level, other.code, &other.record)
        && (&one.commit, &one.remedy) == (&other.commit, &other.remedy)
        && one.samples.is_empty()
        && other.samples.is_empty()
        && tail(one).is_some_and(|tail| Some(tail) == self::tail(other))
}

/// Returns what is said of a finding's record: from its name on.
fn tail(finding: &Finding) -> Option<&str> {
    let named = format!("record {}", finding.record?.short());
    finding.message.find(&named).map(|start| &finding.message[start..])
}

fn joined(first: Finding, paths: &[String]) -> Finding {
    let of = |ending: &str| paths.iter().filter(|path| path.ends_with(ending)).count();
    let mut parts = Vec::new();
    for (ending, word) in [(".yaml", "manifest"), (".parquet", "shard")] {
        if of(ending) > 0 {
            parts.push(word.to_owned());
        }
    }
    if of(".sig") > 0 {
        parts.push(crate::base::text::count(of(".sig"), "signature"));
    }
    let message = format!("{}: {}", tail(&first).unwrap_or(&first.message), parts.join(", "));
    let manifest = paths.iter().find(|path| path.ends_with(".yaml")).or(paths.first()).cloned();
    Finding { message, path: manifest, ..first }
}

#[cfg(test)]
mod tests {
    use super::super::report::{CheckName, Culprit};
    use super::*;
    use crate::check::finding;
    use crate::config::Level;
    use crate::record::RecordId;

    fn removed(record: &[u8], by: &str, what: &str, ending: &str) -> Finding {
        let id = RecordId::of(record);
        let message = format!("{what} of record {} was removed by {by}", id.short());
        Finding {
            path: Some(format!("ledger/{}{ending}", id.short())),
            record: Some(id),
            commit: Some(Culprit { id: by.to_owned(), author: "eve".to_owned(), subject: "tidy".to_owned() }),
            ..finding(CheckName::AppendOnly, Level::Error, "removed", None, message, "restore it")
        }
    }

    #[test]
    fn what_one_commit_did_to_one_record_is_one_finding() {
        let found = grouped(vec![
            removed(b"a", "c1", "a signature", ".1.sig"),
            removed(b"a", "c1", "the shard", ".parquet"),
            removed(b"b", "c1", "the shard", ".parquet"),
            removed(b"a", "c1", "the manifest", ".yaml"),
            removed(b"a", "c2", "a signature", ".2.sig"),
        ]);
        let short = RecordId::of(b"a").short();
        let told: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(told[0], format!("record {short} was removed by c1: manifest, shard, 1 signature"));
        assert_eq!(found[0].path, Some(format!("ledger/{short}.yaml")));
        assert!(told[1].starts_with("the shard of record") && told[2].ends_with("by c2"), "{told:?}");
    }

    #[test]
    fn what_names_no_record_is_left_as_it_is() {
        let one = finding(CheckName::AppendOnly, Level::Error, "more", None, "3 more files", "see the first");
        let two = vec![one.clone(), one];
        assert_eq!(grouped(two.clone()), two);
    }
}
