// The `openai` package against the server whose address is the argument. Prints what it got, as one JSON object.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.argv[2] + "v1", apiKey: "any", maxRetries: 0 });
const said = {};
const messages = [{ role: "user", content: "hi" }];
const failure = (ask) => ask().then(() => null, (error) => [error.constructor.name, error.code]);

said.models = (await client.models.list()).data.map((model) => model.id);
said.completion = (await client.chat.completions.create({ model: "chat", messages })).choices[0].message.content;
said.stream = "";
for await (const chunk of await client.chat.completions.create({ model: "chat", messages, stream: true })) {
  said.stream += chunk.choices[0]?.delta?.content ?? "";
}
said["not found"] = await failure(() => client.chat.completions.create({ model: "none", messages }));
said.cut = await failure(async () => {
  const cut = [{ role: "user", content: "cut" }];
  for await (const _ of await client.chat.completions.create({ model: "chat", messages: cut, stream: true }));
});
said.response = (await client.responses.create({ model: "chat", input: "hi" })).output_text;
const stream = client.responses.stream({ model: "chat", input: "hi" });
said["streamed response"] = (await stream.finalResponse()).output_text;
console.log(JSON.stringify(said));
