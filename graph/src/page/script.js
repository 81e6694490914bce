'use strict';
// Adds to the table what a table cannot do: details, folding, search, and the way to the picture and back.
const runs = JSON.parse(document.getElementById('runs').textContent);
const rows = runs.map((_, at) => document.getElementById('run-' + at));
const inner = runs.map(() => []);
runs.forEach((run, at) => { if (run.within !== undefined) inner[run.within].push(at); });

const make = (tag, text, className) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
};

// The boxes of the picture, which is there in two widths, by the part they are of.
const boxes = [...document.querySelectorAll('.catena-graph g.b[id]')].map(element => (
  { element, part: element.id.replace(/^catena-run-(narrow-)?/, '') }));
const within = (part, around) => part === around || part.startsWith(around + '.');
const boxesOf = at => runs[at].part === undefined ? [] : boxes.filter(box => within(box.part, runs[at].part));
const runsOf = part => [...runs.keys()].filter(at => runs[at].part === part);

// What is folded away or not looked for is not shown.
const folded = new Set();
let wanted = '';
const text = runs.map(run => [run.name, run.label, run.kind, run.status, ...run.tags].join('\n').toLowerCase());
function show() {
  const hits = runs.map((_, at) => text[at].includes(wanted));
  const around = new Set();
  hits.forEach((hit, at) => {
    if (wanted && hit) for (let up = runs[at].within; up !== undefined; up = runs[up].within) around.add(up);
  });
  const hidden = [];
  runs.forEach((run, at) => {
    const up = run.within;
    hidden[at] = wanted ? !hits[at] && !around.has(at) : up !== undefined && (hidden[up] || folded.has(up));
    rows[at].hidden = hidden[at];
    rows[at].classList.toggle('aside', Boolean(wanted) && !hits[at]);
  });
  const found = hits.filter(Boolean).length;
  document.getElementById('found').textContent = wanted ? `${found} of ${runs.length} runs` : `${runs.length} runs`;
  if (chosen !== undefined && hidden[chosen]) choose(undefined);
}

function fold(at, close) {
  if (!inner[at].length) return;
  if (close) folded.add(at); else folded.delete(at);
  const button = rows[at].querySelector('.fold');
  button.textContent = close ? '▸' : '▾';
  button.setAttribute('aria-expanded', String(!close));
  show();
}

// What is known of a run, in the order in which one asks for it.
function known(run) {
  const facts = [['outcome', run.summary]];
  run.notes.forEach(note => facts.push(['', note]));
  if (run.error) facts.push(['error', run.error]);
  for (let at = 0; at < run.facts.length; at += 2) facts.push([run.facts[at], run.facts[at + 1]]);
  if (run.tags.length) facts.push(['tags', run.tags.join(', ')]);
  return facts;
}

let chosen;
let details;
function choose(at, { scroll = true } = {}) {
  details?.remove();
  document.querySelectorAll('.chosen').forEach(element => element.classList.remove('chosen'));
  rows[chosen]?.querySelector('a').removeAttribute('aria-expanded');
  chosen = at;
  if (at === undefined) return;
  const run = runs[at];
  const list = make('dl');
  known(run).forEach(([name, value]) => list.append(make('dt', name), make('dd', value, name === 'error' ? 'bad' : '')));
  ['input', 'output'].filter(name => run[name] !== undefined).forEach(name => {
    const value = make('dd');
    value.append(make('pre', run[name]));
    list.append(make('dt', name), value);
  });
  const cell = make('td');
  cell.colSpan = [...rows[at].cells].filter(cell => cell.offsetWidth).length;
  cell.append(list);
  details = make('tr', undefined, 'details');
  details.append(cell);
  rows[at].after(details);
  rows[at].classList.add('chosen');
  rows[at].querySelector('a').setAttribute('aria-expanded', 'true');
  boxesOf(at).forEach(box => box.element.classList.add('chosen'));
  if (scroll) rows[at].scrollIntoView({ block: 'nearest' });
}

// Opens what a run is in, so that it can be seen.
function reveal(at) {
  if (wanted) { wanted = find.value = ''; show(); }
  for (let up = runs[at].within; up !== undefined; up = runs[up].within) fold(up, false);
  choose(at);
}

const tip = make('div');
tip.id = 'tip';
tip.hidden = true;
tip.setAttribute('aria-hidden', 'true');
document.body.append(tip);
const short = value => value.length > 160 ? value.slice(0, 160) + '…' : value;
function point(at, event) {
  const run = runs[at];
  tip.replaceChildren(make('p', `${run.name} — ${run.summary}`));
  known(run).slice(1).forEach(([name, value]) => tip.append(make('p', short(name ? `${name}: ${value}` : value), 'soft')));
  ['input', 'output'].filter(name => run[name]).forEach(name => tip.append(make('p', short(`${name}: ${run[name]}`), 'soft')));
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 8)) + 'px';
  tip.style.top = Math.max(4, event.clientY + 18 + height > innerHeight ? event.clientY - height - 10 : event.clientY + 18) + 'px';
}
const hot = (elements, on) => elements.forEach(element => element.classList.toggle('hot', on));

rows.forEach((row, at) => {
  const button = make(inner[at].length ? 'button' : 'span', inner[at].length ? '▾' : '', 'fold');
  if (inner[at].length) {
    button.type = 'button';
    button.tabIndex = -1;
    button.setAttribute('aria-label', 'fold ' + runs[at].name);
    button.setAttribute('aria-expanded', 'true');
    button.addEventListener('click', event => { event.stopPropagation(); fold(at, !folded.has(at)); });
  }
  row.querySelector('th').prepend(button);
  row.addEventListener('click', event => {
    event.preventDefault();
    tip.hidden = true;
    choose(chosen === at ? undefined : at, { scroll: false });
  });
  row.addEventListener('pointermove', event => {
    hot(boxesOf(at).map(box => box.element), true);
    if (event.pointerType === 'mouse' && chosen !== at) point(at, event);
  });
  row.addEventListener('pointerleave', () => { tip.hidden = true; hot(boxesOf(at).map(box => box.element), false); });
  row.addEventListener('keydown', event => {
    const visible = rows.map((_, at) => at).filter(at => !rows[at].hidden);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) rows[visible[visible.indexOf(at) + step]]?.querySelector('a').focus();
    else if (event.key === 'ArrowRight') fold(at, false);
    else if (event.key === 'ArrowLeft') fold(at, true);
    else if (event.key === ' ') choose(chosen === at ? undefined : at);
    else return;
    event.preventDefault();
  });
});

boxes.forEach(({ element, part }) => {
  const own = runsOf(part);
  // Where many runs are drawn as one, its row is the one they are in.
  const at = own.length ? own[0] : undefined;
  if (at === undefined) return;
  element.classList.add('there');
  element.setAttribute('tabindex', '0');
  element.setAttribute('role', 'button');
  element.setAttribute('aria-label', `${runs[at].name}: ${runs[at].summary}`);
  element.addEventListener('click', event => { event.preventDefault(); reveal(at); });
  element.addEventListener('pointermove', event => {
    hot(own.map(at => rows[at]), true);
    if (event.pointerType === 'mouse') point(at, event);
  });
  element.addEventListener('pointerleave', () => { tip.hidden = true; hot(own.map(at => rows[at]), false); });
  element.addEventListener('keydown', event => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    reveal(at);
    rows[at].querySelector('a').focus();
  });
});

// A narrow table has a column less.
matchMedia('(max-width: 640px)').addEventListener('change', () => choose(chosen));

const find = document.getElementById('find');
find.hidden = false;
find.addEventListener('input', () => { wanted = find.value.trim().toLowerCase(); show(); });
document.addEventListener('keydown', event => {
  if (event.key === 'Escape') { tip.hidden = true; choose(undefined); }
  if (event.key === '/' && document.activeElement !== find) { event.preventDefault(); find.focus(); }
});

// What is said of a picture that can be used, and many runs of one step, which would hide the others.
document.querySelectorAll('.catena-graph svg').forEach(svg => svg.setAttribute('role', 'group'));
runs.forEach((_, at) => { if (inner[at].length > 20) fold(at, true); });
const linked = rows.findIndex(row => '#' + row.id === location.hash);
if (linked >= 0) reveal(linked);
