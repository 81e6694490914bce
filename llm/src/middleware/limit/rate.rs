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

/// How many requests and tokens a minute a model is asked for. A clone is the same limit.
///
/// ```
/// use catena_llm::{limit::RateLimit, testing::Scripted};
///
/// let limits = RateLimit::per_minute().requests(60).tokens(90_000);
/// let fast = Scripted::answers(["Hi"]).chat().rate_limited(&limits);
/// let good = Scripted::answers(["Hello"]).chat().rate_limited(&limits); // of both together
/// ```
///
/// It is a bucket that is full at first: the whole minute's worth may go at once, and comes back little by little, a sixtieth
/// each second. (Over a minute that starts with a full bucket nearly twice as many may thus be asked for; where the provider
/// counts strictly, set half.) What is asked for when it is empty waits, first come, first served; where it would wait beyond
/// the run's deadline it fails at once with [`ErrorKind::RateLimited`], so that a fallback can go elsewhere. A request that
/// needs more tokens than the bucket holds fails at once with [`ErrorKind::BadInput`].
///
/// # Tokens
/// They are reserved before a request is sent, by an [estimate](RateLimit::estimate): a token for every four characters sent,
/// and the `max_tokens` of the answer where they are set. When the answer tells what it took, the difference is settled: what
/// was too much is there for the next requests of the same minute, what was too little they wait for. Where an answer does not
/// tell, as one that failed, the estimate stands.
#[derive(Clone)]
pub struct RateLimit {
    period: Duration,
    requests: Option<Arc<Bucket>>,
    tokens: Option<Arc<TokenBucket>>,
    estimate: Arc<Estimate>,
    /// Held while waiting, by one at a time: a big request is not overtaken by small ones for ever.
    queue: Arc<tokio::sync::Mutex<()>>,
}

type Estimate = dyn Fn(&ChatRequest) -> u64 + Send + Sync;

struct TokenBucket {
    bucket: Bucket,
    ledger: Mutex<Ledger>,
}

/// What estimates were wrong by.
#[derive(Default)]
struct Ledger {
    /// Used, and not reserved.
    debt: u64,
    /// Reserved, and not used: since when. It expires when the bucket, left alone, would have been full.
    credits: VecDeque<(Instant, u64)>,
}

impl RateLimit {
    /// Nothing limited yet, by the minute.
    pub fn per_minute() -> Self {
        RateLimit::per(Duration::from_mins(1))
    }

    /// Nothing limited yet, by another period than a minute.
    pub fn per(period: Duration) -> Self {
        let estimate = |request: &ChatRequest| {
            estimate::input(request).saturating_add(u64::from(request.options.max_tokens.unwrap_or(0)))
        };
        RateLimit { period, requests: None, tokens: None, estimate: Arc::new(estimate), queue: Arc::default() }
    }

    /// At most so many requests in the period. With 0, each fails.
    pub fn requests(mut self, count: u32) -> Self {
        self.requests = Some(Arc::new(Bucket::new(count, self.period)));
        self
    }

    /// At most so many tokens in the period, sent and answered. With 0, each request fails.
    pub fn tokens(mut self, count: u32) -> Self {
        let bucket = Bucket::new(count, self.period);
        self.tokens = Some(Arc::new(TokenBucket { bucket, ledger: Mutex::default() }));
        self
    }

    /// How many tokens to reserve for a request, in place of the [usual estimate](RateLimit#tokens).
    pub fn estimate(mut self, estimate: impl Fn(&ChatRequest) -> u64 + Send + Sync + 'static) -> Self {
        self.estimate = Arc::new(estimate);
        self
    }

    /// Wait until the request may be sent; how many tokens are reserved for it.
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
        // Tokens first: where the deadline forbids to wait for them, no request is used up.
        if let Some(tokens) = &self.tokens {
            tokens.reserve(estimate, cx).await?;
        }
        if let Some(requests) = &self.requests {
            take(requests, 1, cx, "requests").await?;
        }
        Ok(estimate)
    }

    /// What the answer took in truth.
    fn settle(&self, reserved: u64, answer: Option<u64>) {
        if let (Some(tokens), Some(used)) = (&self.tokens, answer) {
            tokens.settle(reserved, used);
        }
    }
}

/// Take so many of a bucket, at most as many as it holds, when they are there.
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

    /// The debt, and how much of the credits would pay for it and the estimate.
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

/// A model that is asked only so often in a minute; made by [`Chat::rate_limited`]. A clone shares the limit.
#[derive(Clone, Debug)]
pub struct RateLimited<M> {
    model: M,
    limit: RateLimit,
}

impl<M: ChatModel> Chat<M> {
    /// Ask it for no more requests and tokens a minute than this; see [`RateLimit`].
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
                // Where several chunks tell, each tells of the whole so far.
                if let Some(usage) = chunk.usage() {
                    let used = usage.total_tokens();
                    self.limit.settle(reserved, Some(used));
                    reserved = used;
                }
            })))
        })
    }
}
