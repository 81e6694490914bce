// The chain in Node, and in a page of a real browser: `node examples/browser/test.mjs`, after `examples/browser/build`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const here = new URL('./', import.meta.url);
const chain = await import(new URL('pkg/catena_browser_example.js', here));
await chain.default({ module_or_path: await readFile(new URL('pkg/catena_browser_example_bg.wasm', here)) });

const answer = text => `${text.toUpperCase()} has ${text.split(' ').length} words; `;
const late = /slow: no answer within 50ms$/;

const begun = performance.now();
const said = await chain.invoke('to be');
assert.ok(said.startsWith(answer('to be')), said);
assert.match(said, late);
assert.ok(performance.now() - begun < 30_000, 'the timeout should have ended it');

const chunks = [];
await chain.stream('to be or not', chunk => chunks.push(chunk));
assert.ok(chunks.length > 5, `a stream gives word by word: ${chunks}`);
assert.ok(chunks.join('').startsWith(answer('to be or not')));

assert.match(chain.graph(), /^<svg/);
assert.throws(() => chain.wait('to be'), /invoke_blocking/);
console.log('Node:', said);

const browser = process.env.CATENA_BROWSER || 'chromium';
const types = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };
const server = createServer(async (request, response) => {
  const path = request.url === '/' ? 'index.html' : request.url.slice(1);
  try {
    const body = await readFile(new URL(path, here));
    response.writeHead(200, { 'content-type': types[path.split('.').pop()] ?? 'text/plain' }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0, '127.0.0.1');
await new Promise(done => server.once('listening', done));
try {
  const { stdout } = await promisify(execFile)(browser, ['--headless=new', '--no-sandbox', '--disable-gpu', '--dump-dom',
    '--virtual-time-budget=20000', `http://127.0.0.1:${server.address().port}/`], { maxBuffer: 1 << 24 });
  const shown = stdout.match(/<output[^>]*data-done="yes"[^>]*>([^<]*)<\/output>/)?.[1];
  assert.ok(shown?.startsWith(answer('to be or not')), stdout.slice(-2000));
  console.log('browser:', shown);
} catch (error) {
  if (error.code !== 'ENOENT' || process.env.CATENA_REQUIRE_BROWSER) throw error;
  console.log(`SKIPPED: the page, for ${browser} is not here`);
} finally {
  server.close();
}
