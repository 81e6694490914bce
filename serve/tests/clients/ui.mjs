// The AI SDK's transport of `useChat` and AG-UI's `HttpAgent`, against the server whose address is the argument. Prints what they
// got, as one JSON object.
import { HttpAgent } from "@ag-ui/client";
import { DefaultChatTransport, readUIMessageStream } from "ai";

const url = process.argv[2];
const said = {};

const chat = async (name, text, body) => {
  const transport = new DefaultChatTransport({ api: `${url}${name}/ai-sdk`, body });
  const messages = [{ id: "u1", role: "user", parts: [{ type: "text", text }] }];
  const stream = await transport.sendMessages({ chatId: "chat1", trigger: "submit-message", messages });
  let last, failed;
  for await (const message of readUIMessageStream({ stream, onError: (error) => (failed = error) })) last = message;
  return { parts: last?.parts, failed: failed?.message };
};
const texts = (parts) => parts.filter((part) => part.type === "text").map((part) => part.text).join("");

said.message = texts((await chat("chat", "hi")).parts);
said.steps = (await chat("answer", "", { input: { text: "hi" } })).parts
  .filter((part) => part.type === "data-step").map((part) => part.data.name);
const cut = await chat("answer", "", { input: { text: "cut" } });
said.cut = [texts(cut.parts ?? []), cut.failed];
said.call = (await chat("chat", "the weather?")).parts
  .filter((part) => part.type === "dynamic-tool").map((part) => [part.toolName, part.input]);

const run = async (name, content, forwardedProps) => {
  const agent = new HttpAgent({ url: `${url}${name}/ag-ui`, threadId: "th" });
  agent.setMessages([{ id: "u1", role: "user", content }]);
  const types = new Set();
  const outcome = await agent.runAgent({ forwardedProps }, { onEvent: ({ event }) => void types.add(event.type) })
    .then((done) => done, (error) => ({ error: String(error.message) }));
  return { outcome, types: [...types], last: agent.messages.at(-1) };
};
const hi = await run("chat", "hi");
said["ag-ui"] = [hi.last.role, hi.last.content];
said["ag-ui steps"] = (await run("answer", "", { input: { text: "hi" } })).types.filter((type) => type.startsWith("STEP"));
said["ag-ui cut"] = (await run("answer", "", { input: { text: "cut" } })).types.includes("RUN_ERROR");
said["ag-ui result"] = (await run("count", "", { input: { text: "to be" } })).outcome.result?.words;
console.log(JSON.stringify(said));
