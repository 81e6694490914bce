// Opens the page of a run in a real browser and uses it: `node page.mjs run.html [folder for pictures]`.
// Speaks the DevTools protocol over a pipe, so that nothing has to be installed but the browser.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, pictures] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), 'catena-browser-'));
const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-pipe', '--hide-scrollbars',
  '--no-first-run', `--user-data-dir=${profile}`];
const browser = spawn(process.env.CATENA_BROWSER || 'chromium', [...flags, 'about:blank'],
  { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
const [out, into] = [browser.stdio[3], browser.stdio[4]];

let number = 0;
let rest = '';
const waiting = new Map();
const heard = [];
const listeners = new Set();
into.setEncoding('utf8').on('data', data => {
  const messages = (rest + data).split('\0');
  rest = messages.pop();
  messages.map(message => JSON.parse(message)).forEach(message => {
    if (message.id) {
      const { done, failed } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) failed(new Error(JSON.stringify(message.error))); else done(message.result);
    } else {
      heard.push(message);
      listeners.forEach(listener => listener(message));
    }
  });
});
let session;
const send = (method, params = {}) => new Promise((done, failed) => {
  waiting.set(++number, { done, failed });
  out.write(JSON.stringify({ id: number, method, params, sessionId: session }) + '\0');
});
const event = method => new Promise(done => {
  const listener = message => { if (message.method === method) { listeners.delete(listener); done(message); } };
  listeners.add(listener);
});

const failures = [];
const check = (what, is, wanted = true) => {
  if (JSON.stringify(is) !== JSON.stringify(wanted)) failures.push(`${what}: ${JSON.stringify(is)} instead of ${JSON.stringify(wanted)}`);
};
const ask = async expression => {
  const answer = await send('Runtime.evaluate', { expression, returnByValue: true });
  if (answer.exceptionDetails) throw new Error(`${expression}: ${answer.exceptionDetails.exception?.description}`);
  return answer.result.value;
};
const center = selector => ask(`(() => { const it = document.querySelector(${JSON.stringify(selector)});
  it.scrollIntoView({ block: 'center' });
  const { x, y, width, height } = it.getBoundingClientRect(); return { x: x + width / 2, y: y + height / 2 }; })()`);
const move = async selector => send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...await center(selector) });
const click = async selector => {
  const at = { ...await center(selector), button: 'left', clickCount: 1 };
  await send('Input.dispatchMouseEvent', { type: 'mousePressed', ...at });
  await send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at });
};
const press = async (key, text) => {
  await send('Input.dispatchKeyEvent', { type: 'keyDown', key, code: key, ...(text ? { text } : {}) });
  await send('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key });
};
const size = (width, height = 900) => send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 500 });
const scheme = value => send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
const open = async hash => {
  const loaded = event('Page.loadEventFired');
  await send('Page.navigate', { url: 'about:blank' });
  await loaded;
  const again = event('Page.loadEventFired');
  await send('Page.navigate', { url: pathToFileURL(resolve(file)) + hash });
  await again;
};
const picture = async name => {
  if (!pictures) return;
  const { data } = await send('Page.captureScreenshot', { captureBeyondViewport: true });
  writeFileSync(join(pictures, name + '.png'), Buffer.from(data, 'base64'));
};

async function use() {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  session = (await send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
  for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await send(domain + '.enable');

  await size(1200);
  await scheme('light');
  await open('');
  await picture('light');
  const rows = await ask("document.querySelectorAll('tbody tr').length");
  check('there are runs', rows > 8);
  check('the picture is there', await ask("document.querySelector('.catena-graph svg').getBoundingClientRect().width > 300"));
  check('nothing is wider than the window', await ask('document.documentElement.scrollWidth <= innerWidth'));

  // Bars are as long as the runs, on one axis.
  check('bars are in proportion', await ask(`(() => {
    const bars = [...document.querySelectorAll('tbody .w')].map(cell => [cell, cell.querySelector('i')].map(it => it.getBoundingClientRect()));
    return Math.abs(bars[0][1].width - bars[0][0].width) < 2 && bars.every(([cell, bar]) => bar.left >= cell.left - 1 && bar.right <= cell.right + 4); })()`));

  // A box leads to its run, and shows what is known of it.
  const box = '.catena-graph svg:first-of-type g.b.q3.there';
  await click(box);
  check('the run of a box is chosen', await ask("document.querySelectorAll('tr.chosen').length"), 1);
  check('details say the error', await ask("document.querySelector('.details').textContent.includes('no <numbers> today')"));
  check('the box is marked', await ask(`document.querySelector(${JSON.stringify(box)}).classList.contains('chosen')`));
  await press('Escape');
  check('Escape closes it', await ask("document.querySelectorAll('tr.chosen, .details, .chosen').length"), 0);

  // A run leads to its box, and a value that means harm is a value.
  await click('#run-1 a');
  check('details are shown', await ask("document.querySelectorAll('.details').length"), 1);
  check('its box is marked', await ask("document.querySelectorAll('g.b.chosen').length > 0"));
  check('the input is shown as it is', await ask("[...document.querySelectorAll('.details pre')].some(it => it.textContent.includes('</script><img src=x onerror=\"document.title=1\">'))"));
  check('nothing in it has run', await ask("document.title !== '1' && document.querySelectorAll('img').length === 0"));
  await picture('details');
  await press('Escape');

  // Pointing shows it, too.
  await move('#run-2');
  check('a tip is shown', await ask("!document.getElementById('tip').hidden"));
  await move('h1');
  check('and hidden again', await ask("document.getElementById('tip').hidden"));

  // The keyboard does all of it.
  await ask("document.querySelector('#run-0 a').focus()");
  await press('ArrowDown');
  check('the next row has the focus', await ask("document.activeElement.closest('tr').id"), 'run-1');
  await press('Enter', '\r');
  check('Enter opens it', await ask("document.querySelector('tr.chosen')?.id"), 'run-1');
  await press('ArrowUp');
  await press('ArrowLeft');
  check('what is within is folded', await ask("document.querySelectorAll('tbody tr:not([hidden]):not(.details)').length"), 1);
  await press('ArrowRight');
  check('and unfolded', await ask("document.querySelectorAll('tbody tr:not([hidden]):not(.details)').length > 5"));
  await ask("document.querySelector('.catena-graph g.b.there').focus()");
  await press('Enter', '\r');
  check('a box is a button', await ask("document.activeElement.tagName + document.querySelectorAll('tr.chosen').length"), 'A1');
  await press('Escape');

  // Search.
  await press('/');
  for (const letter of 'refuse') await press(letter, letter);
  const shown = await ask("[...document.querySelectorAll('tbody tr:not([hidden]):not(.aside) a')].map(it => it.textContent)");
  check('what is looked for is shown', shown.length > 0 && shown.every(name => name === 'refuse'));
  check('and counted', await ask("document.getElementById('found').textContent"), `${shown.length} of ${rows} runs`);
  await picture('search');

  // A link to a run opens it.
  await open('#run-2');
  check('a link opens its run', await ask("document.querySelector('tr.chosen')?.id"), 'run-2');

  await scheme('dark');
  await open('#run-1');
  check('dark where the system is', await ask("getComputedStyle(document.body).backgroundColor"), 'rgb(21, 25, 30)');
  await picture('dark');

  await scheme('light');
  await size(390, 844);
  await open('#run-1');
  check('a phone needs no scrolling aside', await ask('document.documentElement.scrollWidth'), 390);
  check('bars are seen on it', await ask("document.querySelector('#run-0 i').getBoundingClientRect().width > 80"));
  await picture('phone');

  // Without script the picture and the table remain.
  await send('Emulation.setScriptExecutionDisabled', { value: true });
  await size(1200);
  await open('');
  const { root } = await send('DOM.getDocument', { depth: 0 });
  for (const selector of ['.catena-graph svg', '#run-3', '#run-3 i']) {
    const { nodeId } = await send('DOM.querySelector', { nodeId: root.nodeId, selector });
    const there = nodeId && (await send('DOM.getBoxModel', { nodeId })).model.height > 0;
    check(`${selector} is there without script`, Boolean(there));
  }
  await picture('no-script');

  const asked = heard.filter(message => message.method === 'Network.requestWillBeSent').map(message => message.params.request.url);
  check('nothing is fetched but the page', asked.filter(url => !url.startsWith('file:') && url !== 'about:blank'), []);
  const errors = heard.filter(message => message.method === 'Runtime.exceptionThrown' ||
    (message.method === 'Log.entryAdded' && message.params.entry.level === 'error'));
  check('no errors', errors.map(message => JSON.stringify(message.params).slice(0, 300)), []);
}

const late = setTimeout(() => { console.error('the browser takes too long'); browser.kill('SIGKILL'); process.exit(1); }, 90_000);
try {
  await use();
} catch (error) {
  failures.push(String(error.stack));
} finally {
  session = undefined;
  const gone = new Promise(done => browser.once('exit', done));
  await Promise.race([send('Browser.close').then(() => gone).catch(() => {}), new Promise(done => setTimeout(done, 3000))]);
  browser.kill('SIGKILL');
  clearTimeout(late);
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
failures.forEach(failure => console.error(failure));
process.exit(failures.length ? 1 : 0);
