//! Where disagreement comes from: one labeler, one pair of classes, or everywhere. Guidelines come before people: low
//! agreement is more often a text that can be read two ways than a person who cannot read.

use serde::Serialize;

use super::Confusion;
use super::report::LabelerAgreement;

/// Where disagreement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Culprit {
    /// Two classes that are not told apart: the guideline.
    ClassPair,
    /// One labeler.
    Labeler,
    /// No one place: the guideline as a whole, or items that are hard.
    Everywhere,
}

/// What the disagreement most likely is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnosis {
    /// Where it comes from.
    pub culprit: Culprit,
    /// The two classes, where it is they.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<[String; 2]>,
    /// The labeler, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labeler: Option<String>,
    /// α as it is.
    pub alpha: f64,
    /// α without it: the two classes taken for one, or the labeler's labels left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alpha_without: Option<f64>,
}

/// From this α on there is nothing to look for: Krippendorff (2004).
const RELIABLE: f64 = 0.8;
/// A cause explains this much of what is missing from full agreement, or it is none.
const EXPLAINS: f64 = 0.4;
/// Two classes of two are everything there is.
const FEWEST_CLASSES: usize = 3;

/// Returns what most likely is behind an α below what is reliable; `None` where nothing is to be looked for.
///
/// A cause is named when α without it makes up for 40 % of what α lacks, the larger of two. A pair of classes is looked
/// at before a labeler: where both would do, it is the text.
pub(super) fn diagnose(
    alpha: Option<f64>,
    confusions: &[Confusion],
    classes: usize,
    labelers: &[LabelerAgreement],
) -> Option<Diagnosis> {
    let alpha = alpha.filter(|alpha| *alpha < RELIABLE)?;
    let gain = |without: f64| (without - alpha) / (1.0 - alpha);
    let pair = confusions
        .iter()
        .filter(|_| classes >= FEWEST_CLASSES)
        .filter_map(|confusion| Some((confusion, confusion.alpha_merged?)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b));
    if let Some((confusion, without)) = pair.filter(|(_, without)| gain(*without) >= EXPLAINS) {
        return Some(Diagnosis {
            culprit: Culprit::ClassPair,
            classes: Some(confusion.classes.clone()),
            labeler: None,
            alpha,
            alpha_without: Some(without),
        });
    }
    // Of two labelers, neither is the one who is wrong.
    let labeler = labelers
        .iter()
        .filter(|_| labelers.len() > 2)
        .filter_map(|labeler| Some((labeler, labeler.alpha_without?)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b));
    if let Some((labeler, without)) = labeler.filter(|(_, without)| gain(*without) >= EXPLAINS) {
        return Some(Diagnosis {
            culprit: Culprit::Labeler,
            classes: None,
            labeler: Some(labeler.labeler.clone()),
            alpha,
            alpha_without: Some(without),
        });
    }
    // Of two labelers and two classes no other place could be found.
    let looked = labelers.len() > 2 || classes >= FEWEST_CLASSES;
    looked.then_some(Diagnosis {
        culprit: Culprit::Everywhere,
        classes: None,
        labeler: None,
        alpha,
        alpha_without: None,
    })
}
