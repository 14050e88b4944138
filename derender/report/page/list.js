// The rows as cards or as a table. Each begins as a name in a box of the right height and is filled in while it is
// near the screen, so that thousands of rows scroll as well as ten.

const NEAR = '700px 0px';
const CARD_DIFFERENCE_WIDTH = 400;
let current = [];

const fillers = { compare: fillCard, slider: fillCard, table: fillLine };
const shells = new Map();

const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting && !target.filled) fill(target);
    else if (!isIntersecting && target.filled && !target.contains(document.activeElement)) empty(target);
  }
  keepHeight();
}, { rootMargin: NEAR });

// A box that is not filled in yet is as high as one that is, so that the scroll bar tells the truth.
let measured = '';
function keepHeight() {
  const setting = `${state.view} ${innerWidth}`;
  const card = measured === setting ? null : document.querySelector('#list .card.ok.filled');
  if (!card) return;
  byId('list').style.setProperty('--card-height', `${card.offsetHeight}px`);
  measured = setting;
}
addEventListener('resize', keepHeight);

/** Show these rows, in this order. */
function showList(root, selected) {
  current = selected;
  root.className = state.view;
  if (!selected.length) {
    root.replaceChildren(el('p', { class: 'nothing' }, rows.length ? 'No row matches. ' : 'This run has no rows yet.',
      rows.length > 0 && el('button', { type: 'button', class: 'button', onclick: clearFilters }, 'Clear all filters')));
    return;
  }
  const nodes = selected.map((row) => shell(row, state.view));
  root.replaceChildren(state.view === 'table' ? table(nodes) : fragment(nodes));
  root.querySelectorAll('[data-measure]').forEach((node) => {
    node.classList.toggle('sorted', node.dataset.measure === state.sort);
  });
}

function fragment(nodes) {
  const found = document.createDocumentFragment();
  appendAll(found, nodes);
  return found;
}

function shell(row, view) {
  const id = `${view}-${row.index}`;
  if (!shells.has(id)) {
    const node = view === 'table' ? el('tr', { class: row.status }) : el('article', { class: `card ${row.status}` });
    node.row = row;
    node.view = view;
    node.addEventListener('click', (event) => {
      if (!event.target.closest('a, button, input, summary') && !getSelection().toString()) openRow(row);
    });
    empty(node);
    watcher.observe(node);
    shells.set(id, node);
  }
  return shells.get(id);
}

function empty(node) {
  node.filled = false;
  node.classList.remove('filled');
  const name = nameLink(node.row);
  node.replaceChildren(node.view === 'table' ? el('th', { scope: 'row', colspan: 4 + measures.length }, name) : el('header', {}, name));
}

function fill(node) {
  node.filled = true;
  node.classList.add('filled');
  fillers[node.view](node, node.row);
}

/** Draw again what is on screen, in the colours of now. */
function redrawList() {
  for (const node of shells.values()) if (node.filled) fill(node);
}

const link = (row) => `#${encodeURIComponent(row.key)}`;
const nameLink = (row) => el('a', { class: 'name', href: link(row), title: row.key }, row.id);

function tags(row) {
  return [
    row.status !== 'ok' && el('span', { class: `tag ${row.status}` }, STATUS[row.status].label),
    isBlank(row) && el('span', { class: 'tag failed', title: 'Every pixel has the same colour' }, 'blank'),
    row.warnings > 0 && el('span', { class: 'tag', title: many(row.warnings, 'warning') }, `⚠ ${row.warnings}`),
    row.group && el('span', { class: 'tag group' }, row.group),
    row.target && el('span', { class: `tag target ${row.target}` }, row.target),
  ];
}

function fillCard(card, row) {
  const header = el('header', {}, nameLink(row), el('span', { class: 'tags' }, tags(row)));
  card.replaceChildren(header, panes(card.view, row), scoreList(row));
}

function panes(view, row) {
  if (!comparable(row)) {
    return el('div', { class: 'panes' }, pane(row.reference, 'Reference', 'no reference'), outcomePane(row));
  }
  const shown = row.pictures[0][0];
  if (view === 'slider') {
    const box = stack(row, shown, { thumbnail: true, wipe: true });
    return el('div', { class: 'panes' }, el('figure', {}, el('div', { class: 'frame' }, box),
      el('figcaption', { class: 'both' }, el('span', {}, 'Reference'), el('span', {}, 'Render'))));
  }
  const sides = [pane(row.reference, 'Reference'), pane(shown, 'Render')];
  return el('div', { class: 'panes' }, sides, differencePane(row, sides.map((side) => side.querySelector('img'))));
}

function pane(number, caption, absent = '') {
  const { missing } = pictureFacts(number);
  const content = missing
    ? el('p', { class: 'absent' }, number === null && absent ? absent : missing)
    : picture(number, caption, true);
  return el('figure', {}, el('div', { class: 'frame' }, content), el('figcaption', {}, caption));
}

function outcomePane(row) {
  const { missing } = pictureFacts(row.pictures[0]?.[0]);
  if (!row.failure) return missing ? pane(row.pictures[0]?.[0], 'Render') : pane(row.pictures[0][0], 'Render');
  return el('figure', { class: 'wide' }, el('div', { class: `frame why ${row.status}` },
    el('p', { class: 'kind' }, words(row.failure.kind), row.failure.line && el('span', {}, `line ${row.failure.line}`)),
    el('p', { class: 'message' }, row.failure.message || 'no message')), el('figcaption', {}, STATUS[row.status].title));
}

function differencePane(row, sources) {
  const canvas = el('canvas', { role: 'img', 'aria-label': 'Difference' });
  const size = overlaySize(row.reference, CARD_DIFFERENCE_WIDTH);
  canvas.width = size.width;
  canvas.height = size.height;
  Promise.all(sources.map((image) => image.ready)).then(() => {
    whenIdle(() => canvas.isConnected && drawDifference(canvas, ...sources, size));
  });
  return el('figure', {}, el('div', { class: 'frame' }, canvas), el('figcaption', {}, 'Difference'));
}

const whenIdle = window.requestIdleCallback
  ? (work) => requestIdleCallback(work, { timeout: 400 })
  : (work) => setTimeout(work, 0);

function scoreList(row) {
  if (!run.parts.length) return el('footer', {});
  return el('dl', { class: 'scores' }, measures.filter((measure) => measure.part?.headline).map((measure) => scoreItem(row, measure)));
}

function scoreItem(row, measure) {
  const value = measure.of(row);
  const reason = reasonOf(row, measure.part);
  return el('div', {
    class: sortedClass(measure), 'data-measure': measure.id, title: unscoredHint(value, reason),
    '--fill': share(measure, value),
  }, el('dt', {}, measure.label), el('dd', {}, has(value) ? number(value) : reason ? '– unscored' : '–'));
}

const unscoredHint = (value, reason) => (!has(value) && reason ? `unscored: ${reason}` : null);
const sortedClass = (measure) => (state.sort === measure.id ? 'sorted' : '');

/** How full the bar under a score is; only scores between 0 and 1 of which more is better have one. */
const share = (measure, value) => (has(value) && measure.better !== 'low' && value >= 0 && value <= 1 ? value : 0);

function fillLine(line, row) {
  const cell = (text, props = {}) => el('td', props, text);
  const thumb = (number) => cell(pictureFacts(number).missing ? el('span', { class: 'absent' }, '–') : picture(number, '', true),
    { class: 'thumb' });
  const shown = row.pictures[0]?.[0];
  const why = row.failure ? `${words(row.failure.kind)}: ${row.failure.message}` : STATUS[row.status].label;
  line.replaceChildren(
    thumb(row.reference), thumb(shown),
    el('th', { scope: 'row' }, nameLink(row), el('span', { class: 'tags' }, tags(row).slice(1))),
    cell(el('span', { class: `dot ${row.status}` }, why), { class: 'why', title: why }),
    ...measures.map((measure) => numberCell(row, measure)),
  );
}

function numberCell(row, measure) {
  const value = measure.of(row);
  const reason = measure.part && reasonOf(row, measure.part);
  return el('td', {
    class: `figure ${sortedClass(measure)}`, 'data-measure': measure.id, title: unscoredHint(value, reason),
  }, written(measure, value));
}

function table(lines) {
  const column = (id, label, props = {}) => el('th', {
    scope: 'col', ...props, 'aria-sort': state.sort === id ? (state.descending ? 'descending' : 'ascending') : null,
  }, el('button', { type: 'button', onclick: () => sortBy(id) }, label));
  const head = el('thead', {}, el('tr', {},
    el('th', { scope: 'col' }, 'Reference'), el('th', { scope: 'col' }, 'Render'), column('name', 'Name'),
    el('th', { scope: 'col' }, 'Outcome'), measures.map((measure) => column(measure.id, measure.label, { class: 'figure' }))));
  const body = el('tbody', {});
  body.append(fragment(lines));
  return el('div', { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Rows as a table' }, el('table', {}, head, body));
}
