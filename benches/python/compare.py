"""Times LangChain beside the same by hand, and writes what it finds as JSON: compare.py ROUNDS "Group: case" .."""

import asyncio
import importlib.metadata
import inspect
import json
import platform
import statistics
import sys
import time

from cases import GROUPS

SAMPLE = 0.004
"""Seconds that one sample takes at least."""


async def seconds(call, times):
    begun = time.perf_counter()
    for _ in range(times):
        answer = call()
        if inspect.isawaitable(answer):
            await answer
    return time.perf_counter() - begun


async def seconds_sync(call, times):
    begun = time.perf_counter()
    for _ in range(times):
        call()
    return time.perf_counter() - begun


async def measure(contenders, rounds):
    """Their answers, and nanoseconds of one call in each round; they take turns."""
    runs, answers = [], []
    for call in contenders.values():
        answer = call()
        waits = inspect.isawaitable(answer)
        answers.append(await answer if waits else answer)
        run, times = (seconds if waits else seconds_sync), 1
        while await run(call, times) < SAMPLE:
            times *= 2
        runs.append((run, call, times, []))
    for turn in range(rounds):
        for which in range(len(runs)):
            run, call, times, samples = runs[(turn + which) % len(runs)]
            samples.append(await run(call, times) / times * 1e9)
    return answers, [samples for _, _, _, samples in runs]


def quartiles(samples):
    samples = sorted(samples)
    last = len(samples) - 1
    return [statistics.median(samples), samples[round(last * 0.25)], samples[round(last * 0.75)]]


async def main():
    rounds, wanted = int(sys.argv[1]), set(sys.argv[2:])
    known, rows, without = set(), [], []
    for group, cases in GROUPS.items():
        for case, shown, contenders in cases():
            known.add(f"{group}: {case}")
            if f"{group}: {case}" not in wanted:
                continue
            if shown is None:
                without.append({"group": group, "case": case, "why": contenders})
                continue
            answers, samples = await measure(contenders, rounds)
            for who, answer, its in zip(contenders, answers, samples):
                row = {"group": group, "case": case, "who": who, "answer": shown(answer)}
                rows.append(row | {"nanoseconds": quartiles(its)})
    for name in sorted(wanted - known):
        group, case = name.split(": ", 1)
        if group in GROUPS:
            without.append({"group": group, "case": case, "why": "not written for it"})
    found = {
        "interpreter": f"{platform.python_implementation()} {platform.python_version()}",
        "version": importlib.metadata.version("langchain-core"),
        "rows": rows,
        "without": without,
    }
    json.dump(found, sys.stdout)


asyncio.run(main())
