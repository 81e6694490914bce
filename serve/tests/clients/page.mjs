// Opens the page of a chain in a real browser and uses it; the argument is the address of the server. Prints what it saw, as one
// JSON object. Speaks the DevTools protocol over a pipe, so that nothing has to be installed but the browser.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const url = process.argv[2];
const profile = mkdtempSync(join(tmpdir(), "catena-browser-"));
const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run", `--user-data-dir=${profile}`];
const browser = spawn(process.env.CATENA_BROWSER || "chromium", [...flags, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
const [out, into] = [browser.stdio[3], browser.stdio[4]];

let number = 0, rest = "", session;
const waiting = new Map(), complaints = [];
into.setEncoding("utf8").on("data", (data) => {
  const messages = (rest + data).split("\0");
  rest = messages.pop();
  for (const message of messages.map((text) => JSON.parse(text))) {
    if (message.id) waiting.get(message.id)(message);
    else if (message.method === "Log.entryAdded") complaints.push(message.params.entry.text);
    else if (message.method === "Runtime.exceptionThrown") complaints.push(message.params.exceptionDetails.exception?.description);
  }
});
const send = (method, params = {}) => new Promise((done, failed) => {
  waiting.set(++number, (message) => (message.error ? failed(new Error(JSON.stringify(message.error))) : done(message.result)));
  out.write(JSON.stringify({ id: number, method, params, sessionId: session }) + "\0");
});
const ask = async (expression) => {
  const answer = await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
  if (answer.exceptionDetails) throw new Error(`${expression}: ${answer.exceptionDetails.exception?.description}`);
  return answer.result.value;
};
const until = async (expression) => {
  for (let turn = 0; turn < 400; turn++) {
    if (await ask(expression)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`never: ${expression}; ${await ask("document.body.innerText")}; ${complaints}`);
};
const open = async (address) => {
  await send("Page.navigate", { url: address });
  await until(`location.href === ${JSON.stringify(address)} && document.readyState === "complete"`);
};
const key = async (name, modifiers = 0) => {
  const code = { Tab: 9, Enter: 13 }[name];
  const params = { key: name, code: name, windowsVirtualKeyCode: code, modifiers };
  await send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...params });
  await send("Input.dispatchKeyEvent", { type: "keyUp", ...params });
};

const said = {};
try {
  const { targetInfos } = await send("Target.getTargets");
  const target = targetInfos.find((info) => info.type === "page").targetId;
  session = (await send("Target.attachToTarget", { targetId: target, flatten: true })).sessionId;
  await Promise.all([send("Page.enable"), send("Runtime.enable"), send("Log.enable")]);

  // By keyboard alone: to the field, a text, and Ctrl+Enter.
  await open(url + "answer/");
  for (let turn = 0; turn < 9 && (await ask("document.activeElement.id")) !== "field-text"; turn++) await key("Tab");
  said.focus = await ask("document.activeElement.id");
  await send("Input.insertText", { text: "hi" });
  await key("Enter", 2);
  await until('document.getElementById("state").textContent.startsWith("done")');
  said.output = await ask('document.getElementById("output").textContent');
  const picture = await ask('document.getElementById("picture").textContent');
  said.drawn = /scripted-1 \(model\) — ok · [\d.]+ (µs|ms|s)/.test(picture) || picture;
  said.runs = await ask('document.querySelectorAll("#runs a").length');
  const link = await ask('document.querySelector("#runs a").href');

  // A failure is shown where it happened.
  await ask('document.getElementById("field-text").value = "cut"');
  await ask('document.getElementById("form").requestSubmit()');
  await until('document.getElementById("state").textContent.startsWith("failed")');
  said.error = await ask('document.getElementById("error").textContent');

  // On a phone, and in the dark.
  await send("Emulation.setDeviceMetricsOverride", { width: 360, height: 740, deviceScaleFactor: 2, mobile: true });
  said.fits = await ask("document.documentElement.scrollWidth <= 360");
  const paper = () => ask("getComputedStyle(document.body).backgroundColor");
  await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "light" }] });
  const light = await paper();
  await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
  said.dark = light !== (await paper());

  // The link of a run leads to its page.
  await open(link);
  said.linked = await ask('document.body.textContent.includes("scripted-1")');
  said.complaints = complaints;
  console.log(JSON.stringify(said));
} finally {
  const exited = new Promise((done) => browser.on("exit", done));
  browser.kill("SIGKILL");
  await exited;
  // Its children may still write: what is left is the system's to remove.
  try {
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  } catch {}
}
