use super::{claude, gpt, node, order, plain, search};
use catena::{
    Kind, Node, assert_chain,
    policy::{
        self, Verdict, blocking_stream, more_models_than, opaque_step, unbounded_retry, unmarked_tool_retry,
        untimed_model,
    },
    prelude::*,
};
use futures_util::{Stream, StreamExt};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[runnable]
fn upper(text: impl Stream<Item = catena::Result<String>> + Send) -> impl Stream<Item = catena::Result<String>> + Send {
    text.map(|piece| Ok(piece?.to_uppercase()))
}

/// The step that a policy refuses.
fn refused(policy: impl Fn(&Node) -> Verdict, chain: &impl Step) -> Option<&'static str> {
    let verdict = policy(node(chain));
    assert_eq!(verdict.is_refused(), verdict.step().is_some());
    verdict.step()
}

#[test]
fn a_model_needs_a_timeout_itself_or_around_it() {
    assert_eq!(refused(untimed_model, &gpt), Some("gpt"));
    assert_eq!(refused(untimed_model, &claude), None);
    assert_eq!(refused(untimed_model, &gpt.retry(2).timeout(SECOND)), None);
    assert_eq!(refused(untimed_model, &chain!(String => <a: claude, b: gpt>).timeout(SECOND)), None);
    assert_eq!(refused(untimed_model, &chain!(String => plain | <a: claude, b: plain | gpt>)), Some("gpt"));
    assert_eq!(refused(untimed_model, &claude.fallback(gpt)), Some("gpt"));
    assert_eq!(refused(untimed_model, &order), None);
}

#[test]
fn a_retry_is_bounded_where_its_type_says_so() {
    assert_eq!(refused(unbounded_retry, &claude), None);
    assert_eq!(refused(unbounded_retry, &gpt.retry(Retry::times::<2>())), None);
    assert_eq!(refused(unbounded_retry, &chain!(String => plain | gpt.retry(2))), Some("gpt"));
    assert_eq!(refused(unbounded_retry, &claude.retry(Retry::attempts(2))), Some("claude"));
}

#[test]
fn a_tool_is_retried_only_where_it_is_marked() {
    assert_eq!(refused(unmarked_tool_retry, &order), None);
    assert_eq!(refused(unmarked_tool_retry, &search.retry(3)), None);
    assert_eq!(refused(unmarked_tool_retry, &gpt.retry(3)), None);
    assert_eq!(refused(unmarked_tool_retry, &order.retry(3)), Some("order"));
    assert_eq!(refused(unmarked_tool_retry, &chain!(String => search | order).retry(3)), Some("order"));
    assert_eq!(refused(unmarked_tool_retry, &order.retry(Retry::times::<1>())), None);
}

#[test]
fn a_stream_that_stops_is_refused_as_assert_streams_does() {
    assert_eq!(refused(blocking_stream, &chain!(String => plain | upper | upper)), None);
    assert_eq!(refused(blocking_stream, &chain!(String => upper | plain | upper)), Some("plain"));
    assert!(blocking_stream(node(&plain)).is_refused());
}

#[test]
fn so_many_models_run_at_once_and_no_more() {
    let three = chain!(String => <a: gpt, b: claude, c: gpt>);
    assert_eq!(refused(more_models_than::<3>, &three), None);
    assert_eq!(refused(more_models_than::<2>, &three), Some("parallel"));
    assert_eq!(refused(more_models_than::<1>, &chain!(String => plain | <x: gpt.race(claude), y: plain>)), Some("gpt"));
    assert_eq!(refused(more_models_than::<0>, &chain!(String => plain | gpt)), Some("gpt"));
    assert_eq!(refused(more_models_than::<9>, &chain!(Vec<String> => gpt.map())), Some("gpt"));
    assert_eq!(refused(more_models_than::<0>, &chain!(String => plain | order)), None);
}

#[test]
fn what_cannot_be_looked_into_can_be_refused() {
    assert_eq!(refused(untimed_model, &chain!(String => plain | gpt.boxed())), None);
    assert_eq!(refused(opaque_step, &chain!(String => plain | gpt.boxed())), Some("gpt"));
    assert_eq!(refused(opaque_step, &chain!(String => plain | gpt)), None);
}

const fn raced(chain: &Node) -> Verdict {
    let mut walk = chain.walk();
    while let Some(visit) = walk.next() {
        if visit.within_race() && visit.is(Kind::Tool) {
            return visit.refused("runs even where it loses");
        }
    }
    Verdict::Allowed
}

mod of_a_house {
    use catena::{Node, policy::Verdict};

    pub(super) const fn longer_than<const N: usize>(chain: &Node) -> Verdict {
        if chain.steps() > N { Verdict::refused("it has more steps than that") } else { Verdict::Allowed }
    }
}

/// Under every policy there is, in the places where chains are built.
#[runnable(deny(untimed_model, unbounded_retry, unmarked_tool_retry, more_models_than::<2>, opaque_step, self::raced))]
fn allowed() -> impl Runnable<String, Output = String> {
    chain!(String => search.retry(Retry::times::<2>()) | <a: claude, b: gpt.timeout(SECOND)> | |both| both.a + &both.b)
}

#[runnable(name = "other", deny(of_a_house::longer_than::<2>))]
fn with_parameters<S>(step: S, early: bool) -> impl Runnable<String, Output = String>
where
    S: Runnable<String, Output = String>,
{
    let _ = early;
    step
}

struct House;

impl House {
    #[runnable(deny(untimed_model))]
    fn associated() -> impl Runnable<String, Output = String> {
        claude
    }

    #[runnable(deny(blocking_stream))]
    fn method(&self) -> impl Runnable<String, Output = String> + use<> {
        chain!(String => plain | upper)
    }
}

#[tokio::test]
async fn a_chain_that_is_allowed_runs_as_any_other() -> catena::Result<()> {
    assert_eq!(allowed().invoke("a".into()).await?, "aa");
    assert_eq!(with_parameters(plain, true).invoke("b".into()).await?, "b");
    assert_eq!(House::associated().invoke("c".into()).await?, "c");
    assert_eq!(House.method().invoke("d".into()).await?, "D");
    assert_eq!(node(&allowed()).name(), Some("allowed"));
    assert_eq!(node(&with_parameters(plain, true)).name(), Some("other"));
    Ok(())
}

assert_chain!(fn allowed, policy::untimed_model, raced, of_a_house::longer_than::<4>);

#[test]
fn a_value_is_checked_where_it_is() {
    let chain = chain!(String => claude | order);
    assert_chain!(chain, policy::untimed_model);
    assert_chain!(chain!(String => claude | order), policy::more_models_than::<1>, self::raced,);
}
