//! A token bucket: `governor`'s rate limiter on tokio's clock.

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use std::{num::NonZeroU32, time::Duration};
use tokio::time::Instant;

/// Tokio's clock, which tests can pause. Its instants are durations since the limit was created.
#[derive(Clone, Copy, Debug)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>;

/// The longest period, 100 years. Twice as much can be counted in nanoseconds; longer ones are in effect the same.
const LONGEST: Duration = Duration::from_hours(100 * 366 * 24);

/// A quota per period. A full bucket can be emptied at once; it refills unit by unit.
pub(super) struct Bucket {
    /// The limiter; `None` if the size is 0.
    limiter: Option<Limiter>,
    clock: TokioClock,
    pub(super) size: u32,
    pub(super) period: Duration,
}

impl Bucket {
    pub(super) fn new(size: u32, period: Duration) -> Self {
        let clock = TokioClock(Instant::now());
        let period = period.min(LONGEST);
        let quota = NonZeroU32::new(size).and_then(|burst| {
            // Rounded up, so that the quota is never exceeded.
            let nanos = period.as_nanos().div_ceil(u128::from(size)).max(1);
            let each = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
            Some(Quota::with_period(each)?.allow_burst(burst))
        });
        let limiter = quota.map(|quota| RateLimiter::direct_with_clock(quota, clock));
        Bucket { limiter, clock, size, period }
    }

    /// Takes `count` units, which must not exceed the size. Otherwise returns the time until they are available.
    pub(super) fn take(&self, count: u32) -> Result<(), Duration> {
        let Some(count) = NonZeroU32::new(count) else { return Ok(()) };
        let Some(limiter) = &self.limiter else { return Err(Duration::MAX) };
        match limiter.check_n(count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(later)) => Err(later.wait_time_from(self.clock.now()).max(Duration::from_millis(1))),
            // More than the size, which callers never ask for.
            Err(_) => Err(Duration::MAX),
        }
    }
}
