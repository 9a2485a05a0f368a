//! Random numbers from a seed: each stream of a seed is a sequence of its own, so that threads change nothing.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Uniform};

/// Returns the `stream`-th sequence of `seed`.
pub(super) fn stream(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

/// Returns a number from 0 to `bound` − 1; 0 where there is none.
pub(super) fn below(bound: u64, rng: &mut ChaCha8Rng) -> u64 {
    Uniform::new(0, bound).map_or(0, |uniform| uniform.sample(rng))
}
