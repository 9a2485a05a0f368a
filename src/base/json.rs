//! Canonical JSON: RFC 8785 (keys sorted by UTF-16, no white space, ECMAScript numbers).

use serde_json::Value;

/// Returns `value` in the form of RFC 8785. Integers beyond 2^53 are written as the nearest double, as the RFC says.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value);
    out
}

fn write(out: &mut String, value: &Value) {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => out.push_str(&value.to_string()),
        Value::Number(number) => out.push_str(&number_text(number.as_f64().unwrap_or(0.0))),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(out, item);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(out, item);
            }
            out.push('}');
        }
    }
}

/// Returns a finite number as ECMAScript's Number.prototype.toString writes it.
fn number_text(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let magnitude = number.abs();
    if (1e-6..1e21).contains(&magnitude) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8785 §3.2.2 and appendix B.
    #[test]
    fn published_examples() {
        let value: Value = serde_json::from_str(
            r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,1e-27],"\u20ac":"$","a":[null,true]}"#,
        )
        .unwrap();
        assert_eq!(
            canonical(&value),
            "{\"a\":[null,true],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"€\":\"$\"}"
        );
    }
}
