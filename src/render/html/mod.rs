//! One self-contained HTML page a report: no script, nothing fetched, light and dark, readable on a telephone.
//!
//! Everything that came from data goes through [`escape`], and stands in an element that isolates its direction: no
//! label, name or text can become markup or reorder what is around it.

mod audit;
mod batches;
mod check;
mod survey;
mod svg;

use std::io::{self, Write};

use super::batches::many;
use super::human::{readable, sanitize};

pub use audit::audit;
pub use batches::batch_diff;
pub use check::check;

/// The look of every page. Colours have a contrast of 4.5 or more to what is behind them, in both schemes.
const LOOK: &str = include_str!("page.css");

/// Returns `text` so that it reads as itself inside an element or an attribute in quotes; characters that hide or
/// reorder text are written out.
pub fn escape(text: &str) -> String {
    entities(&sanitize(text))
}

/// Returns a text that people read in the same way; joiners that join stay.
fn escape_text(text: &str) -> String {
    entities(&readable(text))
}

fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Returns a name that came from data, isolated.
fn name(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// Writes a page about what `names` name: its head, what `body` writes, and its end.
///
/// # Errors
/// Whatever writing meets.
fn page<W: Write>(
    names: &[&str],
    out: &mut W,
    body: impl FnOnce(&mut W) -> io::Result<()>,
) -> io::Result<()> {
    let heading = names.iter().map(|one| name(one)).collect::<Vec<_>>().join(" and ");
    page_of(&Page { title: &names.join(" and "), heading: &heading, look: "" }, out, body)
}

/// A page's head.
struct Page<'a> {
    /// What the window is called; text.
    title: &'a str,
    /// What stands above all; HTML.
    heading: &'a str,
    /// The look of what only this page has.
    look: &'static str,
}

/// Writes a page: its head, what `body` writes, and its end.
///
/// # Errors
/// Whatever writing meets.
fn page_of<W: Write>(
    page: &Page<'_>,
    out: &mut W,
    body: impl FnOnce(&mut W) -> io::Result<()>,
) -> io::Result<()> {
    let Page { title, heading, look } = page;
    let title = escape(title);
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<meta name=\"color-scheme\" content=\"light dark\">")?;
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(
        out,
        "<title>{title}</title>\n<style>\n{LOOK}{look}</style>\n</head>\n<body>\n<main>\n<h1>{heading}</h1>"
    )?;
    body(out)?;
    writeln!(out, "</main>\n</body>\n</html>")
}

/// Writes a table of cells that are HTML already. A head that begins with `>` is of a column of numbers; a second one is
/// its own.
///
/// # Errors
/// Whatever writing meets.
fn table(heads: &[&str], rows: &[Vec<String>], out: &mut impl Write) -> io::Result<()> {
    let class = |head: &str| if head.starts_with('>') { " class=\"number\"" } else { "" };
    write!(out, "<table>\n<tr>")?;
    for head in heads {
        let text = head.strip_prefix('>').unwrap_or(head);
        write!(out, "<th scope=\"col\"{}>{}</th>", class(head), name(text))?;
    }
    writeln!(out, "</tr>")?;
    for row in rows {
        write!(out, "<tr>")?;
        for (head, cell) in heads.iter().zip(row) {
            write!(out, "<td{}>{cell}</td>", class(head))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</table>")
}

/// Writes what may be wider than the page in a box of its own that scrolls, by keys too, and has a name.
///
/// # Errors
/// Whatever writing meets.
fn wide<W: Write>(label: &str, out: &mut W, body: impl FnOnce(&mut W) -> io::Result<()>) -> io::Result<()> {
    writeln!(out, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">", escape(label))?;
    body(out)?;
    writeln!(out, "</div>")
}

/// Returns sentences of hitl's, isolated; what stands between backticks is code.
fn prose(text: &str) -> String {
    let mut out = String::from("<bdi>");
    for (index, part) in text.split('`').enumerate() {
        match index % 2 {
            0 => out.push_str(&escape_text(part)),
            _ => out.push_str(&format!("<code>{}</code>", escape(part))),
        }
    }
    out + "</bdi>"
}

/// Returns a metric as people call it.
fn called(metric: &str) -> String {
    let known = match metric {
        "krippendorff_alpha" => "Krippendorff’s α",
        "fleiss_kappa" => "Fleiss’ κ",
        "cohen_kappa" => "Cohen’s κ",
        "gwet_ac1" => "Gwet’s AC1",
        "gwet_ac2" => "Gwet’s AC2",
        "brennan_prediger" => "Brennan–Prediger",
        "kendall_tau" => "Kendall’s τ",
        other => return other.replace('_', " "),
    };
    known.to_owned()
}

/// Writes a few counts, large.
///
/// # Errors
/// Whatever writing meets.
fn tiles(counts: &[(u64, &str)], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<ul class=\"tiles\">")?;
    for (count, of) in counts {
        let of = if *count == 1 { of.strip_suffix('s').unwrap_or(of) } else { of };
        writeln!(out, "<li><strong>{}</strong> {of}</li>", many(*count))?;
    }
    writeln!(out, "</ul>")
}

/// Writes labels side by side, each with who says it; both are HTML.
///
/// # Errors
/// Whatever writing meets.
fn chips(said: impl Iterator<Item = (String, String)>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<ul class=\"chips\">")?;
    for (label, who) in said {
        writeln!(out, "<li><span class=\"says\">{label}</span> <span class=\"by\">{who}</span></li>")?;
    }
    writeln!(out, "</ul>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_become_markup() {
        assert_eq!(
            escape("<script>\"x\"&'y'</script>"),
            "&lt;script&gt;&quot;x&quot;&amp;&#39;y&#39;&lt;/script&gt;"
        );
        assert_eq!(name("\u{202e}evil\n"), r"<bdi>\u{202e}evil\n</bdi>");
        assert_eq!(prose("run `<b>` now"), "<bdi>run <code>&lt;b&gt;</code> now</bdi>");
        assert_eq!(prose("a ` b"), "<bdi>a <code> b</code></bdi>");
        let mut out = Vec::new();
        page(&["</title><script>"], &mut out, |out| {
            table(&["a", ">b"], &[vec![name("<i>"), "1".into()]], out)
        })
        .unwrap();
        let page = String::from_utf8(out).unwrap();
        assert!(!page.contains("<script") && page.contains("<bdi>&lt;i&gt;</bdi>"), "{page}");
        assert!(page.contains("<td class=\"number\">1</td>"));
    }

    #[test]
    fn heads_keep_their_own_signs_and_direction() {
        let mut out = Vec::new();
        page(&["אב", "B"], &mut out, |out| table(&[">>50%", "<b"], &[], out)).unwrap();
        let page = String::from_utf8(out).unwrap();
        assert!(page.contains("<th scope=\"col\" class=\"number\"><bdi>&gt;50%</bdi></th>"), "{page}");
        assert!(page.contains("<th scope=\"col\"><bdi>&lt;b</bdi></th>"), "{page}");
        assert!(page.contains("<h1><bdi>אב</bdi> and <bdi>B</bdi></h1>"), "{page}");
    }

    /// The relative luminance of a colour, by WCAG 2.2.
    fn luminance(color: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn every_text_stands_out_from_what_is_behind_it() {
        let schemes = |look: &'static str| look.split("prefers-color-scheme: dark").collect::<Vec<_>>();
        let (all, of_check) = (schemes(LOOK), schemes(include_str!("check.css")));
        assert_eq!((all.len(), of_check.len()), (2, 2));
        for scheme in all.into_iter().zip(of_check).map(|(all, of_check)| all.to_owned() + of_check) {
            let color = |name: &str| {
                let at = scheme.find(&format!("--{name}: #")).unwrap_or_else(|| panic!("no {name}"));
                &scheme[at + name.len() + 4..at + name.len() + 11]
            };
            for (text, behind) in [
                ("text", "page"),
                ("dim", "page"),
                ("text", "del"),
                ("text", "ins"),
                ("text", "band"),
                ("dim", "band"),
                ("text", "good"),
                ("text", "bad"),
                ("text", "warn"),
                ("accent", "page"),
                ("t0", "h0"),
                ("t1", "h1"),
                ("t2", "h2"),
                ("t3", "h3"),
                ("t4", "h4"),
                ("t5", "h5"),
            ] {
                let mut both = [luminance(color(text)), luminance(color(behind))];
                both.sort_by(f64::total_cmp);
                let contrast = (both[1] + 0.05) / (both[0] + 0.05);
                assert!(contrast >= 4.5, "{text} on {behind}: {contrast}");
            }
        }
    }
}
