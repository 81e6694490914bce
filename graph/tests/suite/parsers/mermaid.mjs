// Reads files with Mermaid's own parser: `node mermaid.mjs a.mmd b.mmd`.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

// Labels are sanitised by a library that needs a page.
const { window } = new JSDOM("<!doctype html><body></body>");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false, maxEdges: 5000, maxTextSize: 500000 });

let failed = false;
for (const path of process.argv.slice(2)) {
  try {
    const text = readFileSync(path, "utf8");
    const { diagramType } = await mermaid.parse(text);
    if (!diagramType.startsWith("flowchart")) throw new Error(`read as ${diagramType}`);
    // What is drawn is what was written: no node is lost, none is made of another's text.
    const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
    const nodes = [...text.matchAll(/^ +n\d+[([{]/gm)].length;
    const edges = [...text.matchAll(/^ +n\d+ -/gm)].length;
    const vertices = [...diagram.db.getVertices().keys()].length;
    if (vertices !== nodes) throw new Error(`${vertices} nodes instead of ${nodes}`);
    if (diagram.db.getEdges().length !== edges) throw new Error(`${diagram.db.getEdges().length} edges instead of ${edges}`);
  } catch (error) {
    failed = true;
    console.error(`${path}: ${error.message}`);
  }
}
process.exit(failed ? 1 : 0);
