"""The work that is composed: the steps of the Rust program, as functions of Python."""

import asyncio

QUESTION = "What is quantum computing?"
TEXT = "lorem ipsum " * (16 * 1024 // 12)
BITS = (1 << 64) - 1


def add(n):
    return (n + 1) & BITS


def triple(n):
    return (n * 3) & BITS


def mix(n):
    return n ^ 0x55


async def amix(n):
    return n ^ 0x55


async def wait(n):
    """Waits for its turn once."""
    await asyncio.sleep(0)
    return n ^ 0x55


def length(text):
    return len(text)


def spaces(text):
    return text[:64].count(" ")


def first(text):
    return ord(text[0])


def prompt(question):
    return f"Answer in one sentence: {question}"


def model(text):
    return f"answer: {text}"


def parse(answer):
    return int(str(len(answer)))


def refuse(n):
    raise ValueError("nothing" if n == 0 else "not now")


def source(chunks):
    for _ in range(chunks):
        yield ""


def sources(counts):
    """The source, as the first step of a stream: its inputs come as a stream, too."""
    for count in counts:
        yield from source(count)


def relay(chunks):
    """Passes chunks on as they come."""
    yield from chunks


async def arelay(chunks):
    async for chunk in chunks:
        yield chunk
