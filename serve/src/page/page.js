"use strict";
const at = (id) => document.getElementById(id);
const schema = JSON.parse(at("schema").textContent);

// The form: a field for each property, or one for the whole input.
const resolve = (part) =>
  part && part.$ref ? resolve(part.$ref.split("/").slice(1).reduce((node, key) => node?.[key], schema)) : part ?? {};
const kind = (part) => {
  const types = [].concat(part.type ?? []).filter((type) => type !== "null");
  return part.enum ? "enum" : types.length === 1 ? types[0] : "json";
};
function field(name, given, required) {
  const part = resolve(given), type = kind(part), id = "field-" + name;
  const label = document.createElement("label");
  label.htmlFor = id;
  label.textContent = (part.title ?? name) + (required ? "" : " (optional)");
  const about = given.description ?? part.description;
  if (about) label.append(Object.assign(document.createElement("small"), { textContent: about }));
  let control;
  if (type === "enum") {
    control = document.createElement("select");
    if (!required) control.append(new Option("", ""));
    part.enum.forEach((value) => control.append(new Option(String(value), JSON.stringify(value))));
  } else if (type === "boolean") {
    control = Object.assign(document.createElement("input"), { type: "checkbox", checked: part.default === true });
  } else if (type === "number" || type === "integer") {
    control = Object.assign(document.createElement("input"), { type: "number", step: type === "integer" ? "1" : "any" });
  } else {
    control = document.createElement("textarea");
    if (type !== "string") control.placeholder = "JSON";
  }
  control.id = id;
  control.required = required && type !== "boolean";
  if (part.default !== undefined && part.default !== null && type !== "boolean" && type !== "enum") {
    control.value = type === "string" ? part.default : JSON.stringify(part.default);
  }
  at("fields").append(label, control);
  return () => {
    if (type === "boolean") return control.checked;
    if (type === "string") return control.value === "" && !required ? undefined : control.value;
    if (control.value.trim() === "") return undefined;
    try {
      return JSON.parse(control.value);
    } catch {
      // Text without quotation marks is text.
      return control.value;
    }
  };
}
const root = resolve(schema);
let read;
if (kind(root) === "object" && root.properties) {
  const readers = Object.entries(root.properties).map(([name, part]) => {
    const value = field(name, part, (root.required ?? []).includes(name));
    return () => [name, value()];
  });
  read = () => Object.fromEntries(readers.map((reader) => reader()).filter(([, value]) => value !== undefined));
} else {
  read = field("input", schema, true);
}

// Frames of server-sent events in a response.
async function* frames(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const lines = text.slice(0, end).split("\n");
      const of = (name) => lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length)).join("\n");
      if (of("event: ")) yield { event: of("event: "), data: of("data: ") };
    }
  }
}

// A chunk as a reader sees it: text goes on, all else stands on lines of its own.
function show(chunk) {
  const text = typeof chunk === "string" ? chunk
    : typeof chunk?.content === "string" ? chunk.content
    : chunk?.type === "text" && typeof chunk.data === "string" ? chunk.data
    : JSON.stringify(chunk, null, 2) + "\n";
  at("output").append(text);
}

let stop;
async function run() {
  const controller = new AbortController();
  stop = () => controller.abort();
  at("run").disabled = true;
  at("stop").hidden = false;
  at("error").hidden = true;
  at("output").textContent = "";
  at("state").textContent = "running";
  const began = performance.now();
  const over = (state) => (at("state").textContent = `${state} after ${((performance.now() - began) / 1000).toFixed(2)} s`);
  const fail = (message) => Object.assign(at("error"), { textContent: message, hidden: false });
  try {
    const body = JSON.stringify({ input: read() });
    const headers = { "content-type": "application/json" };
    const response = await fetch("runs", { method: "POST", headers, body, signal: controller.signal });
    if (!response.ok) {
      fail((await response.json()).message ?? response.statusText);
      return over("refused");
    }
    for await (const { event, data } of frames(response)) {
      if (event === "run") {
        const { id } = JSON.parse(data);
        const link = Object.assign(document.createElement("a"), { href: "runs/" + id, textContent: new Date().toLocaleTimeString() });
        const item = document.createElement("li");
        item.append(link);
        at("runs").prepend(item);
      } else if (event === "drawing") {
        at("picture").innerHTML = JSON.parse(data).svg;
      } else if (event === "piece") {
        show(JSON.parse(data));
      } else if (event === "error") {
        const { message, path } = JSON.parse(data);
        fail(path ? `${path}: ${message}` : message);
        over("failed");
      } else if (event === "end") {
        over("done");
      }
    }
  } catch (error) {
    if (controller.signal.aborted) return over("stopped");
    fail(String(error.message ?? error));
    over("failed");
  } finally {
    at("run").disabled = false;
    at("stop").hidden = true;
  }
}
at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
at("form").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !at("run").disabled) at("form").requestSubmit();
});
at("stop").addEventListener("click", () => stop?.());
