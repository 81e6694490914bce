// `RemoteRunnable` against the server whose address is the argument. Prints what it got, as one JSON object.
import { HumanMessage } from "@langchain/core/messages";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RemoteRunnable } from "@langchain/core/runnables/remote";

const url = process.argv[2];
const remote = (name) => new RemoteRunnable({ url: url + name });
const said = {};

// Not an output with a field `text`, which this client takes for a prompt.
const both = await remote("both").invoke({ text: "hi" }, { tags: ["a"], runName: "x", metadata: { k: 1 } });
said.invoke = [both.gpt.constructor.name, both.size];
const message = await remote("chat").invoke([new HumanMessage("hi")]);
said.message = [message.constructor.name, message.content];
said.batch = await remote("shout").batch(["a", "b"], undefined, { maxConcurrency: 1 });
said.stream = [];
for await (const piece of await remote("words").stream("to be or")) said.stream.push(piece);

let got = "";
try {
  for await (const piece of await remote("answer").stream({ text: "cut" })) got += piece;
  said["cut stream"] = false;
} catch {
  // What has come and is not read yet is lost in this client.
  said["cut stream"] = got.startsWith("Hel");
}
said["bad input"] = await remote("count").invoke({ text: 3 }).then(() => false, (error) => String(error).includes("422"));

const events = [];
for await (const event of remote("answer").streamEvents({ text: "hi" }, { version: "v2" })) events.push(event.event);
said.events = [events[0], events.at(-1)];
let log;
for await (const patch of remote("answer").streamLog({ text: "hi" })) log = log ? log.concat(patch) : patch;
said.log = log.state?.final_output ?? log.ops.filter((op) => op.path === "/final_output").at(-1)?.value;

const prompt = ChatPromptTemplate.fromMessages([["system", "Be brief."], ["human", "{question}"]]);
said["prompt, remote, parser"] = await prompt.pipe(remote("chat")).pipe(new StringOutputParser()).invoke({ question: "Why?" });
console.log(JSON.stringify(said));
