//! Which format a file is in, by its content and, where that leaves a choice, its name.

use super::error::{Error, RequestError};
use super::options::Format;

/// Returns the format of `bytes`, whose file is called `file`.
///
/// # Errors
/// When it is the file of a tool that is not read.
pub fn detect(bytes: &[u8], file: &str) -> Result<Format, Error> {
    if bytes.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match (text.first(), ending.as_str()) {
        (Some(b'[' | b'{'), "csv" | "tsv") | (_, "csv") => Ok(Format::Csv),
        (Some(b'[' | b'{'), "jsonl" | "ndjson") => Ok(Format::Jsonl),
        (Some(b'[' | b'{'), _) => Ok(Format::Json),
        (Some(b'<'), _) => Err(xml(text).into()),
        (Some(b'_'), _) if text.starts_with(b"__label__") => Err(RequestError::OtherTool {
            what: "fastText's format, which names neither items nor labelers".into(),
            instead: "export JSONL or CSV with an item id and a labeler in each row".into(),
        }
        .into()),
        (_, "tsv" | "tab") => Ok(Format::Tsv),
        (Some(_), "json") => Ok(Format::Json),
        (Some(_), "jsonl" | "ndjson") => Ok(Format::Jsonl),
        _ => Ok(Format::Csv),
    }
}

fn xml(text: &[u8]) -> RequestError {
    let head = String::from_utf8_lossy(&text[..text.len().min(4096)]);
    let (what, instead) = if head.contains("<annotations") {
        (
            "a CVAT XML export, which does not say who labelled which shape when",
            "export one file per job and convert it to CSV or JSONL with item, labeler and label in each row",
        )
    } else if head.contains("<annotation>") {
        (
            "a Pascal VOC file, which does not say who labelled what",
            "export JSONL with item, labeler and label in each row",
        )
    } else if head.to_ascii_lowercase().contains("<html") {
        ("an HTML page", "the download may have needed a login; export CSV, TSV, JSON, JSONL or Parquet")
    } else {
        ("XML", "CSV, TSV, JSON, JSONL and Parquet are read")
    };
    RequestError::OtherTool { what: what.into(), instead: instead.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_and_names_help() {
        for (bytes, file, expected) in [
            (&b"PAR1...."[..], "x.csv", Format::Parquet),
            (b"\xef\xbb\xbf [1]", "-", Format::Json),
            (b"{}", "a.jsonl", Format::Jsonl),
            (b"{item},label\n", "a.csv", Format::Csv),
            (b"item\tlabel\n", "a.TSV", Format::Tsv),
            (b"item,label\n", "-", Format::Csv),
            (b"oops", "a.json", Format::Json),
            (b"", "-", Format::Csv),
        ] {
            assert_eq!(detect(bytes, file).unwrap(), expected, "{file}");
        }
        let message = detect(b"<?xml version=\"1.0\"?>\n<annotations>", "-").unwrap_err().to_string();
        assert!(message.starts_with("this is a CVAT XML export"), "{message}");
    }
}
