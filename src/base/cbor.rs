//! Deterministic CBOR: the core requirements of RFC 8949 §4.2.1 (shortest heads, shortest floats, definite lengths).
//!
//! Only what canonical rows need: null, booleans, integers, text, arrays and floats. Writing only; nothing in hitl
//! ever reads CBOR back.

/// Appends the head of a data item of `major` type with argument `value`, in its shortest form.
#[inline]
fn head(out: &mut Vec<u8>, major: u8, value: u64) {
    let major = major << 5;
    match value {
        0..=23 => out.push(major | value as u8),
        24..=0xff => out.extend([major | 24, value as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend((value as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend((value as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend(value.to_be_bytes());
        }
    }
}

/// Appends null.
#[inline]
pub fn null(out: &mut Vec<u8>) {
    out.push(0xf6);
}

/// Appends a boolean.
pub fn bool(out: &mut Vec<u8>, value: bool) {
    out.push(if value { 0xf5 } else { 0xf4 });
}

/// Appends an integer.
#[inline]
pub fn int(out: &mut Vec<u8>, value: i64) {
    match u64::try_from(value) {
        Ok(value) => head(out, 0, value),
        Err(_) => head(out, 1, (-1 - value) as u64),
    }
}

/// Appends a text string, UTF-8.
#[inline]
pub fn text(out: &mut Vec<u8>, value: &str) {
    head(out, 3, value.len() as u64);
    out.extend(value.as_bytes());
}

/// Appends the head of an array; its `len` items follow.
#[inline]
pub fn array(out: &mut Vec<u8>, len: usize) {
    head(out, 4, len as u64);
}

/// Appends a float in the shortest of half, single and double precision that keeps its value.
///
/// `value` is neither NaN nor −0: both are refused where rows are made.
pub fn float(out: &mut Vec<u8>, value: f64) {
    let single = value as f32;
    let half = half::f16::from_f64(value);
    if half.to_f64() == value {
        out.push(0xf9);
        out.extend(half.to_be_bytes());
    } else if f64::from(single) == value {
        out.push(0xfa);
        out.extend(single.to_be_bytes());
    } else {
        out.push(0xfb);
        out.extend(value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8949, appendix A.
    #[test]
    fn published_examples() {
        let hex = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            write(&mut out);
            out.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        for (value, expected) in
            [(0, "00"), (23, "17"), (24, "1818"), (1000, "1903e8"), (1_000_000_000_000, "1b000000e8d4a51000")]
        {
            assert_eq!(hex(&|out| int(out, value)), expected);
        }
        for (value, expected) in
            [(-1, "20"), (-100, "3863"), (-1000, "3903e7"), (i64::MIN, "3b7fffffffffffffff")]
        {
            assert_eq!(hex(&|out| int(out, value)), expected);
        }
        for (value, expected) in [
            (1.0, "f93c00"),
            (1.1, "fb3ff199999999999a"),
            (100_000.0, "fa47c35000"),
            (5.960464477539063e-8, "f90001"),
            (3.4028234663852886e+38, "fa7f7fffff"),
        ] {
            assert_eq!(hex(&|out| float(out, value)), expected);
        }
        assert_eq!(hex(&|out| text(out, "ü")), "62c3bc");
        assert_eq!(hex(&|out| array(out, 25)), "9819");
        assert_eq!(hex(&|out| null(out)), "f6");
        assert_eq!(hex(&|out| bool(out, true)), "f5");
    }
}
