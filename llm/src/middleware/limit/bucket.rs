//! What fills up again with time: `governor`'s cells, on tokio's clock.

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use std::{num::NonZeroU32, time::Duration};
use tokio::time::Instant;

/// Tokio's clock, so that tests can stop it, as the time since the limit was made.
#[derive(Clone, Copy, Debug)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>;

/// So many in a period, all of them at once where none was taken before, and then as they come back one by one.
pub(super) struct Bucket {
    /// Nothing where none are allowed.
    limiter: Option<Limiter>,
    clock: TokioClock,
    pub(super) size: u32,
    pub(super) period: Duration,
}

impl Bucket {
    pub(super) fn new(size: u32, period: Duration) -> Self {
        let clock = TokioClock(Instant::now());
        let quota = NonZeroU32::new(size).and_then(|burst| {
            // Rounded up: never more than were asked for.
            let nanos = period.as_nanos().div_ceil(u128::from(size)).max(1);
            let each = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
            Some(Quota::with_period(each)?.allow_burst(burst))
        });
        let limiter = quota.map(|quota| RateLimiter::direct_with_clock(quota, clock));
        Bucket { limiter, clock, size, period }
    }

    /// Take so many, at most as many as there can be; or the time until they will be there.
    pub(super) fn take(&self, count: u32) -> Result<(), Duration> {
        let Some(count) = NonZeroU32::new(count) else { return Ok(()) };
        let Some(limiter) = &self.limiter else { return Err(Duration::MAX) };
        match limiter.check_n(count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(later)) => Err(later.wait_time_from(self.clock.now()).max(Duration::from_millis(1))),
            // More than there can ever be: never asked for.
            Err(_) => Err(Duration::MAX),
        }
    }
}
