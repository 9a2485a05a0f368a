//! Workflow commands that GitHub shows as annotations of a pull request's files.

use std::io::{self, Write};

use super::check::{level, more_findings};
use super::human::sanitize;
use crate::check::{CheckReport, Finding};
use crate::config::Level;

/// GitHub shows no more of one kind for one step.
const SHOWN: usize = 10;

/// Writes an `::error` or `::warning` for every finding, errors first, at most ten of a kind, and how many are left out.
///
/// # Errors
/// Whatever writing meets.
pub fn annotations(report: &CheckReport, out: &mut impl Write) -> io::Result<()> {
    let mut left = 0;
    for level in [Level::Error, Level::Warning] {
        let of_it: Vec<&Finding> = report.findings.iter().filter(|finding| finding.level == level).collect();
        of_it.iter().take(SHOWN).try_for_each(|finding| annotation(finding, out))?;
        left += of_it.len().saturating_sub(SHOWN);
    }
    if left > 0 {
        writeln!(out, "::notice title=hitl check::{}", data(&more_findings(left)))?;
    }
    Ok(())
}

fn annotation(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    let path = finding.path.as_deref();
    let place = path.map_or_else(String::new, |path| format!("file={},line=1,", property(path)));
    let title = property(&format!("hitl check: {}", finding.check.as_str()));
    let message = format!("{}%0A→ {}", data(&finding.message), data(&finding.remedy));
    writeln!(out, "::{} {place}title={title}::{message}", level(finding.level))
}

/// Returns a command's message: of it a line feed would be the end.
fn data(text: &str) -> String {
    sanitize(text).replace('%', "%25")
}

/// Returns the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::samples;

    #[test]
    fn a_finding_is_an_annotation() {
        insta::assert_snapshot!(samples::rendered(annotations));
    }

    #[test]
    fn ten_of_a_kind_are_shown_and_no_text_is_a_command() {
        let text = samples::text(&samples::hostile(samples::EVIL), annotations);
        let begins = |word: &str| text.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!([begins("::error "), begins("::warning "), begins("::notice ")], [10, 10, 1]);
        assert_eq!(text.lines().count(), 21);
        assert!(text.ends_with("180 more findings: see the JSON or HTML report\n"));
        let file = text.lines().find_map(|line| line.strip_prefix("::error file=")).unwrap();
        let (path, rest) = file.split_once(',').unwrap();
        assert!(
            rest.starts_with("line=1,title=hitl check%3A append_only::") && !path.contains(':'),
            "{file}"
        );
    }
}
