// The gallery of a leaderboard: a small card of every measured sample, with reference, drawing and rating, which opens
// to the whole verdict. Cards are filled in while they are near the screen, so that thousands scroll as well as ten.

const NEAR = '900px 0px';
const FULL = 5;

// A row as the index has it: see `samples.py`.
const cards = run.rows.map(([model, dataset, sample, official, fixed, failure, dropped, reference, render], index) => ({
  index, sample, official, fixed, failure, dropped, reference, render,
  model: run.models[model], dataset: run.datasets[dataset],
  haystack: [sample, run.models[model], run.datasets[dataset], failure, dropped].filter(Boolean).join('\n').toLowerCase(),
}));
const finalOf = (card) => card[run.mode];
const has = (value) => value !== null && value !== undefined;

const OUTCOMES = [
  ['drawn', 'Drawn', (card) => !card.failure && has(card.render)],
  ['failed', 'No picture', (card) => !!card.failure],
  ...present('failure').map((kind) => [`failure:${kind}`, `\u2003${words(kind)}`, (card) => card.failure === kind]),
  ['dropped', 'Not rated', (card) => !!card.dropped],
  ...present('dropped').map((kind) => [`dropped:${kind}`, `\u2003${words(kind)}`, (card) => card.dropped === kind]),
  ['differs', 'Official and fixed differ', (card) => card.official !== card.fixed],
].map(([value, label, test]) => ({ value, label, test, count: cards.filter(test).length })).filter(({ count }) => count);

const ORDERS = {
  sample: () => 0,
  low: (a, b) => (finalOf(a) ?? Infinity) - (finalOf(b) ?? Infinity),
  high: (a, b) => (finalOf(b) ?? -Infinity) - (finalOf(a) ?? -Infinity),
};

function present(name) {
  return [...new Set(cards.map((card) => card[name]).filter(Boolean))].sort();
}

const state = { text: '', model: '', dataset: '', outcome: '', low: null, high: null, order: 'sample' };

function selection() {
  const outcome = OUTCOMES.find(({ value }) => value === state.outcome);
  const wanted = state.text.toLowerCase().split(/\s+/).filter(Boolean);
  const bounded = state.low !== null || state.high !== null;
  const found = cards.filter((card) => (!state.model || card.model === state.model)
    && (!state.dataset || card.dataset === state.dataset)
    && (!outcome || outcome.test(card))
    && (!bounded || (has(finalOf(card)) && finalOf(card) >= (state.low ?? 0) && finalOf(card) <= (state.high ?? FULL)))
    && wanted.every((word) => card.haystack.includes(word)));
  return found.sort((a, b) => ORDERS[state.order](a, b) || a.index - b.index);
}

const shells = new Map();
const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting && !target.filled) fill(target);
    else if (!isIntersecting && target.filled && !target.contains(document.activeElement)) empty(target);
  }
}, { rootMargin: NEAR });

function shell(card) {
  if (!shells.has(card.index)) {
    const node = el('article', { class: 'card', 'aria-label': `${card.sample}, ${card.model}` });
    node.card = card;
    empty(node);
    watcher.observe(node);
    shells.set(card.index, node);
  }
  return shells.get(card.index);
}

const modelOf = (card) => el('bdi', { class: 'tag target', title: card.model }, card.model);
const tagsOf = (card) => [el('span', { class: 'tag' }, card.dataset),
  card.failure && el('span', { class: 'tag failed' }, words(card.failure)),
  card.dropped && el('span', { class: 'tag ours' }, `not rated: ${words(card.dropped)}`)];
const rated = (value) => (has(value) ? value.toFixed(1) : '–');

/** Its button covers the whole card. */
const nameOf = (card) => el('header', {},
  el('button', { type: 'button', class: 'name', title: card.sample, 'aria-haspopup': 'dialog', onclick: () => open(card) }, el('bdi', {}, card.sample)),
  el('b', { class: 'final', title: has(finalOf(card)) ? `Rating, ${run.mode} formula` : 'Not rated' }, rated(finalOf(card))),
  el('span', { class: 'tags' }, modelOf(card), tagsOf(card)));

function empty(node) {
  node.filled = false;
  node.classList.remove('filled');
  node.replaceChildren(nameOf(node.card));
}

async function fill(node) {
  node.filled = true;
  const { card } = node;
  const body = el('div', { class: 'body' }, await panes(card));
  if (!node.filled) return;
  node.classList.add('filled');
  // The button stays the same, as somebody may be on it.
  node.append(body);
}

/** The reference and what was drawn, or why nothing was. */
async function panes(card) {
  const { failure } = card.failure || !has(card.render) ? await detailsOf(card) : {};
  return [pane('Reference', card.reference), failure && !has(card.render) ? failurePane(card, failure) : pane('Render', card.render)];
}

const chunks = new Map();
async function detailsOf(card) {
  const number = Math.floor(card.index / run.chunk);
  if (!chunks.has(number)) chunks.set(number, blockText(`d${number}`).then(inflate));
  return (await chunks.get(number))[card.index % run.chunk];
}

function pane(label, number) {
  const { missing } = pictureFacts(number);
  return el('figure', {}, el('div', { class: 'frame' }, missing ? el('span', { class: 'absent' }, missing) : picture(number, label)),
    el('figcaption', {}, label));
}

function failurePane(card, [kind, message, line]) {
  return el('figure', {}, el('div', { class: `frame why ${card.dropped ? 'ours' : 'failed'}` },
    el('p', { class: 'kind' }, words(kind), line && el('span', {}, `line ${line}`)), el('p', { class: 'message', dir: 'auto' }, message)),
  el('figcaption', {}, 'No picture'));
}

function verdict(card, details) {
  const both = [['official', 'official'], ['fixed', 'fixed']].map(([name, label]) => el('div', { class: name === run.mode ? 'counts' : '' },
    el('b', {}, rated(card[name])), label));
  return el('div', { class: 'verdict' },
    el('div', { class: 'finals', 'data-official': card.official, 'data-fixed': card.fixed }, both),
    details.categories.length > 0 && !card.failure && categories(details.categories),
    caps(details), details.why && el('p', { class: 'said' }, `Not rated: ${details.why}`),
    details.summary && el('p', { class: 'said', dir: 'auto' }, details.summary),
    details.addressed.length > 0 && el('div', { class: 'addressed' }, 'Speaks to the judge: ', details.addressed.map((text) => el('q', { dir: 'auto' }, text))),
    reasons(details), program(details));
}

function categories(list) {
  return el('dl', { class: 'categories' }, list.map(([label, weight, critical, score, why]) => el('div', { title: why },
    el('dt', {}, label, critical ? ' ★' : ''), el('span', { class: 'weight', title: critical ? 'weight; critical' : 'weight' }, `× ${weight.toFixed(2)}`),
    el('meter', { min: 0, max: FULL, value: score, 'aria-label': label }), el('dd', {}, score.toFixed(1)))));
}

/** Caps that fired, of either formula; one that both have is said once. */
function caps({ official, fixed }) {
  const fired = new Map();
  for (const [name, rating] of [['official', official], ['fixed', fixed]]) {
    for (const [type, most, changed] of rating?.[2] ?? []) {
      const key = `${type} ${most}`;
      fired.set(key, { type, most, changed: changed || fired.get(key)?.changed, names: [...(fired.get(key)?.names ?? []), name] });
    }
  }
  if (!fired.size) return null;
  return el('ul', { class: 'caps', 'aria-label': 'Caps that fired' }, [...fired.values()].map(({ type, most, changed, names }) =>
    el('li', { class: `tag ${changed ? 'changed' : ''}`, title: changed ? 'It lowered the rating' : 'The rating was lower already' },
      `${words(type)}: at most ${most.toFixed(1)}${names.length < 2 ? `, ${names[0]} only` : ''}`)));
}

function reasons({ categories: list, strengths, issues, judge }) {
  const said = list.filter(([, , , , why]) => why);
  if (!said.length && !strengths.length && !issues.length) return null;
  const points = (label, texts) => texts.length > 0 && [el('p', {}, label), el('ul', {}, texts.map((text) => el('li', { dir: 'auto' }, text)))];
  return el('details', {}, el('summary', {}, 'What the judge says'),
    judge && el('p', { class: 'small' }, judge),
    el('dl', {}, said.flatMap(([label, , , , why]) => [el('dt', {}, label), el('dd', { dir: 'auto' }, why)])),
    points('Good', strengths), points('Wrong', issues));
}

function program({ program: source, note }) {
  if (!source) return note ? el('p', { class: 'small' }, note) : null;
  return el('details', {}, el('summary', {}, 'Program'), el('pre', { tabindex: 0, dir: 'ltr' }, source), note && el('p', { class: 'small' }, note));
}

let listed = [];
let current = null;

async function open(card) {
  current = card;
  const dialog = byId('large');
  const place = listed.indexOf(card);
  byId('large-name').replaceChildren(el('bdi', {}, card.sample));
  byId('large-tags').replaceChildren();
  appendAll(byId('large-tags'), [modelOf(card), ...tagsOf(card)].filter(Boolean));
  byId('before').disabled = place < 1;
  byId('after').disabled = place < 0 || place + 1 >= listed.length;
  byId('place').textContent = place < 0 ? '' : `${(place + 1).toLocaleString('en')} of ${listed.length.toLocaleString('en')}`;
  if (!dialog.open) dialog.showModal();
  const [both, details] = await Promise.all([panes(card), detailsOf(card)]);
  if (current !== card) return;
  byId('large-body').replaceChildren(el('div', { class: 'pair' }, both), verdict(card, details));
  byId('large-body').scrollTop = 0;
}

function step(by) {
  const card = listed[listed.indexOf(current) + by];
  if (current && card) open(card);
}

function wireDialog() {
  const dialog = byId('large');
  const button = (id, label, text, onclick) => el('button', { type: 'button', class: 'button square quiet', id, 'aria-label': label, title: label, onclick }, text);
  dialog.append(
    el('header', {}, el('h2', { id: 'large-name' }), el('span', { class: 'tags', id: 'large-tags' }), el('span', { class: 'space' }),
      el('span', { id: 'place', role: 'status' }), button('before', 'The one before', '←', () => step(-1)),
      button('after', 'The next one', '→', () => step(1)), button('close', 'Close', '✕', () => dialog.close())),
    el('div', { id: 'large-body', tabindex: 0, role: 'region', 'aria-labelledby': 'large-name' }));
  dialog.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // A program that is wider than its box is scrolled by the same keys.
    if (!by || event.ctrlKey || event.altKey || event.metaKey || event.target.closest('pre')) return;
    event.preventDefault();
    step(by);
  });
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  dialog.addEventListener('close', () => {
    shells.get(current?.index)?.querySelector('.name').focus();
    current = null;
    byId('large-body').replaceChildren();
  });
}

function show() {
  listed = selection();
  byId('shown').textContent = listed.length === cards.length ? many(cards.length, 'answer')
    : `${listed.length.toLocaleString('en')} of ${many(cards.length, 'answer')}`;
  const nodes = document.createDocumentFragment();
  appendAll(nodes, listed.map(shell));
  byId('cards').replaceChildren(listed.length ? nodes : el('p', { class: 'nothing' }, 'No answer matches.'));
}

function choose(name, values) {
  byId(name).append(...values.map(([value, label]) => el('option', { value }, label)));
  byId(name).addEventListener('change', (event) => {
    state[name] = event.target.value;
    show();
  });
}

function wireGallery() {
  const named = (values) => [['', 'All'], ...values.map((value) => [value, value])];
  choose('model', named(run.models));
  choose('dataset', named(run.datasets.filter((name) => cards.some((card) => card.dataset === name))));
  choose('outcome', [['', 'All'], ...OUTCOMES.map(({ value, label, count }) => [value, `${label} (${count.toLocaleString('en')})`])]);
  choose('order', [['sample', 'sample'], ['low', 'lowest first'], ['high', 'highest first']]);
  byId('search').addEventListener('input', (event) => {
    state.text = event.target.value;
    show();
  });
  for (const end of ['low', 'high']) {
    byId(end).addEventListener('input', (event) => {
      const { value } = event.target;
      state[end] = value.trim() === '' || !Number.isFinite(Number(value)) ? null : Number(value);
      show();
    });
  }
  wireDialog();
  show();
}

wireTheme(() => undefined);
if (byId('cards')) wireGallery();
