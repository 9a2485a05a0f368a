//! The coefficients that are asked for, each with its standard error and interval.

use super::bootstrap::Resampled;
use super::cohen::has_constant_labeler;
use super::report::{Metric, Params};
use super::{
    Average, Contingency, Distance, Estimate, Interval, Level, Marginals, Method, Options, Pairs, Panel,
    Scale, Scheme, SetDistance, Tallies, Tally, Undefined, Weighting, Weights,
};
use super::{bootstrap, brennan_prediger, brennan_prediger_se, cohen_errors, cohen_kappa, cohen_of_class};
use super::{conger_kappa, conger_se, fleiss_kappa, fleiss_se, fleiss_se_of_chance, gwet_ac, gwet_se};
use super::{kappa_max, krippendorff_alpha, krippendorff_bootstrap, krippendorff_se, light_kappa, per_class};
use super::{percent_agreement, percent_se, prevalence_and_bias, scott_pi, weighted_agreement};
use crate::table::Table;

/// A bootstrap of more tallies × samples than this is done where it is asked for, and not by itself.
pub(super) const MOST_SAMPLED: u64 = 50_000_000;

/// Of more classes than this none is looked at by itself.
pub(super) const MOST_CLASSES: usize = 1_000;

/// A table and what it was reduced to, with what is asked of them.
pub(super) struct Coefficients<'a> {
    pub table: &'a Table,
    pub tallies: &'a Tallies,
    /// None where they are too many.
    pub pairs: Option<&'a Pairs>,
    pub scheme: &'a Scheme,
    pub options: &'a Options,
}

type Coefficient = fn(&Tallies, &Weights) -> Result<Estimate, Undefined>;
type Error = fn(&Tallies, &Weights, &Estimate) -> Option<f64>;

impl Coefficients<'_> {
    /// Items with two labels or more, and the labels on them.
    fn paired(&self) -> (u64, u64) {
        (self.tallies.paired_items(), self.tallies.pairable().iter().sum())
    }

    /// Krippendorff's α: at the level asked for, then at the others that the labels have.
    pub fn alphas(&self) -> Vec<Metric> {
        let own = self.options.level;
        let mut metrics = Vec::new();
        if let Some(matrix) = &self.options.disagreement {
            metrics.extend(self.alpha("custom", None, &Distance::Custom(matrix.clone()), true));
        }
        let others = [Level::Nominal, Level::Ordinal, Level::Interval, Level::Ratio];
        for level in std::iter::once(own).chain(others.into_iter().filter(|other| *other != own)) {
            if level == Level::Set {
                for set in [SetDistance::Masi, SetDistance::Jaccard] {
                    let distance = self.scheme.set_distance(set);
                    metrics.extend(self.alpha("set", Some(set), &distance, set == SetDistance::Masi));
                }
            } else if let Some(distance) = self.scheme.distance_at(level) {
                metrics.extend(self.alpha(level.as_str(), None, &distance, level == own));
            } else if level == own && self.options.wants("krippendorff_alpha", true) {
                let params = Params { level: Some(level.as_str()), ..Params::default() };
                let outcome = Err(Undefined::NegativeNumbers);
                metrics.push(Metric::new("krippendorff_alpha", params, outcome, self.paired()));
            }
        }
        metrics
    }

    fn alpha(
        &self,
        level: &'static str,
        set: Option<SetDistance>,
        distance: &Distance,
        usual: bool,
    ) -> Vec<Metric> {
        if !self.options.wants("krippendorff_alpha", usual) {
            return Vec::new();
        }
        let params = Params { level: Some(level), distance: set, ..Params::default() };
        let outcome = krippendorff_alpha(self.tallies, distance);
        let new = |params| Metric::new("krippendorff_alpha", params, outcome, self.paired());
        let metric = new(params.clone()).with_se(self.alpha_se(distance), Method::ItemLinearised);
        let (Ok(estimate), confidence) = (outcome, self.options.confidence) else { return vec![metric] };
        let samples = self.options.bootstrap();
        let each = self.tallies.len() as u64 + distance.cost(self.tallies.classes());
        let worth = each * u64::from(samples.replicates) <= MOST_SAMPLED;
        // One item tells nothing of how items vary.
        if self.tallies.paired_items() < 2 {
            return vec![metric.on(Scale::Krippendorff)];
        }
        if self.options.samples.is_none() && !(usual && worth) {
            let interval = metric.se.and_then(|se| {
                Interval::student(estimate.value, se, self.tallies.paired_items(), confidence)
            });
            return vec![metric.between(interval).on(Scale::Krippendorff)];
        }
        let of = |sample: &Tallies| krippendorff_alpha(sample, distance);
        let metric = resampled(metric, bootstrap(self.tallies, samples, confidence, of));
        let mut metrics = vec![metric.on(Scale::Krippendorff)];
        if self.options.panel == Panel::All && usual {
            let drawn = krippendorff_bootstrap(self.tallies, distance, &estimate, samples, confidence);
            let params = Params { ci: Some(Method::KrippendorffBootstrap), ..params };
            metrics.push(resampled(new(params), drawn));
        }
        metrics
    }

    /// Returns the standard error of the literature, for distances that have one.
    fn alpha_se(&self, distance: &Distance) -> Option<f64> {
        let weights = match distance {
            Distance::Nominal => Weights::identity(self.tallies.classes()),
            Distance::Interval(values) => Weights::of_values(Weighting::Quadratic, values).ok()?,
            Distance::Custom(matrix) => Weights::of_disagreement(matrix),
            Distance::Ordinal(_) | Distance::Ratio(_) | Distance::Sets(..) => return None,
        };
        krippendorff_se(self.tallies, &weights)
    }

    /// Returns the weights asked for, none first.
    pub fn weights(&self) -> Vec<Weights> {
        let mut all = vec![Weights::identity(self.table.classes().len())];
        let wanted = match (self.options.weighting, &self.options.panel) {
            (Some(weighting), _) => vec![weighting],
            (None, Panel::All) => vec![Weighting::Linear, Weighting::Quadratic],
            (None, _) => Vec::new(),
        };
        let settled = wanted.into_iter().filter_map(|weighting| self.scheme.weights(weighting));
        all.extend(settled.filter_map(Result::ok));
        all.extend(self.options.disagreement.as_ref().map(Weights::of_disagreement));
        all
    }

    /// Returns the coefficients under `weights`: of all labelers together, and of two where there are only two.
    pub fn weighted(&self, weights: &Weights) -> Vec<Metric> {
        let mut metrics = self.over_all_labelers(weights);
        let named = (!weights.is_identity()).then_some(weights.weighting);
        let params = Params { weights: named, ..Params::default() };
        if self.options.wants("conger_kappa", false) {
            metrics.push(self.conger(params.clone(), weights));
        }
        if let Some(pair) = self.only_pair() {
            metrics.extend(self.two_labelers(&pair, params, weights));
        }
        metrics
    }

    /// Returns the coefficients that do not ask who said what, under `weights`.
    pub fn over_all_labelers(&self, weights: &Weights) -> Vec<Metric> {
        let identity = weights.is_identity();
        let named = (!identity).then_some(weights.weighting);
        let params = Params { weights: named, ..Params::default() };
        let gwet = if identity { "gwet_ac1" } else { "gwet_ac2" };
        let panel: [(&'static str, Coefficient, Error); 4] = [
            ("fleiss_kappa", fleiss_kappa, fleiss_se),
            (gwet, gwet_ac, gwet_se),
            ("brennan_prediger", brennan_prediger, brennan_prediger_se),
            ("percent_agreement", weighted_agreement, percent_se),
        ];
        let mut metrics = Vec::new();
        for (name, coefficient, error) in panel {
            if !self.options.wants(name, true) {
                continue;
            }
            let metric = self.over_items(name, &params, weights, coefficient, error);
            let fleiss = identity && name == "fleiss_kappa";
            metrics.push(if fleiss { metric.on(Scale::LandisKoch) } else { metric });
            if let Some(se) = fleiss_se_of_chance(self.tallies).filter(|_| fleiss) {
                let names = ["fleiss_kappa.se0", "fleiss_kappa.z0"];
                metrics.extend(self.of_chance(names, "fleiss_nee_landis_1979", metrics.last(), se));
            }
        }
        metrics
    }

    fn over_items(
        &self,
        name: &'static str,
        params: &Params,
        weights: &Weights,
        coefficient: Coefficient,
        error: Error,
    ) -> Metric {
        let outcome = coefficient(self.tallies, weights);
        let metric = Metric::new(name, params.clone(), outcome, self.paired());
        let Ok(estimate) = outcome else { return metric };
        let se = error(self.tallies, weights, &estimate);
        let metric = metric.with_se(se, Method::ItemLinearised);
        let (items, confidence) = (self.tallies.items(), self.options.confidence);
        if self.options.samples.is_some() {
            let of = |sample: &Tallies| coefficient(sample, weights);
            return resampled(metric, bootstrap(self.tallies, self.options.bootstrap(), confidence, of));
        }
        metric.between(se.and_then(|se| Interval::student(estimate.value, se, items, confidence)))
    }

    /// Returns the standard error of `metric` if it were 0, and how many of these it is from there.
    fn of_chance(
        &self,
        [se_name, z_name]: [&'static str; 2],
        source: &'static str,
        metric: Option<&Metric>,
        se: f64,
    ) -> Vec<Metric> {
        let Some((metric, value)) = metric.and_then(|metric| Some((metric, metric.value?))) else {
            return Vec::new();
        };
        if self.options.panel != Panel::All || se == 0.0 {
            return Vec::new();
        }
        let params = Params { se: Some(source), ..metric.params.clone() };
        let on = (metric.n_items, metric.n_labels);
        vec![
            Metric::new(se_name, params.clone(), Ok(Estimate::plain(se)), on),
            Metric::new(z_name, params, Ok(Estimate::plain(value / se)), on),
        ]
    }

    fn conger(&self, params: Params, weights: &Weights) -> Metric {
        let marginals = Marginals::of(self.table);
        let outcome = match &marginals {
            Ok(marginals) => conger_kappa(self.tallies, marginals, weights),
            Err(reason) => Err(*reason),
        };
        let metric = Metric::new("conger_kappa", params, outcome, self.paired());
        let (Ok(marginals), Ok(estimate)) = (marginals, outcome) else { return metric };
        let se = conger_se(self.table, self.tallies, &marginals, weights, &estimate);
        let (items, confidence) = (self.tallies.items(), self.options.confidence);
        let interval = se.and_then(|se| Interval::student(estimate.value, se, items, confidence));
        metric.with_se(se, Method::ItemLinearised).between(interval)
    }

    /// Returns the pair of labelers, where there are only two.
    fn only_pair(&self) -> Option<Contingency<'_>> {
        let pairs = self.pairs.filter(|_| self.table.labeler_names().len() == 2)?;
        Some(pairs.iter().next().unwrap_or(Contingency { labelers: (0, 1), cells: &[] }))
    }

    /// Returns what there is of two labelers alone.
    fn two_labelers(&self, pair: &Contingency<'_>, params: Params, weights: &Weights) -> Vec<Metric> {
        let on = (pair.items(), 2 * pair.items());
        let mut metrics = Vec::new();
        if self.options.wants("cohen_kappa", true) {
            let cohen = self.cohen("cohen_kappa", params, pair, weights);
            let se_of_chance = match cohen_kappa(pair, weights) {
                Ok(estimate) => cohen_errors(pair, weights, &estimate).se_of_chance,
                Err(_) => 0.0,
            };
            metrics.push(if weights.is_identity() { cohen.on(Scale::LandisKoch) } else { cohen });
            let names = ["cohen_kappa.se0", "cohen_kappa.z0"];
            let source = "fleiss_cohen_everitt_1969_H0";
            metrics.extend(self.of_chance(names, source, metrics.last(), se_of_chance));
        }
        if !weights.is_identity() {
            return metrics;
        }
        let mut more = vec![("scott_pi", scott_pi(pair)), ("kappa_max", kappa_max(pair))];
        if self.table.classes().len() == 2 {
            let both = prevalence_and_bias(pair);
            more.push(("prevalence_index", both.map(|(prevalence, _)| Estimate::plain(prevalence))));
            more.push(("bias_index", both.map(|(_, bias)| Estimate::plain(bias))));
        }
        let wanted = more.into_iter().filter(|(name, _)| self.options.wants(name, false));
        metrics.extend(wanted.map(|(name, outcome)| Metric::new(name, Params::default(), outcome, on)));
        metrics
    }

    fn cohen(&self, name: &'static str, params: Params, pair: &Contingency<'_>, weights: &Weights) -> Metric {
        let outcome = cohen_kappa(pair, weights);
        let mut metric = Metric::new(name, params, outcome, (pair.items(), 2 * pair.items()));
        let Ok(estimate) = outcome else { return metric };
        metric.note = has_constant_labeler(pair).then_some("constant_labeler");
        let se = cohen_errors(pair, weights, &estimate).se;
        let interval = Interval::normal(estimate.value, se, self.options.confidence);
        // Where one labeler is constant κ cannot vary, which says nothing of how sure it is.
        let known = metric.note.is_none();
        metric.with_se(known.then_some(se), Method::FleissCohenEveritt).between(known.then_some(interval))
    }

    /// Returns percent agreement where items do not weigh alike.
    pub fn averages(&self) -> Vec<Metric> {
        if !self.options.wants("percent_agreement", true) {
            return Vec::new();
        }
        let of = |average: Average| {
            let params = Params { average: average.as_str(), ..Params::default() };
            let outcome = percent_agreement(self.tallies, average);
            Metric::new("percent_agreement", params, outcome, self.paired())
        };
        [Average::Labels, Average::Pairs].map(of).to_vec()
    }

    /// Returns how much the sets of two labelers have in common, not corrected for chance.
    pub fn sets(&self) -> Vec<Metric> {
        let both =
            [("mean_jaccard_agreement", SetDistance::Jaccard), ("mean_masi_agreement", SetDistance::Masi)];
        let wanted = both.into_iter().filter(|(name, distance)| {
            let usual = *distance == SetDistance::Jaccard;
            self.options.level == Level::Set && self.options.wants(name, usual)
        });
        let of = |(name, distance)| {
            let outcome = mean_similarity(self.tallies, &self.scheme.set_distance(distance));
            Metric::new(name, Params::default(), outcome, self.paired())
        };
        wanted.map(of).collect()
    }

    /// Returns Light's κ and Cohen's κ of every pair, under each of the weights asked for. `estimates` are those without
    /// weights.
    pub fn by_pair(&self, estimates: &[Result<Estimate, Undefined>]) -> Vec<Metric> {
        let names = self.table.labeler_names();
        let mut metrics = Vec::new();
        let Some(pairs) = self.pairs else { return metrics };
        if self.options.wants("light_kappa", true) {
            let (mean, defined) = light_kappa(estimates.iter().copied());
            let light = Metric::new("light_kappa", Params::default(), mean, self.paired());
            metrics.push(Metric { n_pairs: Some(defined), ..light });
        }
        if !self.options.wants("cohen_kappa", true) {
            return metrics;
        }
        for weights in self.weights() {
            let named = (!weights.is_identity()).then_some(weights.weighting);
            metrics.extend(pairs.iter().map(|pair| {
                let labelers =
                    [pair.labelers.0, pair.labelers.1].map(|labeler| names[labeler as usize].clone());
                let params = Params { pair: Some(labelers), weights: named, ..Params::default() };
                self.cohen("cohen_kappa.pair", params, &pair, &weights)
            }));
        }
        metrics
    }

    /// Returns every class against all others.
    pub fn by_class(&self) -> Vec<Metric> {
        let (pair, mut metrics) = (self.only_pair(), Vec::new());
        if self.table.classes().len() > MOST_CLASSES {
            return metrics;
        }
        for (class, of) in per_class(self.tallies).into_iter().enumerate() {
            let name = &self.table.classes()[class];
            let mut add = |metric: &'static str, outcome, usual| {
                let base = metric.split('.').next().unwrap_or(metric);
                if self.options.wants(base, usual) {
                    let params = Params { class: Some(name.clone()), ..Params::default() };
                    metrics.push(Metric::new(metric, params, outcome, (of.items, of.labels)));
                }
            };
            add("krippendorff_alpha.per_class", of.alpha, true);
            add("specific_agreement", of.specific, true);
            add("fleiss_kappa.per_class", of.fleiss, false);
            if let Some(pair) = &pair {
                add("cohen_kappa.per_class", cohen_of_class(pair, class as u32), false);
            }
        }
        metrics
    }
}

/// Returns the mean over items of 1 − δ² of their pairs of labels.
fn mean_similarity(tallies: &Tallies, distance: &Distance) -> Result<Estimate, Undefined> {
    distance.check(tallies.classes())?;
    let items = tallies.paired_items();
    if items == 0 {
        return Err(Undefined::NoItemWithTwoLabels);
    }
    let of = |tally: Tally<'_>| {
        let counts: Vec<(u32, f64)> =
            tally.counts.iter().map(|(class, count)| (*class, f64::from(*count))).collect();
        tally.items as f64 * (1.0 - distance.sum_over_pairs(&counts, &[]) / tally.pairs() as f64)
    };
    Ok(Estimate::plain(tallies.paired().map(of).sum::<f64>() / items as f64))
}

/// Returns `metric` between what its samples say, with their standard deviation where no standard error is known.
fn resampled(metric: Metric, resampled: Option<Resampled>) -> Metric {
    let metric = match (metric.se, resampled) {
        (None, Some(resampled)) => metric.with_se(Some(resampled.se), resampled.interval.method),
        _ => metric,
    };
    metric.between(resampled.map(|resampled| resampled.interval))
}
