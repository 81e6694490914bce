"""The cases of the Rust program that LangChain can do, each beside the same by hand.

A case has a group, a name, and contenders: a name and a function without arguments, or one that is asynchronous. What cannot
be done has a reason.
"""

import asyncio

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import (
    RunnableBranch,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
)

from steps import (
    QUESTION,
    TEXT,
    add,
    amix,
    arelay,
    first,
    length,
    mix,
    model,
    parse,
    prompt,
    refuse,
    relay,
    source,
    sources,
    spaces,
    triple,
    wait,
)

HAND = "by hand (Python)"
AHAND = "by hand (Python, async)"
INVOKE = "langchain-core (Python)"
AINVOKE = "langchain-core (Python, async)"

Adds = RunnableLambda(add)
Triples = RunnableLambda(triple)
Mixes = RunnableLambda(mix, afunc=amix)
Waits = RunnableLambda(wait)
Refuses = RunnableLambda(refuse)


def ok(value):
    """As Rust writes `Ok` of it."""
    return f"Ok({value})"


def chained(steps):
    chain = steps[0]
    for step in steps[1:]:
        chain = chain | step
    return chain


def both(chain, input):
    return {INVOKE: lambda: chain.invoke(input), AINVOKE: lambda: chain.ainvoke(input)}


def sequences():
    yield "1 ready step", ok, {HAND: lambda: mix(7), AHAND: lambda: amix(7), **both(Mixes, 7)}

    async def three():
        return await amix(triple(add(7)))

    chain = Adds | Triples | Mixes
    yield "3 ready steps", ok, {HAND: lambda: mix(triple(add(7))), AHAND: three, **both(chain, 7)}

    def ten():
        n = 7
        n = triple(add(n))
        n = triple(add(n))
        n = triple(add(n))
        n = triple(add(n))
        return mix(add(n))

    chain = chained([Adds, Triples] * 4 + [Adds, Mixes])
    yield "10 ready steps", ok, {HAND: ten, **both(chain, 7)}

    def hundred():
        n = 7
        for _ in range(50):
            n = add(mix(n))
        return n

    chain = chained([Mixes, Adds] * 50)
    yield "100 ready steps", ok, {HAND: hundred, **both(chain, 7)}

    async def waits():
        return await wait(await wait(await wait(7)))

    chain = Waits | Waits | Waits
    yield "3 steps that wait once", ok, {AHAND: waits, AINVOKE: lambda: chain.ainvoke(7)}

    texts = RunnableLambda(prompt) | RunnableLambda(model) | RunnableLambda(parse)
    yield "prompt, model, parser over text", ok, {
        HAND: lambda: parse(model(prompt(QUESTION))),
        **both(texts, QUESTION),
    }
    yield "3 ready steps behind a pointer", None, "all of its steps are behind pointers: see `3 ready steps`"


def maps():
    def three():
        a, b, c = add(7), triple(7), mix(7)
        return a ^ b ^ c

    joined = RunnableLambda(lambda r: r["a"] ^ r["b"] ^ r["c"])
    chain = RunnableParallel(a=Adds, b=Triples, c=Mixes) | joined
    yield "3 ready branches", ok, {HAND: three, **both(chain, 7)}

    names = "abcdefghijkl"
    chain = RunnableParallel({name: Mixes for name in names}) | RunnableLambda(lambda r: sum(r.values()))
    yield "12 ready branches", ok, {HAND: lambda: sum(mix(7) for _ in names), **both(chain, 7)}

    async def waiting():
        a, b, c = await asyncio.gather(wait(7), wait(7), wait(7))
        return a ^ b ^ c

    waits = RunnableParallel(a=Waits, b=Waits, c=Waits) | joined
    yield "3 branches that wait once", ok, {AHAND: waiting, AINVOKE: lambda: waits.ainvoke(7)}

    chain = RunnableParallel(
        long=RunnableLambda(length), wide=RunnableLambda(spaces), byte=RunnableLambda(first)
    ) | RunnableLambda(lambda r: r["long"] + r["wide"] + r["byte"])
    yield "3 branches that read 16 KiB", ok, {
        HAND: lambda: length(TEXT) + spaces(TEXT) + first(TEXT),
        **both(chain, TEXT),
    }

    def nested():
        n = add(7)
        a, b = mix(add(n)), mix(triple(n))
        return mix(a ^ b)

    chain = (
        Adds
        | RunnableParallel(a=Adds | Mixes, b=Triples | Mixes)
        | RunnableLambda(lambda r: r["a"] ^ r["b"])
        | Mixes
    )
    yield "a step, a map of sequences, a step", ok, {HAND: nested, **both(chain, 7)}

    async def over_a_list():
        return list(await asyncio.gather(*(wait(n) for n in range(100))))

    each = Waits.map()
    yield "a step over a list of 100", ok, {
        AHAND: over_a_list,
        AINVOKE: lambda: each.ainvoke(list(range(100))),
    }


def branches():
    chain = RunnableBranch((lambda n: n % 2 == 0, Triples), Mixes)
    yield "2 arms", ok, {HAND: lambda: triple(7) if 7 % 2 == 0 else mix(7), **both(chain, 7)}

    def eight(n=7):
        match n:
            case 0:
                return add(n)
            case 1:
                return triple(n)
            case 2:
                return mix(n)
            case 3:
                return triple(add(n))
            case 4:
                return add(triple(n))
            case 5:
                return add(mix(n))
            case 6:
                return triple(mix(n))
            case _:
                return mix(triple(n))

    chain = RunnableBranch(
        (lambda n: n == 0, Adds),
        (lambda n: n == 1, Triples),
        (lambda n: n == 2, Mixes),
        (lambda n: n == 3, Adds | Triples),
        (lambda n: n == 4, Triples | Adds),
        (lambda n: n == 5, Mixes | Adds),
        (lambda n: n == 6, Mixes | Triples),
        Triples | Mixes,
    )
    yield "8 arms", ok, {HAND: eight, **both(chain, 7)}


def tried(times, work):
    """As one writes it for one step."""
    for attempt in range(1, times + 1):
        try:
            return work()
        except ValueError:
            if attempt == times:
                raise


def fails(work):
    try:
        work()
    except ValueError:
        return True
    return False


def recovered(work):
    try:
        return work(7)
    except ValueError:
        return add(7)


def modifiers():
    named = Mixes.with_config(run_name="mix")
    yield "a name", ok, {HAND: lambda: mix(7), **both(named, 7)}
    retried = Mixes.with_retry(stop_after_attempt=3)
    yield "a retry that is not needed", ok, {HAND: lambda: tried(3, lambda: mix(7)), **both(retried, 7)}
    in_vain = Refuses.with_retry(stop_after_attempt=3, wait_exponential_jitter=False)
    yield "a retry that is, twice in vain", lambda value: str(value).lower(), {
        HAND: lambda: fails(lambda: tried(3, lambda: refuse(7))),
        INVOKE: lambda: fails(lambda: in_vain.invoke(7)),
    }
    unused = Mixes.with_fallbacks([Adds])
    yield "a fallback that is not needed", ok, {HAND: lambda: recovered(mix), **both(unused, 7)}
    used = Refuses.with_fallbacks([Adds])
    yield "a fallback that is", ok, {HAND: lambda: recovered(refuse), **both(used, 7)}
    yield "a timeout that is not reached", None, "it has no timeouts for steps"


def batches():
    chain = Adds | Waits | Triples

    async def one(n):
        return triple(await wait(add(n)))

    def at(limit):
        async def by_hand():
            turns = asyncio.Semaphore(limit)

            async def in_turn(n):
                async with turns:
                    return await one(n)

            return sum(await asyncio.gather(*(in_turn(n) for n in range(1000))))

        async def batch():
            return sum(await chain.abatch(list(range(1000)), {"max_concurrency": limit}))

        return {AHAND: by_hand, AINVOKE: batch}

    for limit in (1, 10, 100):
        yield f"1,000 inputs, {limit} at a time", str, at(limit)
    million = "not timed: it would take a thousand times as long as 1,000 inputs"
    yield "1,000,000 inputs, 100 at a time, as completed", None, million


def streams():
    first_step = RunnableGenerator(sources)
    step = RunnableGenerator(relay, atransform=arelay)

    def by_hand(steps):
        chunks = source(1000)
        for _ in range(steps):
            chunks = relay(chunks)
        return sum(1 for _ in chunks)

    def of(steps):
        chain = chained([first_step] + [step] * steps)
        return {
            HAND: lambda: by_hand(steps),
            INVOKE: lambda: sum(1 for _ in chain.stream(1000)),
        }

    yield "1,000 chunks through 1 step", str, of(1)
    yield "1,000 chunks through 3 steps", str, of(3)
    yield "1,000 chunks through 10 steps", str, of(10)

    chain = RunnableParallel(a=first_step, b=first_step, c=first_step)
    yield "1,002 chunks of a map of 3", str, {
        HAND: lambda: sum(1 for chunks in (source(334), source(334), source(334)) for _ in chunks),
        INVOKE: lambda: sum(1 for _ in chain.stream(334)),
    }


class Nothing(BaseCallbackHandler):
    """Is told of each step, and does nothing."""


def observed():
    chain = Adds | Triples | Mixes

    async def events():
        answer = None
        async for event in chain.astream_events(7, version="v2"):
            if event["event"] == "on_chain_end":
                answer = event["data"]["output"]
        return answer

    yield "off: 3 ready steps", ok, {"langchain-core (Python)": lambda: chain.invoke(7)}
    yield "an observer that does nothing: 3 ready steps", ok, {
        "langchain-core (Python), a callback that does nothing": lambda: chain.invoke(7, {"callbacks": [Nothing()]}),
    }
    yield "events with JSON: 3 ready steps", ok, {"langchain-core (Python), `astream_events`": events}


GROUPS = {
    "Sequences": sequences,
    "Maps": maps,
    "Branches": branches,
    "Modifiers": modifiers,
    "Batches": batches,
    "Streams": streams,
    "Observed": observed,
}
