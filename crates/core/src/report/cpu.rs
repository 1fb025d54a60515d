//! How long this thread has computed: the same on a busy machine as on an idle one.

use cpu_time::ThreadTime;

/// What `work` gives, and the CPU seconds it took this thread. Work of other threads is not counted;
/// the encoder's sessions run on the thread that calls them.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begun = ThreadTime::try_now();
    let done = work();
    // A system without such a clock measures nothing, and says NaN, which becomes null.
    let seconds = begun.and_then(|begun| begun.try_elapsed());
    (done, seconds.map_or(f64::NAN, |time| time.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::timed;

    #[test]
    fn sleeping_costs_no_cpu_time_and_counting_does() {
        let ((), asleep) = timed(|| std::thread::sleep(std::time::Duration::from_millis(30)));
        assert!(asleep < 0.02, "{asleep}");
        let count = |n: u64| (0..n).fold(1_u64, |a, b| std::hint::black_box(a ^ b));
        let (_, busy) = timed(|| count(20_000_000));
        assert!(busy > 0.001, "{busy}");
    }
}
