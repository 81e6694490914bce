"""The `mcp` package against the server whose address is the argument. Prints what it got, as one JSON object."""

import asyncio
import json
import sys

from mcp.client.client import Client


async def main():
    said, steps = {}, []

    async def progress(done, total, message):
        steps.append(message)

    async with Client(sys.argv[1] + "mcp") as client:
        said["tools"] = [tool.name for tool in (await client.list_tools()).tools]
        result = await client.call_tool("count", {"text": "to be"})
        said["call"] = [result.is_error, result.structured_content]
        result = await client.call_tool("fail", {"input": "rate"})
        said["failed"] = [result.is_error, "secret" in result.content[0].text]
        await client.call_tool("answer", {"text": "hi"}, progress_callback=progress)
        said["progress"] = steps
    print(json.dumps(said))


asyncio.run(main())
