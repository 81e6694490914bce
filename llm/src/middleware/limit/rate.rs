use super::bucket::Bucket;
use crate::{Chat, ChatModel, ChatRequest, Message, MessageChunk, metering::estimate, model::same_as};
use catena::{Chunks, Context, Details, Error, ErrorKind, Result};
use futures_util::TryStreamExt;
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A limit on requests and tokens per minute. A clone is the same limit.
///
/// ```
/// use catena_llm::{limit::RateLimit, testing::Scripted};
///
/// let limit = RateLimit::per_minute().requests(60).tokens(90_000);
/// let fast = Scripted::answers(["Hi"]).chat().rate_limited(&limit);
/// let good = Scripted::answers(["Hello"]).chat().rate_limited(&limit); // both share the quota
/// ```
///
/// The limit is a token bucket that is full at first. The quota of a minute can be used at once, and refills by a
/// sixtieth each second. In a minute that starts with a full bucket, almost twice the quota can therefore be used. If
/// the provider counts strictly, set half.
///
/// Requests wait for the bucket in order of arrival. A request that would wait beyond the run's deadline fails
/// immediately with [`ErrorKind::RateLimited`], so that a fallback can take over. A request that needs more tokens than
/// the bucket holds fails immediately with [`ErrorKind::BadInput`].
///
/// # Tokens
/// Tokens are reserved before a request is sent, by an [estimate](RateLimit::estimate). The default is one token per
/// four characters of the messages, and the `max_tokens` of the answer if that is set. When the answer reports its
/// usage, the difference is settled. Unused tokens are available to the next requests within the same minute; the next
/// requests wait for missing ones. If the answer reports no usage, for example because it failed, the estimate stands.
#[derive(Clone)]
pub struct RateLimit {
    period: Duration,
    requests: Option<Arc<Bucket>>,
    tokens: Option<Arc<TokenBucket>>,
    estimate: Arc<Estimate>,
    /// Held while waiting, by one request at a time, so that small requests do not overtake a large one forever.
    queue: Arc<tokio::sync::Mutex<()>>,
}

type Estimate = dyn Fn(&ChatRequest) -> u64 + Send + Sync;

struct TokenBucket {
    bucket: Bucket,
    ledger: Mutex<Ledger>,
}

/// The errors of estimates that are not yet settled.
#[derive(Default)]
struct Ledger {
    /// Tokens that were used but not reserved.
    debt: u64,
    /// Tokens that were reserved but not used, with their times. They expire after the time in which an unused bucket
    /// would be full.
    credits: VecDeque<(Instant, u64)>,
}

impl RateLimit {
    /// Creates a limit per minute, without quotas so far.
    pub fn per_minute() -> Self {
        RateLimit::per(Duration::from_mins(1))
    }

    /// Creates a limit per period, without quotas so far.
    pub fn per(period: Duration) -> Self {
        let estimate = |request: &ChatRequest| {
            estimate::input(request).saturating_add(u64::from(request.options.max_tokens.unwrap_or(0)))
        };
        RateLimit { period, requests: None, tokens: None, estimate: Arc::new(estimate), queue: Arc::default() }
    }

    /// Sets the maximum number of requests per period. With 0, every request fails.
    pub fn requests(mut self, count: u32) -> Self {
        self.requests = Some(Arc::new(Bucket::new(count, self.period)));
        self
    }

    /// Sets the maximum number of input and output tokens per period. With 0, every request fails.
    pub fn tokens(mut self, count: u32) -> Self {
        let bucket = Bucket::new(count, self.period);
        self.tokens = Some(Arc::new(TokenBucket { bucket, ledger: Mutex::default() }));
        self
    }

    /// Sets the function that estimates the tokens of a request. Replaces the [default estimate](RateLimit#tokens).
    pub fn estimate(mut self, estimate: impl Fn(&ChatRequest) -> u64 + Send + Sync + 'static) -> Self {
        self.estimate = Arc::new(estimate);
        self
    }

    /// Waits until the request may be sent. Returns the number of tokens that are reserved for it.
    async fn reserve(&self, request: &ChatRequest, cx: &Context) -> Result<u64> {
        let estimate = if self.tokens.is_some() { (self.estimate)(request) } else { 0 };
        if let Some(tokens) = &self.tokens {
            let size = tokens.bucket.size;
            if estimate.max(1) > u64::from(size) {
                let message = format!(
                    "the request needs about {estimate} tokens, and the limit is {size} each {:?}: it can never be sent",
                    tokens.bucket.period
                );
                return Err(Error::new(ErrorKind::BadInput, message));
            }
        }
        if let Some(requests) = &self.requests
            && requests.size == 0
        {
            return Err(Error::new(ErrorKind::BadInput, "the limit allows no requests at all"));
        }
        let _queue = self.queue.lock().await;
        // Tokens first: if the deadline does not allow to wait for them, no request is taken from the quota.
        if let Some(tokens) = &self.tokens {
            tokens.reserve(estimate, cx).await?;
        }
        if let Some(requests) = &self.requests {
            take(requests, 1, cx, "requests").await?;
        }
        Ok(estimate)
    }

    /// Settles the difference between the reserved tokens and the usage of the answer.
    fn settle(&self, reserved: u64, answer: Option<u64>) {
        if let (Some(tokens), Some(used)) = (&self.tokens, answer) {
            tokens.settle(reserved, used);
        }
    }
}

/// Waits for `count` units of a bucket, which must not exceed its size, and takes them.
async fn take(bucket: &Bucket, count: u32, cx: &Context, what: &str) -> Result<()> {
    while let Err(wait) = bucket.take(count) {
        if cx.time_left().is_some_and(|left| wait >= left) {
            let (size, period) = (bucket.size, bucket.period);
            let message = format!(
                "the limit of {size} {what} each {period:?} is reached: there is room in {wait:?}, after the run's deadline"
            );
            return Err(Error::new(ErrorKind::RateLimited { retry_after: Some(wait) }, message));
        }
        tokio::time::sleep(wait).await;
    }
    Ok(())
}

impl TokenBucket {
    async fn reserve(&self, estimate: u64, cx: &Context) -> Result<()> {
        let (debt, credit) = self.outstanding(estimate);
        let mut left = estimate.saturating_add(debt).saturating_sub(credit);
        while left > 0 {
            let part = u32::try_from(left).unwrap_or(u32::MAX).min(self.bucket.size);
            take(&self.bucket, part, cx, "tokens").await?;
            left -= u64::from(part);
        }
        self.pay(debt, credit);
        Ok(())
    }

    /// Returns the debt, and the part of the credits that pays for the debt and the estimate.
    fn outstanding(&self, estimate: u64) -> (u64, u64) {
        let mut ledger = self.ledger();
        let now = Instant::now();
        while ledger.credits.front().is_some_and(|(since, _)| now.duration_since(*since) >= self.bucket.period) {
            ledger.credits.pop_front();
        }
        let credit: u64 = ledger.credits.iter().map(|(_, count)| count).sum();
        (ledger.debt, credit.min(estimate.saturating_add(ledger.debt)))
    }

    fn pay(&self, debt: u64, mut credit: u64) {
        let mut ledger = self.ledger();
        ledger.debt = ledger.debt.saturating_sub(debt);
        while credit > 0
            && let Some((_, count)) = ledger.credits.front_mut()
        {
            let used = credit.min(*count);
            *count -= used;
            credit -= used;
            if *count == 0 {
                ledger.credits.pop_front();
            }
        }
    }

    fn settle(&self, reserved: u64, used: u64) {
        let mut ledger = self.ledger();
        if used > reserved {
            ledger.debt = ledger.debt.saturating_add(used - reserved);
        } else if reserved > used {
            ledger.credits.push_back((Instant::now(), reserved - used));
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<&RateLimit> for RateLimit {
    fn from(limit: &RateLimit) -> Self {
        limit.clone()
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit")
            .field("period", &self.period)
            .field("requests", &self.requests.as_ref().map(|bucket| bucket.size))
            .field("tokens", &self.tokens.as_ref().map(|tokens| tokens.bucket.size))
            .finish_non_exhaustive()
    }
}

/// A model with a limit on requests and tokens per minute; created by [`Chat::rate_limited`]. A clone shares the limit.
#[derive(Clone, Debug)]
pub struct RateLimited<M> {
    model: M,
    limit: RateLimit,
}

impl<M: ChatModel> Chat<M> {
    /// Limits the requests and tokens per minute; see [`RateLimit`].
    pub fn rate_limited(self, limit: impl Into<RateLimit>) -> Chat<RateLimited<M>> {
        self.map_model(|model| RateLimited { model, limit: limit.into() })
    }
}

impl<M: ChatModel> ChatModel for RateLimited<M> {
    same_as!(self, self.model);

    fn details(&self, details: &mut Details) {
        self.model.details(details);
        let RateLimit { period, requests, tokens, .. } = &self.limit;
        details.set("rate_limit_seconds", period.as_secs_f64());
        if let Some(requests) = requests {
            details.set("rate_limit_requests", requests.size);
        }
        if let Some(tokens) = tokens {
            details.set("rate_limit_tokens", tokens.bucket.size);
        }
    }

    async fn complete(&self, request: ChatRequest, cx: &Context) -> Result<Message> {
        let reserved = self.limit.reserve(&request, cx).await?;
        let answer = self.model.complete(request, cx).await?;
        self.limit.settle(reserved, answer.usage().map(|usage| usage.total_tokens()));
        Ok(answer)
    }

    fn stream<'a>(&'a self, request: ChatRequest, cx: &'a Context) -> Chunks<'a, MessageChunk> {
        Chunks::open(async move {
            let mut reserved = self.limit.reserve(&request, cx).await?;
            let chunks = self.model.stream(request, cx);
            Ok(Chunks::new(chunks.inspect_ok(move |chunk| {
                // If several chunks report a usage, each is the total so far.
                if let Some(usage) = chunk.usage() {
                    let used = usage.total_tokens();
                    self.limit.settle(reserved, Some(used));
                    reserved = used;
                }
            })))
        })
    }
}
