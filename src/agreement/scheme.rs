//! What the classes of a table are at a level of measurement: their order, their values, their sets.

use std::collections::BTreeMap;

use super::Undefined;
use super::level::{Distance, Level, SetDistance};
use super::weights::{Weighting, Weights};
use crate::base::text;
use crate::table::{Domain, DomainSource};

/// Classes, as a level of measurement sees them.
#[derive(Clone, Debug)]
pub struct Scheme {
    level: Level,
    /// The classes' numbers; their places in the order where they are no numbers. Empty for nominal classes and sets.
    values: Vec<f64>,
    /// Whether `values` are the classes' own numbers.
    numeric: bool,
    /// The place of each class in the order.
    order: Vec<u32>,
    /// The sets, as sorted numbers of what is in them.
    sets: Vec<Vec<u32>>,
}

/// Why labels cannot be measured at a level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// Labels are no numbers.
    #[error("{} level wants numbers, and {} {}", .level.as_str(), some(.labels), if .labels.len() == 1 { "is none" } else { "are none" })]
    NotNumbers {
        /// The level.
        level: Level,
        /// The labels.
        labels: Vec<String>,
    },
    /// Nobody declared in which order the labels are.
    #[error("ordinal level wants to know the order of the labels, and {} have none", some(.labels))]
    NoOrder {
        /// The labels.
        labels: Vec<String>,
    },
    /// Linear or quadratic weights are asked of labels without an order.
    #[error("{weighting} weights want labels that have an order, and at {} level they have none", .level.as_str())]
    NoWeights {
        /// The level.
        level: Level,
        /// Linear or quadratic.
        weighting: &'static str,
    },
    /// A label is no list of what the level measures.
    #[error("`{label}` is no label of {}: {reason}", match .level { Level::Box => "boxes", Level::Ranking => "rankings", _ => "spans" })]
    Structure {
        /// The level.
        level: Level,
        /// The label.
        label: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Labels are not on the declared scale.
    #[error("{} {} on the scale: {}", some(.labels), if .labels.len() == 1 { "is not" } else { "are not" }, .scale.join(", "))]
    OffScale {
        /// The labels.
        labels: Vec<String>,
        /// The classes, in order.
        scale: Vec<String>,
    },
}

impl Scheme {
    /// Returns what the classes of `domain` are at `level`.
    ///
    /// # Errors
    /// They are no numbers, or have no order.
    pub fn of(domain: &Domain, level: Level) -> Result<Self, LevelError> {
        let number = |class: &String| class.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        let numbers: Vec<Option<f64>> = domain.classes.iter().map(number).collect();
        let numeric = numbers.iter().all(Option::is_some);
        let mut scheme = Self { level, values: Vec::new(), numeric, order: Vec::new(), sets: Vec::new() };
        let declared = domain.source == DomainSource::Declared && domain.undeclared.is_empty();
        match level {
            Level::Nominal | Level::Span | Level::Box | Level::Ranking => {}
            Level::Set => scheme.sets = sets(&domain.classes),
            Level::Interval | Level::Ratio if !numeric => {
                let none = domain.classes.iter().zip(&numbers).filter(|(_, number)| number.is_none());
                return Err(LevelError::NotNumbers {
                    level,
                    labels: none.map(|(class, _)| class.clone()).collect(),
                });
            }
            // What is declared has its place for a value: on an ordinal scale differences of numbers mean nothing.
            // What merely occurs may lack a class in between, which the numbers tell.
            Level::Ordinal | Level::Interval | Level::Ratio
                if numeric && (level != Level::Ordinal || !declared) =>
            {
                scheme.values = numbers.into_iter().flatten().collect();
                let mut by_value: Vec<u32> = (0..scheme.values.len() as u32).collect();
                by_value.sort_by(|a, b| scheme.values[*a as usize].total_cmp(&scheme.values[*b as usize]));
                scheme.order = vec![0; by_value.len()];
                (0..).zip(by_value).for_each(|(place, class)| scheme.order[class as usize] = place);
            }
            _ if domain.source == DomainSource::Observed => {
                return Err(LevelError::NoOrder { labels: domain.classes.clone() });
            }
            _ if !domain.undeclared.is_empty() => {
                let scale = domain.classes[..domain.classes.len() - domain.undeclared.len()].to_vec();
                return Err(LevelError::OffScale { labels: domain.undeclared.clone(), scale });
            }
            _ => {
                scheme.order = (0..domain.classes.len() as u32).collect();
                scheme.values = scheme.order.iter().map(|place| f64::from(*place)).collect();
            }
        }
        Ok(scheme)
    }

    /// Returns the level.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Returns the distance that α measures at the level, by the name of its level.
    pub fn distance(&self) -> Distance {
        self.distance_at(self.level).unwrap_or(Distance::Nominal)
    }

    /// Returns the distance of another level; `None` where these classes have none of it.
    pub fn distance_at(&self, level: Level) -> Option<Distance> {
        match level {
            Level::Nominal => Some(Distance::Nominal),
            Level::Set if self.level == Level::Set => Some(self.set_distance(SetDistance::Masi)),
            Level::Set | Level::Span | Level::Box | Level::Ranking => None,
            _ if self.values.is_empty() => None,
            Level::Ordinal => Some(Distance::Ordinal(self.order.clone())),
            Level::Interval => Some(Distance::Interval(self.values.clone())),
            Level::Ratio if self.numeric && self.values.iter().all(|value| *value >= 0.0) => {
                Some(Distance::Ratio(self.values.clone()))
            }
            Level::Ratio => None,
        }
    }

    /// Returns a distance of sets, at the level of sets.
    pub fn set_distance(&self, distance: SetDistance) -> Distance {
        Distance::Sets(distance, self.sets.clone())
    }

    /// Whether linear or quadratic weights can be asked of the classes.
    ///
    /// # Errors
    /// They have no order.
    pub fn check(&self, weighting: Option<Weighting>) -> Result<(), LevelError> {
        match weighting.filter(|_| self.values.is_empty()) {
            Some(weighting) => {
                Err(LevelError::NoWeights { level: self.level, weighting: weighting.as_str() })
            }
            None => Ok(()),
        }
    }

    /// Returns linear or quadratic weights; `None` where the classes have no order, the reason where they have too many.
    pub fn weights(&self, weighting: Weighting) -> Option<Result<Weights, Undefined>> {
        (!self.values.is_empty()).then(|| Weights::of_values(weighting, &self.values))
    }
}

/// Returns the sets that labels stand for: JSON lists, or classes joined by `|`; nothing is the empty set.
fn sets(labels: &[String]) -> Vec<Vec<u32>> {
    let mut known = BTreeMap::<String, u32>::new();
    labels
        .iter()
        .map(|label| {
            let listed = serde_json::from_str::<Vec<String>>(label);
            let members = listed.unwrap_or_else(|_| {
                label.split('|').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
            });
            let mut set: Vec<u32> = members
                .into_iter()
                .map(|member| {
                    let next = known.len() as u32;
                    *known.entry(member).or_insert(next)
                })
                .collect();
            set.sort_unstable();
            set.dedup();
            set
        })
        .collect()
}

/// Names the first few of `labels`, and how many more there are.
pub(super) fn some(labels: &[String]) -> String {
    let named: Vec<String> = labels.iter().take(5).map(|label| format!("`{label}`")).collect();
    match labels.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {}", named.join(", "), text::plural(more, "other", "others")),
    }
}
