//! Weights: how far two labels that differ agree all the same, for κ and its kin.
//!
//! w_kk = 1. Linear 1 − |x_k − x_l|/(x_max − x_min), quadratic 1 − ((x_k − x_l)/(x_max − x_min))², with x the classes'
//! numbers, or their places in the declared order where they are no numbers. Cohen (1968), Psychological Bulletin
//! 70:213-220; Cicchetti & Allison (1971), American Journal of EEG Technology 11:101-109; Fleiss & Cohen (1973),
//! Educational and Psychological Measurement 33:613-619.

use serde::Serialize;

use super::Undefined;

/// Which weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weighting {
    /// None: two labels agree or they do not.
    #[default]
    Identity,
    /// By how far apart the classes are.
    Linear,
    /// By the square of how far apart they are.
    Quadratic,
    /// As the user gave them.
    Custom,
}

impl Weighting {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Linear => "linear",
            Self::Quadratic => "quadratic",
            Self::Custom => "custom",
        }
    }
}

/// A number for every two classes, in rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    classes: usize,
    cells: Vec<f64>,
}

/// Why a matrix is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MatrixError {
    /// Not as many rows and columns as classes.
    #[error("weights are wanted for every two of {classes} classes: {classes} rows of {classes} numbers")]
    Shape {
        /// How many classes there are.
        classes: usize,
    },
    /// A cell that is no finite number of 0 or more.
    #[error("row {row}, column {column} is not a number of 0 or more")]
    Cell {
        /// Counted from 1.
        row: usize,
        /// Counted from 1.
        column: usize,
    },
    /// The two halves differ.
    #[error("row {row}, column {column} is not what row {column}, column {row} is")]
    Lopsided {
        /// Counted from 1.
        row: usize,
        /// Counted from 1.
        column: usize,
    },
    /// The diagonal is neither all 0 nor all 1.
    #[error("the diagonal has to be 0 throughout (weights of disagreement) or 1 throughout (of agreement)")]
    Diagonal,
}

impl Matrix {
    /// Returns the number for `row` and `column`.
    pub fn at(&self, row: u32, column: u32) -> f64 {
        self.cells[row as usize * self.classes + column as usize]
    }

    /// Returns the weights of disagreement that `rows` are, or that follow from them where their diagonal is 1.
    ///
    /// # Errors
    /// Why they are none for so many classes.
    pub fn disagreement(rows: &[Vec<f64>], classes: usize) -> Result<Self, MatrixError> {
        if rows.len() != classes || rows.iter().any(|row| row.len() != classes) {
            return Err(MatrixError::Shape { classes });
        }
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let (from_one, across) = ((row + 1, column + 1), rows[column][row]);
                if !cell.is_finite() || *cell < 0.0 {
                    return Err(MatrixError::Cell { row: from_one.0, column: from_one.1 });
                }
                if (cell - across).abs() > 1e-12 {
                    return Err(MatrixError::Lopsided { row: from_one.0, column: from_one.1 });
                }
            }
        }
        let diagonal = |wanted: f64| (0..classes).all(|class| rows[class][class] == wanted);
        let cells = rows.iter().flatten();
        let cells = match (diagonal(0.0), diagonal(1.0)) {
            (true, _) => cells.copied().collect(),
            (_, true) => cells.map(|cell| 1.0 - cell).collect(),
            _ => return Err(MatrixError::Diagonal),
        };
        Ok(Self { classes, cells })
    }
}

/// More classes than this have no table of weights.
pub(super) const MOST_CLASSES: usize = 4_096;

/// The weights of agreement of every two classes.
#[derive(Clone, Debug)]
pub struct Weights {
    /// Which they are.
    pub weighting: Weighting,
    classes: usize,
    /// None where only equal classes agree.
    matrix: Option<Matrix>,
}

impl Weights {
    /// Returns the weights that let only equal ones of `classes` classes agree.
    pub fn identity(classes: usize) -> Self {
        Self { weighting: Weighting::Identity, classes, matrix: None }
    }

    /// Returns linear or quadratic weights of classes with `values`.
    ///
    /// # Errors
    /// There are too many classes for a table.
    pub fn of_values(weighting: Weighting, values: &[f64]) -> Result<Self, Undefined> {
        let classes = values.len();
        let (least, most) = (
            values.iter().copied().fold(f64::INFINITY, f64::min),
            values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        );
        let weight = |a: f64, b: f64| {
            let apart = if a == b { 0.0 } else { (a - b).abs() / (most - least) };
            match weighting {
                Weighting::Quadratic => 1.0 - apart * apart,
                _ => 1.0 - apart,
            }
        };
        if classes > MOST_CLASSES {
            return Err(Undefined::TooManyClasses);
        }
        let cells = values.iter().flat_map(|a| values.iter().map(move |b| weight(*a, *b))).collect();
        Ok(Self { weighting, classes, matrix: Some(Matrix { classes, cells }) })
    }

    /// Returns the weights of agreement that go with weights of disagreement: 1 − d/d_max.
    pub fn of_disagreement(disagreement: &Matrix) -> Self {
        let most = disagreement.cells.iter().copied().fold(0.0, f64::max);
        let scale = if most == 0.0 { 1.0 } else { most };
        let cells = disagreement.cells.iter().map(|cell| 1.0 - cell / scale).collect();
        let classes = disagreement.classes;
        Self { weighting: Weighting::Custom, classes, matrix: Some(Matrix { classes, cells }) }
    }

    /// Returns the number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Whether only equal classes agree.
    pub fn is_identity(&self) -> bool {
        self.matrix.is_none()
    }

    /// Returns w_kl.
    pub fn at(&self, k: u32, l: u32) -> f64 {
        match &self.matrix {
            Some(matrix) => matrix.at(k, l),
            None => f64::from(u8::from(k == l)),
        }
    }

    /// Returns Σ_k Σ_l w_kl.
    pub fn total(&self) -> f64 {
        self.matrix.as_ref().map_or(self.classes as f64, |matrix| matrix.cells.iter().sum())
    }

    /// Returns Σ_l w_kl x_l for every class k.
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        match &self.matrix {
            None => x.to_vec(),
            Some(matrix) => matrix
                .cells
                .chunks_exact(self.classes.max(1))
                .map(|row| row.iter().zip(x).map(|(weight, x)| weight * x).sum())
                .collect(),
        }
    }

    /// Returns Σ_k r_k (r*_k − 1), r*_k = Σ_l w_kl r_l: the ordered pairs of labels that agree.
    pub fn agreeing(&self, counts: &[(u32, u32)]) -> f64 {
        match &self.matrix {
            None => {
                counts.iter().map(|(_, count)| u64::from(*count) * u64::from(count - 1)).sum::<u64>() as f64
            }
            Some(matrix) => {
                let weighted = |k: u32| -> f64 {
                    counts.iter().map(|(l, count)| matrix.at(k, *l) * f64::from(*count)).sum()
                };
                counts.iter().map(|(k, count)| f64::from(*count) * (weighted(*k) - 1.0)).sum()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_matrix_says_where() {
        let rows = |rows: &[&[f64]]| rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
        let of = |cells: &[&[f64]]| Matrix::disagreement(&rows(cells), 2);
        assert_eq!(of(&[&[0.0, 1.0]]), Err(MatrixError::Shape { classes: 2 }));
        assert_eq!(of(&[&[0.0, f64::NAN], &[1.0, 0.0]]), Err(MatrixError::Cell { row: 1, column: 2 }));
        assert_eq!(of(&[&[0.0, 2.0], &[1.0, 0.0]]), Err(MatrixError::Lopsided { row: 1, column: 2 }));
        assert_eq!(of(&[&[0.0, 2.0], &[2.0, 1.0]]), Err(MatrixError::Diagonal));
        let agreement = of(&[&[1.0, 0.25], &[0.25, 1.0]]).unwrap();
        assert_eq!((agreement.at(0, 1), agreement.at(1, 1)), (0.75, 0.0));
    }

    #[test]
    fn weights_fall_with_distance() {
        let linear = Weights::of_values(Weighting::Linear, &[1.0, 2.0, 5.0]).unwrap();
        let quadratic = Weights::of_values(Weighting::Quadratic, &[1.0, 2.0, 5.0]).unwrap();
        assert_eq!((linear.at(0, 1), linear.at(0, 2), quadratic.at(0, 1)), (0.75, 0.0, 1.0 - 1.0 / 16.0));
        assert_eq!(linear.agreeing(&[(0, 1), (1, 1)]), 1.5);
        assert_eq!(Weights::identity(3).agreeing(&[(0, 2), (1, 1)]), 2.0);
        let alone = Weights::of_values(Weighting::Linear, &[3.0]).unwrap();
        assert_eq!(alone.at(0, 0), 1.0);
    }
}
