"""`RemoteRunnable` against the server whose address is the argument. Prints what it got, as one JSON object."""

import asyncio
import json
import sys

import httpx
from langchain_core.messages import HumanMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langserve import RemoteRunnable

url = sys.argv[1]
said = {}


def remote(name):
    return RemoteRunnable(url + name)


def status(run):
    """The status of what fails, and what came before."""
    got = []
    try:
        for piece in run():
            got.append(piece)
    except httpx.HTTPStatusError as error:
        return "".join(got), error.response.status_code
    return "".join(got), None


count, chat, answer = remote("count"), remote("chat"), remote("answer")
said["invoke"] = count.invoke({"text": "to be"}, config={"tags": ["a"], "metadata": {"k": 1}, "max_concurrency": 3, "run_name": "x"})
message = chat.invoke([HumanMessage("hi")])
said["message"] = [type(message).__name__, message.content, message.usage_metadata["total_tokens"]]
call = chat.invoke("the weather?").tool_calls[0]
said["tool call"] = [call["name"], call["args"]]
said["batch"] = remote("shout").batch(["a", "b"], config=[{"tags": ["1"]}, {"tags": ["2"]}])
said["batch with a failure"] = status(lambda: remote("fail").batch(["fine", "rate"]))[1]
said["stream"] = list(remote("words").stream("to be or"))
whole = None
for piece in chat.stream("hi"):
    whole = piece if whole is None else whole + piece
said["stream of messages"] = [type(whole).__name__, whole.content]
whole = None
for piece in remote("both").stream({"text": "hi"}):
    whole = piece if whole is None else whole + piece
said["stream of a map"] = [whole["gpt"].content, whole["size"]]
said["cut stream"] = status(lambda: answer.stream({"text": "cut"}))
said["bad input"] = status(lambda: [count.invoke({"text": 3})])[1]

prompt = ChatPromptTemplate.from_messages([("system", "Be brief."), ("human", "{question}")])
chain = prompt | chat | StrOutputParser()
said["prompt, remote, parser"] = chain.invoke({"question": "Why?"})
said["prompt, remote, parser, streamed"] = "".join(chain.stream({"question": "Why?"}))


async def later():
    said["ainvoke"] = await count.ainvoke({"text": "x"})
    events = [event["event"] async for event in answer.astream_events({"text": "hi"}, version="v2")]
    said["events"] = [events[0], events[-1], next(event for event in events if "model_stream" in event)]
    log = None
    async for patch in answer.astream_log({"text": "hi"}):
        log = patch if log is None else log + patch
    said["log"] = log.state["final_output"]


asyncio.run(later())
print(json.dumps(said))
