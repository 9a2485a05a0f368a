//! A moment in time: microseconds since 1970-01-01T00:00:00 UTC.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Microseconds since the Unix epoch, UTC, between the years 1 and 9999. Written as RFC 3339 with `Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text or number that is no moment between the years 1 and 9999.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time: write 2026-05-04, 2026-05-04T10:20:30Z or 2026-05-04 10:20:30+02:00")]
pub struct NotATime(pub String);

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

impl Timestamp {
    /// One day.
    pub const DAY_MICROS: i64 = 86_400_000_000;

    /// Returns the moment `micros` after the epoch, `None` outside the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        RANGE.contains(&micros).then_some(Self(micros))
    }

    /// Returns the microseconds since the epoch.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Returns the moment `micros` later, held inside the years 1 to 9999.
    pub fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros).clamp(*RANGE.start(), *RANGE.end()))
    }

    /// Returns `yyyy-mm`, the folder a record lies in.
    pub fn month(self) -> String {
        self.date_time().format("%Y-%m").to_string()
    }

    /// Returns `yyyy-mm-dd`, UTC.
    pub fn date(self) -> String {
        self.date_time().format("%Y-%m-%d").to_string()
    }

    /// Returns `yyyy-mm-dd hh:mm`, UTC, for people.
    pub fn minute(self) -> String {
        self.date_time().format("%Y-%m-%d %H:%M").to_string()
    }

    /// Returns the midnight its week began with: Monday to Sunday, UTC.
    pub fn monday(self) -> Self {
        let days = self.0.div_euclid(Self::DAY_MICROS);
        // The first day of all was a Thursday.
        let since_monday = (days + 3).rem_euclid(7);
        Self((days - since_monday) * Self::DAY_MICROS).plus_micros(0)
    }

    fn date_time(self) -> DateTime<chrono::Utc> {
        DateTime::from_timestamp_micros(self.0).expect("a Timestamp lies between the years 1 and 9999")
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    /// Reads RFC 3339, the same with a space for the `T`, without an offset (then UTC), or a date alone (midnight UTC).
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let refuse = || NotATime(text.chars().take(80).collect());
        let plain = |format| NaiveDateTime::parse_from_str(text, format).ok().map(|time| time.and_utc());
        let date = || {
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()
                .map(|date| date.and_time(NaiveTime::MIN).and_utc())
        };
        let time = DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| time.to_utc())
            .or_else(|| plain("%Y-%m-%dT%H:%M:%S%.f"))
            .or_else(|| plain("%Y-%m-%d %H:%M:%S%.f"))
            .or_else(|| plain("%Y-%m-%dT%H:%M"))
            .or_else(|| plain("%Y-%m-%d %H:%M"))
            .or_else(|| {
                DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z").ok().map(|time| time.to_utc())
            })
            .or_else(date)
            .ok_or_else(refuse)?;
        Self::from_micros(time.timestamp_micros()).ok_or_else(refuse)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = if self.0 % 1_000_000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Micros };
        f.write_str(&self.date_time().to_rfc3339_opts(precision, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_monday() {
        let of = |text: &str| text.parse::<Timestamp>().unwrap().monday().date();
        assert_eq!(of("2025-05-05T00:00:00Z"), "2025-05-05");
        assert_eq!(of("2025-05-11T23:59:59Z"), "2025-05-05");
        assert_eq!(of("2025-05-12T00:00:00Z"), "2025-05-12");
        assert_eq!(of("1969-12-31T12:00:00Z"), "1969-12-29");
        assert_eq!(of("0001-01-01T00:00:00Z"), "0001-01-01");
        assert_eq!(of("9999-12-31T23:59:59Z"), "9999-12-27");
    }

    #[test]
    fn times_are_read_as_utc_and_written_as_rfc_3339() {
        for (text, written) in [
            ("2023-09-16T10:01:23Z", "2023-09-16T10:01:23Z"),
            ("2023-09-16 10:01:23", "2023-09-16T10:01:23Z"),
            ("2023-09-16 10:01:23+02:00", "2023-09-16T08:01:23Z"),
            ("2022-10-31T21:19:19.131290Z", "2022-10-31T21:19:19.131290Z"),
            ("2023-09-16T10:01", "2023-09-16T10:01:00Z"),
            ("2023-09-16", "2023-09-16T00:00:00Z"),
        ] {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), written, "{text}");
        }
        for text in ["", "yesterday", "2023-13-01", "16/09/2023", "1694858483", "12023-09-16"] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
