// `@modelcontextprotocol/client` against the server whose address is the argument. Prints what it got, as one JSON object.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const client = new Client({ name: "test", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2] + "mcp")));
const said = {};
said.tools = (await client.listTools()).tools.map((tool) => tool.name);
const result = await client.callTool({ name: "count", arguments: { text: "to be" } });
said.call = [result.isError ?? false, result.structuredContent];
said.failed = (await client.callTool({ name: "fail", arguments: { input: "rate" } })).isError;
await client.close();
console.log(JSON.stringify(said));
