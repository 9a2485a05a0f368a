//! Everybody against one: a judge against people, people against gold.
//!
//! Accuracy is the share of items on which a labeler says what the one says, with Wilson's interval: Wilson (1927),
//! Journal of the American Statistical Association 22:209-212. Beside it Cohen's κ, for the one is a labeler too unless
//! it is gold. All together, every label counts, so that an item with three labels counts three times.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cohen::has_constant_labeler;
use super::estimate::normal_quantile;
use super::{Contingency, Interval, Undefined, Weights, cohen_errors, cohen_kappa};
use crate::base::{proportion, text};
use crate::table::Table;

/// How far labels say what the one says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Against {
    /// Whose labels; none for those of all together.
    pub labeler: Option<String>,
    /// Labels on items that the one labelled.
    pub n_labels: u64,
    /// How many of them say what the one says.
    pub agreeing: u64,
    /// Their share.
    pub accuracy: Option<f64>,
    /// Wilson's interval of the share.
    pub accuracy_low: Option<f64>,
    /// Its upper end.
    pub accuracy_high: Option<f64>,
    /// Cohen's κ.
    pub kappa: Option<f64>,
    /// Its standard error.
    pub kappa_se: Option<f64>,
    /// The lower end of its interval.
    pub kappa_low: Option<f64>,
    /// Its upper end.
    pub kappa_high: Option<f64>,
    /// Why κ has no value.
    pub undefined: Option<Undefined>,
}

/// What labelers say where the one says a class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgainstClass {
    /// What the one says.
    pub class: String,
    /// Labels on items of which it says so.
    pub n_labels: u64,
    /// The share of them that say so too: recall.
    pub recall: Option<f64>,
    /// Of the labels that say this class, the share on items of which the one says so: precision.
    pub precision: Option<f64>,
    /// What else they say, most often first, with how many labels say so.
    pub instead: Vec<(String, u64)>,
}

/// What was measured against one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgainstReport {
    /// `hitl.agreement-against/1`.
    pub schema: &'static str,
    /// The task, where the labels have one.
    pub task: Option<String>,
    /// The one.
    pub against: String,
    /// Items the one labelled.
    pub items: u64,
    /// Of those, items that somebody else labelled too.
    pub items_in_common: u64,
    /// Everybody's labels together.
    pub all: Against,
    /// Each labeler, least accurate first.
    pub labelers: Vec<Against>,
    /// Each class, in domain order.
    pub classes: Vec<AgainstClass>,
}

/// Nobody of this name labelled anything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{labeler}` has no labels here{}", near.as_ref().map_or(String::new(), |near| format!("; did you mean `{near}`?")))]
pub struct NoSuchLabeler {
    /// As asked.
    pub labeler: String,
    /// Who was most likely meant.
    pub near: Option<String>,
    /// Who is here.
    pub known: Vec<String>,
}

impl NoSuchLabeler {
    /// Returns that `labeler` is none of `known`.
    pub fn among<'a>(labeler: &str, known: impl Iterator<Item = &'a str> + Clone) -> Self {
        Self {
            labeler: labeler.to_owned(),
            near: text::did_you_mean(labeler, known.clone()).map(str::to_owned),
            known: known.take(NAMED).map(str::to_owned).collect(),
        }
    }
}

/// How many labelers an error names.
const NAMED: usize = 20;

/// Measures every other labeler of `table` against `labeler`.
///
/// # Errors
/// `labeler` has no labels in it.
pub fn against(
    table: &Table,
    task: Option<&str>,
    labeler: &str,
    confidence: f64,
) -> Result<AgainstReport, NoSuchLabeler> {
    let names = table.labeler_names();
    let Ok(one) = names.binary_search_by(|name| name.as_str().cmp(labeler)) else {
        return Err(NoSuchLabeler::among(labeler, names.iter().map(String::as_str)));
    };
    let (mut items, mut items_in_common) = (0, 0);
    let mut cells = vec![BTreeMap::<(u32, u32), u32>::new(); names.len()];
    for (labelers, classes) in table.runs() {
        let Ok(at) = labelers.binary_search(&(one as u32)) else { continue };
        items += 1;
        items_in_common += u64::from(labelers.len() > 1);
        for (other, class) in labelers.iter().zip(classes).filter(|(other, _)| **other != one as u32) {
            *cells[*other as usize].entry((*class, classes[at])).or_insert(0) += 1;
        }
    }
    let mut all = BTreeMap::new();
    for (cell, labels) in cells.iter().flatten() {
        *all.entry(*cell).or_insert(0) += labels;
    }
    let met = names.iter().zip(&cells).filter(|(_, cells)| !cells.is_empty());
    let mut labelers: Vec<Against> =
        met.map(|(name, cells)| compare(Some(name.clone()), cells, confidence)).collect();
    labelers.sort_by(|a, b| {
        let accuracy = |of: &Against| of.accuracy.unwrap_or(1.0);
        accuracy(a).total_cmp(&accuracy(b)).then_with(|| a.labeler.cmp(&b.labeler))
    });
    Ok(AgainstReport {
        schema: "hitl.agreement-against/1",
        task: task.map(str::to_owned),
        against: labeler.to_owned(),
        items,
        items_in_common,
        all: compare(None, &all, confidence),
        labelers,
        classes: classes(table.classes(), &all),
    })
}

fn compare(labeler: Option<String>, cells: &BTreeMap<(u32, u32), u32>, confidence: f64) -> Against {
    let cells: Vec<(u32, u32, u32)> = cells.iter().map(|((k, l), labels)| (*k, *l, *labels)).collect();
    let pair = Contingency { labelers: (0, 1), cells: &cells };
    let identity = Weights::identity(0);
    let kappa = cohen_kappa(&pair, &identity);
    // Where one is constant κ cannot vary, which says nothing of how sure it is.
    let varies = kappa.ok().filter(|_| !has_constant_labeler(&pair));
    let se = varies.map(|kappa| cohen_errors(&pair, &identity, &kappa).se);
    let interval = kappa.ok().zip(se).map(|(kappa, se)| Interval::normal(kappa.value, se, confidence));
    let (n_labels, agreeing) = (pair.items(), pair.agreeing());
    let share = |labels: u64| labels as f64 / n_labels as f64;
    let wilson = (n_labels > 0).then(|| {
        let (agree, differ) = (share(agreeing), share(n_labels - agreeing));
        proportion::wilson(agree, differ, n_labels as f64, normal_quantile(confidence))
    });
    Against {
        labeler,
        n_labels,
        agreeing,
        accuracy: (n_labels > 0).then(|| share(agreeing)),
        accuracy_low: wilson.map(|[low, _]| low),
        accuracy_high: wilson.map(|[_, high]| high),
        kappa: kappa.ok().map(|kappa| kappa.value),
        kappa_se: se,
        kappa_low: interval.map(|interval| interval.low),
        kappa_high: interval.map(|interval| interval.high),
        undefined: kappa.err(),
    }
}

/// What is said of one class.
#[derive(Default)]
struct OfClass {
    /// Labels that say it.
    given: u64,
    /// Labels on items of which the one says it.
    said: u64,
    /// Labels that say it where the one does.
    both: u64,
    /// What is said in its place.
    instead: Vec<(String, u64)>,
}

fn classes(names: &[String], cells: &BTreeMap<(u32, u32), u32>) -> Vec<AgainstClass> {
    let mut sums = BTreeMap::<u32, OfClass>::new();
    for ((k, l), labels) in cells {
        let labels = u64::from(*labels);
        sums.entry(*k).or_default().given += labels;
        let of = sums.entry(*l).or_default();
        of.said += labels;
        match k == l {
            true => of.both += labels,
            false => of.instead.push((names[*k as usize].clone(), labels)),
        }
    }
    let of = |(class, mut of): (u32, OfClass)| {
        let share = |all: u64| (all > 0).then(|| of.both as f64 / all as f64);
        let (recall, precision) = (share(of.said), share(of.given));
        of.instead.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let class = names[class as usize].clone();
        AgainstClass { class, n_labels: of.said, recall, precision, instead: of.instead }
    };
    sums.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_against_gold() {
        let mut labels = Vec::new();
        for item in 0..100 {
            let truth = if item % 4 == 0 { "spam" } else { "ham" };
            let wrong = if item % 4 == 0 { "ham" } else { "spam" };
            labels.push((format!("i{item}"), "gold", truth));
            labels.push((format!("i{item}"), "ana", if item < 81 { truth } else { wrong }));
            labels.extend((item < 20).then(|| (format!("i{item}"), "raj", "ham")));
        }
        labels.push(("i999".to_owned(), "gold", "ham"));
        let labels = labels.into_iter().map(|(item, who, label)| (item, who.to_owned(), label.to_owned()));
        let table = Table::from_labels(labels, None);
        let report = against(&table, None, "gold", 0.95).unwrap();
        assert_eq!((report.items, report.items_in_common), (101, 100));
        let of =
            |name: &str| report.labelers.iter().find(|one| one.labeler.as_deref() == Some(name)).unwrap();
        // Wilson's interval of 81 of 100, as R's prop.test without correction and textbooks print it: .722 to .875.
        let ana = of("ana");
        assert_eq!((ana.n_labels, ana.agreeing, ana.accuracy), (100, 81, Some(0.81)));
        assert!((ana.accuracy_low.unwrap() - 0.7222).abs() < 1e-4, "{ana:?}");
        assert!((ana.accuracy_high.unwrap() - 0.8749).abs() < 1e-4, "{ana:?}");
        assert_eq!((of("raj").accuracy, of("raj").kappa), (Some(0.75), Some(0.0)));
        assert_eq!(report.all.n_labels, 120);
        let spam = report.classes.iter().find(|class| class.class == "spam").unwrap();
        assert_eq!((spam.n_labels, spam.instead[0].0.as_str()), (30, "ham"));
        let unknown = against(&table, None, "gald", 0.95).unwrap_err();
        assert_eq!(unknown.to_string(), "`gald` has no labels here; did you mean `gold`?");
    }
}
