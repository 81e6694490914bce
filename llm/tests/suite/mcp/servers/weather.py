"""A server by the Python SDK: over standard input, or over HTTP at a port."""

import sys

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("weather")


@server.tool()
def forecast(city: str, days: int = 1) -> dict[str, str | int]:
    """The weather in a city."""
    if city == "Atlantis":
        raise ToolError("the sea is too deep")
    return {"city": city, "weather": "sunny", "days": days}


if len(sys.argv) > 1:
    server.run(transport="streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
else:
    server.run()
