//! How unlike two units are: α·d_pos + β·d_cat.
//!
//! d_pos = ((|Δstart| + |Δend|)/(length_u + length_v))²·Δ_∅, d_cat = Δ_∅ where the classes differ, else 0; a unit and
//! none are Δ_∅ apart. Mathet, Widlöcher & Métivier (2015), Computational Linguistics 41:437-479, section 4, with the
//! divisor of the authors' program and pygamma-agreement (the sum of the lengths).

use super::spans::Span;

/// A unit: a span, or one made up at random, whose ends need not be whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Where it starts.
    pub start: f64,
    /// Where it ends, after its start.
    pub end: f64,
    /// The number of its class.
    pub label: u32,
}

impl From<Span> for Unit {
    fn from(span: Span) -> Self {
        Self { start: f64::from(span.start), end: f64::from(span.end), label: span.label }
    }
}

impl Unit {
    /// Orders units along the text.
    pub(super) fn order(&self, other: &Self) -> std::cmp::Ordering {
        let ends = self.start.total_cmp(&other.start).then(self.end.total_cmp(&other.end));
        ends.then(self.label.cmp(&other.label))
    }
}

/// How place and class weigh. All weights are positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dissimilarity {
    /// The weight of the place.
    pub alpha: f64,
    /// The weight of the class.
    pub beta: f64,
    /// Δ_∅: how far a unit is from none.
    pub delta_empty: f64,
}

impl Default for Dissimilarity {
    /// All weights 1, as pygamma-agreement has them.
    fn default() -> Self {
        Self { alpha: 1.0, beta: 1.0, delta_empty: 1.0 }
    }
}

impl Dissimilarity {
    /// Returns d_pos, unweighted. Units without length are alike or infinitely far.
    pub fn positional(&self, one: &Unit, other: &Unit) -> f64 {
        let shift = (one.start - other.start).abs() + (one.end - other.end).abs();
        if shift == 0.0 {
            return 0.0;
        }
        let ratio = shift / ((one.end - one.start) + (other.end - other.start));
        ratio * ratio * self.delta_empty
    }

    /// Returns d_cat, unweighted.
    pub fn categorical(&self, one: &Unit, other: &Unit) -> f64 {
        if one.label == other.label { 0.0 } else { self.delta_empty }
    }

    /// Returns α·d_pos + β·d_cat.
    pub fn between(&self, one: &Unit, other: &Unit) -> f64 {
        self.alpha * self.positional(one, other) + self.beta * self.categorical(one, other)
    }
}
