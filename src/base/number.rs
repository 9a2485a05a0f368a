//! Numbers as people read them.

/// Returns a coefficient with three decimals; a value that rounds to zero has no sign.
pub fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    if text == "-0.000" { "0.000".to_owned() } else { text }
}

/// Returns a share as a percentage with one decimal. 0 % and 100 % mean none and all: what only rounds to them is
/// written `<0.1%` or `>99.9%`.
pub fn percent(share: f64) -> String {
    let text = format!("{:.1}%", share * 100.0);
    match text.as_str() {
        "0.0%" if share > 0.0 => "<0.1%".to_owned(),
        "100.0%" if share < 1.0 => ">99.9%".to_owned(),
        "0.0%" | "-0.0%" => "0%".to_owned(),
        "100.0%" => "100%".to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roundness_is_never_pretended() {
        assert_eq!(
            [number(0.24147), number(-0.00001), number(-1.0), number(1.0)],
            ["0.241", "0.000", "-1.000", "1.000"]
        );
        let shares = [0.0, 0.0002, 0.62869, 0.99999, 1.0];
        assert_eq!(shares.map(percent), ["0%", "<0.1%", "62.9%", ">99.9%", "100%"]);
    }
}
