//! From a table whose labels have a structure to the report.

use super::boxes::box_agreement;
use super::gamma::{GammaOptions, gamma_of_documents};
use super::kendall::kendall_tau;
use super::lists::Lists;
use super::names::{Named, Names};
use super::parse::ParseError;
use super::span_f1::{Mean, span_f1};
use super::span_match::{Match, Overlap};
use super::{
    BoundingBox, Place, Span, box_alpha, char_alpha, kendall_w, parse_boxes, parse_ranking, parse_spans,
};
use crate::agreement::report::{Metric, Params};
use crate::agreement::{Estimate, Level, LevelError, Options, Undefined};
use crate::table::Table;

/// Boxes match from this IoU on, where they are counted.
const THRESHOLD: f64 = 0.5;

/// What was measured: the metrics, and the classes of spans or boxes.
pub(in crate::agreement) struct Measured {
    /// The values.
    pub metrics: Vec<Metric>,
    /// The classes that spans or boxes have; none for rankings.
    pub classes: Vec<String>,
}

/// Measures labels that are spans, boxes or rankings. `length` is the length of an item's text in characters, by its
/// position in the table, where it is known.
///
/// # Errors
/// A label cannot be read.
pub(in crate::agreement) fn measure(
    table: &Table,
    options: &Options,
    length: &dyn Fn(usize) -> Option<u32>,
) -> Result<Measured, LevelError> {
    match options.level {
        Level::Box => {
            let (boxes, classes) = lists(table, options.level, parse_boxes)?;
            let on = Of { table, options, classes: &classes };
            Ok(Measured { metrics: on.boxes(&boxes), classes })
        }
        Level::Ranking => {
            let (places, ids) = lists(table, options.level, parse_ranking)?;
            let on = Of { table, options, classes: &ids };
            Ok(Measured { metrics: on.rankings(&places), classes: Vec::new() })
        }
        _ => {
            let (spans, classes) = lists(table, options.level, parse_spans)?;
            let on = Of { table, options, classes: &classes };
            Ok(Measured { metrics: on.spans(&spans, length), classes })
        }
    }
}

/// Reads every label once, and groups what they say.
fn lists<T: Ord + Named + Clone>(
    table: &Table,
    level: Level,
    parse: fn(&str, &mut Names) -> Result<Vec<T>, ParseError>,
) -> Result<(Lists<T>, Vec<String>), LevelError> {
    let mut names = Names::default();
    let mut read = Vec::with_capacity(table.classes().len());
    for label in table.classes() {
        let parts = parse(label, &mut names).map_err(|error| LevelError::Structure {
            level,
            label: label.clone(),
            reason: error.to_string(),
        })?;
        read.push(parts);
    }
    let rows = table.runs().enumerate().flat_map(|(item, (labelers, classes))| {
        let said = labelers.iter().zip(classes);
        said.map(move |(labeler, class)| (item as u32, *labeler, *class as usize))
    });
    let rows = rows.map(|(item, labeler, class)| (item, labeler, read[class].clone())).collect();
    // Items and labelers are a key of the table: no two rows are of one.
    Lists::of_named(rows, names).map_err(|error| LevelError::Structure {
        level,
        label: String::new(),
        reason: error.to_string(),
    })
}

/// A table, what is asked of it, and the names of classes or ids.
struct Of<'a> {
    table: &'a Table,
    options: &'a Options,
    classes: &'a [String],
}

impl Of<'_> {
    fn pair(&self, (a, b): (u32, u32)) -> Option<[String; 2]> {
        let names = self.table.labeler_names();
        Some([a, b].map(|labeler| names[labeler as usize].clone()))
    }

    /// Items with two labels or more, and the labels on them.
    fn paired(&self) -> (u64, u64) {
        let labels =
            self.table.runs().map(|(labelers, _)| labelers.len() as u64).filter(|labels| *labels > 1);
        labels.fold((0, 0), |(items, all), labels| (items + 1, all + labels))
    }

    fn mean(&self, name: &'static str, params: Params, mean: Result<Mean, Undefined>) -> Metric {
        let metric = Metric::new(name, params, mean.map(|mean| Estimate::plain(mean.value)), self.paired());
        Metric { n_pairs: mean.ok().map(|mean| mean.defined), ..metric }
    }

    fn spans(&self, spans: &Lists<Span>, length: &dyn Fn(usize) -> Option<u32>) -> Vec<Metric> {
        let mut metrics = Vec::new();
        if self.options.wants("krippendorff_alpha", true) {
            let alpha = char_alpha(spans, |item| length(item as usize)).map(|alpha| Estimate {
                value: alpha.value,
                observed: 1.0 - alpha.observed_disagreement,
                expected: Some(1.0 - alpha.expected_disagreement),
            });
            let params = Params { level: Some("character"), ..Params::default() };
            metrics.push(Metric::new("krippendorff_alpha", params, alpha, self.paired()));
        }
        let ways = [
            (Overlap::Exact, true, true),
            (Overlap::Any, true, true),
            (Overlap::Exact, false, false),
            (Overlap::Any, false, false),
            (Overlap::Characters, true, false),
        ];
        for (overlap, label, usual) in ways {
            if self.options.wants("span_f1", usual) {
                metrics.extend(self.span_f1(
                    spans,
                    Match { overlap, label },
                    overlap == Overlap::Exact && label,
                ));
            }
        }
        if self.options.wants("gamma", false) {
            let options = GammaOptions { seed: self.options.seed, ..GammaOptions::default() };
            let gamma = gamma_of_documents(spans, &options);
            let params = Params { sampler: Some("statistical"), ..Params::default() };
            metrics.push(self.mean("gamma", params, gamma.mean));
        }
        metrics
    }

    fn span_f1(&self, spans: &Lists<Span>, matching: Match, by_class: bool) -> Vec<Metric> {
        let f1 = span_f1(spans, matching);
        let params = || Params {
            matching: Some(if matching.label { matching.as_str() } else { matching.overlap_str() }),
            ignore_label: (!matching.label).then_some(true),
            ..Params::default()
        };
        let mut metrics = vec![self.mean("span_f1.mean_pairwise", params(), f1.mean_pairwise())];
        for pair in &f1.pairs {
            let of = || Params { pair: self.pair(pair.pair), ..params() };
            let on = (pair.documents, 2 * pair.documents);
            let micro = Params { average: Some("micro"), ..of() };
            metrics.push(Metric::new("span_f1", micro, pair.total.f1().map(Estimate::plain), on));
            for (class, counts) in pair.classes.iter().filter(|_| by_class) {
                let params = Params { class: Some(self.classes[class as usize].clone()), ..of() };
                metrics.push(Metric::new("span_f1.per_class", params, counts.f1().map(Estimate::plain), on));
            }
        }
        metrics
    }

    fn boxes(&self, boxes: &Lists<BoundingBox>) -> Vec<Metric> {
        let mut metrics = Vec::new();
        if self.options.wants("krippendorff_alpha", true) {
            let alpha = box_alpha(boxes, true, self.options.seed).map(|alpha| Estimate {
                value: alpha.value,
                observed: 1.0 - alpha.observed_disagreement,
                expected: Some(1.0 - alpha.expected_disagreement),
            });
            let params = Params { level: Some("iou"), ..Params::default() };
            metrics.push(Metric::new("krippendorff_alpha", params, alpha, self.paired()));
        }
        for label in [true, false] {
            let agreement = box_agreement(boxes, label, THRESHOLD);
            let params = || Params { ignore_label: (!label).then_some(true), ..Params::default() };
            if self.options.wants("mean_iou", label) {
                metrics.push(self.mean("mean_iou", params(), agreement.mean_iou()));
                metrics.extend(agreement.pairs.iter().map(|pair| {
                    let params = Params { pair: self.pair(pair.pair), ..params() };
                    let on = (pair.items, 2 * pair.items);
                    Metric::new("mean_iou.pair", params, pair.iou.mean().map(Estimate::plain), on)
                }));
            }
            if self.options.wants("box_f1", label) {
                metrics.push(self.mean("box_f1", params(), agreement.mean_f1()));
            }
        }
        metrics
    }

    fn rankings(&self, places: &Lists<Place>) -> Vec<Metric> {
        let mut metrics = Vec::new();
        if self.options.wants("kendall_tau", true) {
            let tau = kendall_tau(places);
            metrics.push(self.mean("kendall_tau", Params::default(), tau.mean));
            metrics.extend(tau.pairs.iter().map(|pair| {
                let params = Params { pair: self.pair(pair.pair), ..Params::default() };
                let items = pair.tau.map_or(0, |mean| mean.of);
                let value = pair.tau.map(|mean| Estimate::plain(mean.value));
                Metric::new("kendall_tau.pair", params, value, (items, 2 * items))
            }));
        }
        if self.options.wants("kendall_w", true) {
            metrics.push(self.mean("kendall_w", Params::default(), kendall_w(places).mean));
        }
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::{AgreementReport, Panel, measure};

    fn report(level: Level, labels: &[(&str, &str, &str)], panel: Panel) -> AgreementReport {
        let table = Table::from_labels(labels.iter().copied(), None);
        measure(&table, None, &Options { level, panel, ..Options::default() }).unwrap()
    }

    fn value(report: &AgreementReport, name: &str) -> f64 {
        report.metrics.iter().find(|metric| metric.metric == name).and_then(|metric| metric.value).unwrap()
    }

    #[test]
    fn spans_of_two_labelers() {
        let labels = [
            ("d1", "ana", r#"[{"end":5,"label":"PER","start":0},{"end":12,"label":"LOC","start":9}]"#),
            ("d1", "raj", r#"[{"end":5,"label":"PER","start":0},{"end":13,"label":"LOC","start":9}]"#),
            ("d2", "ana", "[]"),
            ("d2", "raj", "[]"),
        ];
        let report = report(Level::Span, &labels, Panel::All);
        assert_eq!(report.domain.classes, ["LOC", "PER"], "the classes of spans, not their texts");
        assert_eq!(value(&report, "span_f1.mean_pairwise"), 0.5);
        let any =
            report.metrics.iter().find(|metric| metric.params.matching == Some("overlap+label")).unwrap();
        assert_eq!(any.value, Some(1.0));
        assert!(value(&report, "gamma") > 0.5);
    }

    #[test]
    fn boxes_and_rankings() {
        let one = r#"[{"height":10,"label":"cat","width":10,"x":0,"y":0}]"#;
        let half = r#"[{"height":10,"label":"cat","width":5,"x":0,"y":0}]"#;
        let boxes = [("i1", "ana", one), ("i1", "raj", half), ("i2", "ana", half), ("i2", "raj", half)];
        assert_eq!(value(&report(Level::Box, &boxes, Panel::Usual), "mean_iou"), 0.75);
        let ranks = [("i1", "ana", r#"["x","y","z"]"#), ("i1", "raj", r#"["x","z","y"]"#)];
        let report = report(Level::Ranking, &ranks, Panel::Usual);
        assert!((value(&report, "kendall_tau") - 1.0 / 3.0).abs() < 1e-12);
        // W = 12 Σ(R − R̄)²/m²(n³ − n) = 12·(4 + 1 + 1)/(4·24).
        assert!((value(&report, "kendall_w") - 0.75).abs() < 1e-12);
    }

    #[test]
    fn a_label_of_another_shape_is_named() {
        let table =
            Table::from_labels([("d1", "ana", "[]"), ("d1", "raj", r#"[{"start":4,"end":2}]"#)], None);
        let error = measure(&table, None, &Options { level: Level::Span, ..Options::default() }).unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with("`[{\"start\":4,\"end\":2}]` is no label of spans: part 1"), "{said}");
    }
}
