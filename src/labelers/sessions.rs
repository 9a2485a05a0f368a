//! Sessions: runs of a labeler's answers without a gap of 30 minutes, and their halves by time.

use super::outcome::Timed;

/// A gap this long, or longer, between two answers ends a session: 30 minutes, in microseconds.
pub const SESSION_GAP_MICROS: i64 = 30 * 60 * 1_000_000;

/// Iterates over the sessions of `timed`, which are in order of time.
pub(super) fn sessions<'t, 'a>(timed: &'t [Timed<'a>]) -> impl Iterator<Item = &'t [Timed<'a>]> {
    timed.chunk_by(|a, b| b.at - a.at < SESSION_GAP_MICROS)
}

/// Splits a session at half its time; the middle belongs to the first half.
///
/// Half its time, not of its answers: several answers of one moment then fall on one side, whatever their order.
pub(super) fn halves<'t, 'a>(session: &'t [Timed<'a>]) -> (&'t [Timed<'a>], &'t [Timed<'a>]) {
    let (Some(first), Some(last)) = (session.first(), session.last()) else { return (session, session) };
    let length = last.at - first.at;
    session.split_at(session.partition_point(|timed| 2 * (timed.at - first.at) <= length))
}

#[cfg(test)]
mod tests {
    use super::super::answer::Answer;
    use super::super::outcome::timed;
    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn lengths(times: &[i64]) -> Vec<(usize, usize)> {
        let answers: Vec<_> = times.iter().map(|at| Answer { at: Some(*at), ..Answer::default() }).collect();
        let timed = timed(&answers);
        let halves = sessions(&timed).map(halves);
        halves.map(|(early, late)| (early.len(), late.len())).collect()
    }

    #[test]
    fn a_gap_of_30_minutes_ends_a_session_and_one_microsecond_less_does_not() {
        assert_eq!(lengths(&[0, 30 * MINUTE]), [(1, 0), (1, 0)]);
        assert_eq!(lengths(&[0, 30 * MINUTE - 1]), [(1, 1)]);
        assert_eq!(lengths(&[]), []);
    }

    #[test]
    fn halves_are_by_time_and_one_moment_is_one_half() {
        assert_eq!(lengths(&[0, MINUTE, 2 * MINUTE, 20 * MINUTE]), [(3, 1)]);
        assert_eq!(lengths(&[0, 10 * MINUTE, 10 * MINUTE, 20 * MINUTE]), [(3, 1)]);
        assert_eq!(lengths(&[5, 5, 5]), [(3, 0)]);
    }
}
