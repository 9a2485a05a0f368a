//! Boxes: marked regions of an image, upright.
//!
//! In: a box label as the ledger has it, a JSON list of objects with `x`, `y`, `width`, `height` and perhaps `label`
//! (or `rectanglelabels: [..]`, `labels: [..]`). The unit of length may be anything, the same throughout an item. A
//! rotated box is refused: tools give sides in percent of an image whose size is not known here, and what a rotation
//! makes of them is not known without it.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::names::{Named, Names};
use super::parse::{self, ParseError};

/// An upright box whose area is a positive number. Boxes of one class stand together in order.
#[derive(Clone, Copy, Debug)]
pub struct BoundingBox {
    label: u32,
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl BoundingBox {
    /// Returns the box, if it has an area that numbers can hold.
    pub fn new(label: u32, x: f64, y: f64, width: f64, height: f64) -> Option<Self> {
        let this = Self { label, left: x, top: y, right: x + width, bottom: y + height };
        // Twice the area must be finite too: so large is the sum of two.
        let sides = this.right > this.left && this.bottom > this.top;
        (sides && this.area() > 0.0 && (2.0 * this.area()).is_finite()).then_some(this)
    }

    /// Returns the number of its class.
    pub fn label(&self) -> u32 {
        self.label
    }

    fn area(&self) -> f64 {
        (self.right - self.left) * (self.bottom - self.top)
    }

    /// Returns intersection over union: 1 for equal boxes, 0 for those that share no area.
    pub fn iou(&self, other: &Self) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        if width <= 0.0 || height <= 0.0 {
            return 0.0;
        }
        let common = width * height;
        common / (self.area() + other.area() - common)
    }

    /// Returns the box as if it had no class.
    pub(super) fn unlabelled(self) -> Self {
        Self { label: 0, ..self }
    }
}

impl Ord for BoundingBox {
    fn cmp(&self, other: &Self) -> Ordering {
        let edges = |this: &Self| [this.left, this.top, this.right, this.bottom];
        let compare = |(a, b): (f64, f64)| a.total_cmp(&b);
        let by_edge = edges(self).into_iter().zip(edges(other)).map(compare);
        self.label.cmp(&other.label).then(by_edge.fold(Ordering::Equal, Ordering::then))
    }
}

impl PartialOrd for BoundingBox {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for BoundingBox {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for BoundingBox {}

impl Named for BoundingBox {
    fn name_mut(&mut self) -> &mut u32 {
        &mut self.label
    }
}

/// Reads a box label; classes get their numbers from `classes`, a missing one is the empty text.
///
/// # Errors
/// What is wrong with which part.
pub fn parse_boxes(label: &str, classes: &mut Names) -> Result<Vec<BoundingBox>, ParseError> {
    parse::list(label)?.iter().zip(1..).map(|(value, part)| bounding_box(value, part, classes)).collect()
}

fn bounding_box(value: &Value, part: usize, classes: &mut Names) -> Result<BoundingBox, ParseError> {
    let wanted = "a box with `x`, `y`, `width` and `height`";
    let object = value.as_object().ok_or(ParseError::WrongShape { part, wanted })?;
    if let Some(degrees) =
        object.get("rotation").filter(|degrees| !degrees.is_null() && degrees.as_f64() != Some(0.0))
    {
        return Err(ParseError::Rotated { part, degrees: parse::quoted(degrees) });
    }
    let side = |key| number(object, key, part);
    let (x, y, width, height) = (side("x")?, side("y")?, side("width")?, side("height")?);
    let class = classes.number(&parse::class(object));
    BoundingBox::new(class, x, y, width, height).ok_or_else(|| ParseError::NoArea {
        part,
        width: width.to_string(),
        height: height.to_string(),
    })
}

fn number(object: &Map<String, Value>, key: &'static str, part: usize) -> Result<f64, ParseError> {
    let value = object.get(key).ok_or(ParseError::Missing { part, key })?;
    value.as_f64().filter(|number| number.is_finite()).ok_or_else(|| ParseError::NotANumber {
        part,
        key,
        given: parse::quoted(value),
        wanted: "a number",
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn boxes_are_read_or_refused_with_what_is_wrong() {
        let read = |label: &str| parse_boxes(label, &mut Names::default()).map_err(|error| error.to_string());
        let label = r#"[{"height":2,"label":"cat","width":4,"x":1,"y":1.5},
            {"height":2,"rectanglelabels":["dog"],"rotation":0,"width":4,"x":1,"y":1.5}]"#;
        let of = |class| BoundingBox::new(class, 1.0, 1.5, 4.0, 2.0).unwrap();
        assert_eq!(read(label), Ok(vec![of(0), of(1)]));
        for (label, message) in [
            ("[[1,2,3,4]]", "part 1 is not a box with `x`, `y`, `width` and `height`"),
            (r#"[{"x":1,"y":2,"width":3}]"#, "part 1 has no `height`"),
            (r#"[{"x":1,"y":"2","width":3,"height":1}]"#, "part 1: `y` is \"2\", not a number"),
            (r#"[{"x":1,"y":2,"width":0,"height":1}]"#, "part 1 is a box without area: width 0, height 1"),
            (r#"[{"x":1,"y":2,"width":-3,"height":1}]"#, "part 1 is a box without area: width -3, height 1"),
            (r#"[{"x":1e17,"y":2,"width":1,"height":1}]"#, "part 1 is a box without area: width 1, height 1"),
            (
                r#"[{"x":1,"y":2,"width":3,"height":1,"rotation":12.5}]"#,
                "part 1 is a box rotated by 12.5 degrees, which cannot be compared",
            ),
        ] {
            assert_eq!(read(label), Err(message.to_owned()), "{label}");
        }
        assert!(BoundingBox::new(0, 0.0, 0.0, 1e200, 1e200).is_none());
        assert!(BoundingBox::new(0, f64::NAN, 0.0, 1.0, 1.0).is_none());
    }

    proptest! {
        #[test]
        fn iou_is_a_symmetric_share(sides in prop::collection::vec((-50.0..50.0f64, -50.0..50.0f64, 1e-3..60.0f64, 1e-3..60.0f64), 2)) {
            let boxes: Vec<_> = sides.iter().map(|(x, y, width, height)| BoundingBox::new(0, *x, *y, *width, *height).unwrap()).collect();
            let iou = boxes[0].iou(&boxes[1]);
            prop_assert_eq!(iou, boxes[1].iou(&boxes[0]));
            prop_assert!((0.0..=1.0).contains(&iou));
            prop_assert_eq!(boxes[0].iou(&boxes[0]), 1.0);
        }
    }

    /// 2×2 boxes shifted by one: 1 of 7.
    #[test]
    fn iou_by_hand() {
        let of = |x, y| BoundingBox::new(0, x, y, 2.0, 2.0).unwrap();
        assert_eq!(of(0.0, 0.0).iou(&of(1.0, 1.0)), 1.0 / 7.0);
        assert_eq!(of(0.0, 0.0).iou(&of(2.0, 0.0)), 0.0);
    }
}
