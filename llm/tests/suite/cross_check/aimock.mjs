// Serves what the tests ask for by their prompts, and prints where.
import { LLMock } from "@copilotkit/aimock";

const mock = new LLMock({ port: 0, host: "127.0.0.1", chunkSize: 4 });
const words = { content: "Bits that are both für sich and neither." };

mock.onMessage("answer", words);
// Cut between the two halves of a character, as anything in JavaScript may cut.
mock.onMessage("half a character", { content: "🦀🦀🦀🦀🦀🦀" }, { chunkSize: 3 });
mock.onMessage("empty", { content: "" });
mock.onMessage("length", { content: "Bits that", finishReason: "length" });
mock.onMessage("one tool", { toolCalls: [{ name: "weather", arguments: '{"city":"Oslo","days":3}' }] });
mock.onMessage("two tools", {
  toolCalls: [
    { name: "weather", arguments: '{"city":"Oslo"}' },
    { name: "clock", arguments: "{}" },
  ],
});
mock.onMessage("broken arguments", { toolCalls: [{ name: "weather", arguments: '{"city":"Os' }] });
for (const status of [400, 401, 403, 404, 429, 500, 502, 503, 529]) {
  const error = { message: `No: ${status}.`, type: "some_error" };
  mock.onMessage(`status ${status}`, { error, status });
}
mock.onMessage("limit", words, { chaos: { rateLimitRate: 1 } });
mock.onMessage("drop", words, { chaos: { dropRate: 1 } });
mock.onMessage("malformed", words, { chaos: { malformedRate: 1 } });
mock.onMessage("disconnect", words, { chaos: { disconnectRate: 1 } });
mock.onMessage("truncate", words, { truncateAfterChunks: 3, latency: 5 });
mock.onMessage("leave", words, { disconnectAfterMs: 30, latency: 20 });
mock.onMessage("stall", words, { latency: 60000 });

await mock.start();
console.log(mock.url);
// Ends with the test, whose end of the pipe this is.
process.stdin.on("end", () => process.exit(0)).resume();
