"""The same chain of ten steps with LangGraph's checkpointers: `python langgraph_bench.py FOLDER [POSTGRES URL]`."""

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph


class State(TypedDict):
    text: str


def answer(state: State) -> State:
    text = state["text"][:100]
    return {"text": text + " and so on" * ((2000 - len(text)) // 10)}


STEPS = 10


def graph(saver):
    builder = StateGraph(State)
    names = [f"step{n}" for n in range(STEPS)]
    for name in names:
        builder.add_node(name, answer)
    for before, after in zip([START, *names], [*names, END]):
        builder.add_edge(before, after)
    return builder.compile(checkpointer=saver)


def one_by_one(saver, name):
    # "sync": a step is kept before the next begins, as in Catena.
    plain, kept = graph(None), graph(saver)

    def median(run):
        times = []
        for n in range(50):
            begun = time.perf_counter()
            run(n)
            times.append((time.perf_counter() - begun) / STEPS)
        return sorted(times)[len(times) // 2] * 1e6

    without = median(lambda n: plain.invoke({"text": "Why?"}))
    with_saver = median(
        lambda n: kept.invoke(
            {"text": "Why?"}, {"configurable": {"thread_id": f"{name}-{n}"}}, durability="sync"
        )
    )
    print(f"{name}: a step {with_saver - without:.1f} us beyond the step ({without:.1f} us)")


def at_once(saver, name, runs=100):
    kept = graph(saver)

    def run(n):
        kept.invoke({"text": "Why?"}, {"configurable": {"thread_id": f"{name}-many-{n}"}}, durability="sync")

    with ThreadPoolExecutor(runs) as pool:
        begun, used = time.perf_counter(), time.process_time()
        list(pool.map(run, range(runs)))
        took, used = time.perf_counter() - begun, time.process_time() - used
    per_step = used / (STEPS * runs) * 1e6
    print(f"{name}: {runs} runs at once, {STEPS * runs / took:.0f} steps a second; {per_step:.0f} us of a processor a step")


folder = tempfile.mkdtemp(dir=sys.argv[1])
with SqliteSaver.from_conn_string(f"{folder}/langgraph.db") as saver:
    one_by_one(saver, "langgraph sqlite")
    at_once(saver, "langgraph sqlite")
if len(sys.argv) > 2:
    from langgraph.checkpoint.postgres import PostgresSaver

    with PostgresSaver.from_conn_string(sys.argv[2]) as saver:
        saver.setup()
        one_by_one(saver, "langgraph postgres")
        at_once(saver, "langgraph postgres")
