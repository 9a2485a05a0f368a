//! Times as most programs write them, read without looking for other ways to.

use super::super::values;

/// Reads a time as cells of times are read: microseconds since the epoch, `None` when it is none.
pub fn micros(given: &[u8]) -> Option<i64> {
    if let Some(micros) = plain(given) {
        return Some(micros);
    }
    values::time(std::str::from_utf8(given).ok()?).ok().map(|time| time.micros())
}

/// Reads `2026-05-04T10:20:30Z`, with a space for the T and without the Z alike.
fn plain(given: &[u8]) -> Option<i64> {
    let (given, rest) = given.split_first_chunk::<19>()?;
    let marks = [given[4], given[7], given[13], given[16]] == *b"--::" && matches!(given[10], b'T' | b' ');
    if !marks || !matches!((given[10], rest), (_, []) | (b'T', b"Z")) {
        return None;
    }
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
        })
    };
    let (year, month, day) = (number(&given[..4])?, number(&given[5..7])?, number(&given[8..10])?);
    let (hour, minute, second) = (number(&given[11..13])?, number(&given[14..16])?, number(&given[17..])?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let most = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year == 0 || !(1..=most).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Years that begin in March, so that the leap day is the last.
    let (from_march, year) = if month > 2 { (month - 3, year) } else { (month + 9, year - 1) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (from_march * 153 + 2) / 5 + day - 1;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    Some((((days - 719_468) * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unusual_times_are_left_to_those_who_know_them() {
        for text in [
            "2023-02-29T00:00:00Z",
            "2023-09-16 10:01:23Z",
            "0000-01-01T00:00:00",
            "2023-09-16T24:00:00Z",
            "2023-09-16T10:01:60Z",
            "2023-09-16T10:01:23+02:00",
            "2023-09-16",
            "1694858483",
            "+023-09-16T10:01:23",
        ] {
            assert_eq!(plain(text.as_bytes()), None, "{text}");
            assert_eq!(micros(text.as_bytes()), values::time(text).ok().map(|time| time.micros()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn plain_times_are_what_they_are_elsewhere(
            date in (1..10_000_i64, 1..13, 1..29), time in (0..24, 0..60, 0..60),
            parts in prop::sample::select(vec![("T", "Z"), ("T", ""), (" ", "")]),
        ) {
            let (((year, month, day), (hour, minute, second)), (between, after)) = ((date, time), parts);
            let text =
                format!("{year:04}-{month:02}-{day:02}{between}{hour:02}:{minute:02}:{second:02}{after}");
            prop_assert_eq!(plain(text.as_bytes()), Some(values::time(&text).unwrap().micros()));
        }

        #[test]
        fn every_day_is_the_day_after_the_one_before(days in -719_162..2_932_897_i64) {
            let time = crate::base::Timestamp::from_micros(days * 86_400_000_000).unwrap();
            prop_assert_eq!(plain(time.to_string().as_bytes()), Some(time.micros()));
        }
    }
}
