// The page's controls, wired together. Whatever changes, `changed` brings everything up to date.

const updateSummary = summary(byId('summary'));
const list = byId('list');

function changed() {
  const shown = selection();
  updateSummary(shown);
  showList(list, shown);
  showControls(shown);
}

function announce(text) {
  byId('shown').textContent = text;
}

function clearFilters() {
  Object.assign(state, { text: '', target: '', outcome: '', group: '', model: '' });
  state.ranges.clear();
  changed();
}

function showControls(shown) {
  announce(shown.length === rows.length ? many(rows.length, 'row') : `${shown.length.toLocaleString('en')} of ${many(rows.length, 'row')}`);
  const search = byId('search');
  if (search.value !== state.text) search.value = state.text;
  for (const name of ['outcome', 'group', 'model', 'sort']) byId(name).value = state[name];
  press('targets', state.target);
  press('views', state.view);
  byId('direction').textContent = state.descending ? '↓' : '↑';
  byId('direction').title = state.descending ? 'Largest first; press for smallest first' : 'Smallest first; press for largest first';
  byId('direction').setAttribute('aria-label', byId('direction').title);
  byId('chips').replaceChildren(...chips());
  rangeInputs.forEach((show) => show());
}

function press(group, value) {
  [...byId(group).children].forEach((button) => button.setAttribute('aria-pressed', button.dataset.value === value));
}

function chips() {
  const chip = (text, clear) => el('button', {
    type: 'button', class: 'chip', title: 'Remove this filter',
    onclick: () => {
      clear();
      changed();
    },
  }, text, el('i', { 'aria-hidden': 'true' }, '✕'));
  const outcome = outcomes.find((item) => item.value === state.outcome);
  const found = [
    state.text && chip(`“${state.text}”`, () => { state.text = ''; }),
    outcome && chip(outcome.label, () => { state.outcome = ''; }),
    ...['target', 'group', 'model'].map((name) => state[name] && chip(state[name], () => { state[name] = ''; })),
    ...[...state.ranges].map(([id, range]) => chip(rangeText(measureById.get(id), range), () => state.ranges.delete(id))),
  ].filter(Boolean);
  if (found.length > 1) found.push(el('button', { type: 'button', class: 'chip all', onclick: clearFilters }, 'Clear all'));
  return found;
}

function rangeText(measure, [low, high]) {
  if (low === null) return `${measure.label} ≤ ${written(measure, high)}`;
  if (high === null) return `${measure.label} ≥ ${written(measure, low)}`;
  return `${measure.label} ${written(measure, low)} – ${written(measure, high)}`;
}

function options(id, entries) {
  byId(id).append(...entries.map(([value, label]) => el('option', { value }, label)));
  byId(id).addEventListener('change', (event) => {
    state[id] = event.target.value;
    changed();
  });
}

function segments(id, name, entries) {
  byId(id).append(...entries.map(([value, label, title]) => el('button', {
    type: 'button', 'data-value': value, title,
    onclick: () => {
      state[name] = value;
      changed();
    },
  }, label)));
}

function choice(name, values) {
  byId(`${name}-choice`).hidden = values.length < 2;
  options(name, [['', 'All'], ...values.map((value) => [value, value])]);
}

const rangeInputs = [];
function rangeRow(measure) {
  const read = (text) => (text.trim() === '' || !Number.isFinite(Number(text)) ? null : Number(text));
  const input = (label) => el('input', { type: 'number', step: 'any', placeholder: label, 'aria-label': `${measure.label}, ${label}`, oninput: apply });
  const [low, high] = [input('at least'), input('at most')];
  function apply() {
    const range = [read(low.value), read(high.value)];
    if (range.every((end) => end === null)) state.ranges.delete(measure.id);
    else state.ranges.set(measure.id, range);
    changed();
  }
  rangeInputs.push(() => {
    const range = state.ranges.get(measure.id) ?? [null, null];
    [low, high].forEach((field, i) => {
      if (document.activeElement !== field) field.value = range[i] === null ? '' : Number(range[i].toPrecision(4));
    });
  });
  return el('div', {}, el('span', {}, measure.label), low, high);
}

function wireControls() {
  const targets = valuesOf('target');
  segments('targets', 'target', [['', 'All'], ...targets.map((value) => [value, value])]);
  byId('targets').hidden = targets.length < 2;
  options('outcome', [['', 'All'], ...outcomes.map(({ value, label, count, indented }) =>
    [value, `${indented ? '\u2003' : ''}${label} (${count.toLocaleString('en')})`])]);
  choice('group', valuesOf('group'));
  choice('model', valuesOf('model'));
  options('sort', [['run', 'run order'], ['name', 'name'], ...measures.map(({ id, label }) => [id, label])]);
  segments('views', 'view', [
    ['compare', 'Compare', 'Reference, render and difference'],
    ['slider', 'Slider', 'Wipe between reference and render'],
    ['table', 'Table', 'One line per row'],
  ]);
  byId('ranges').hidden = !measures.length;
  byId('ranges').querySelector('.panel').append(...measures.map(rangeRow));
  byId('search').addEventListener('input', (event) => {
    state.text = event.target.value;
    changed();
  });
  byId('direction').addEventListener('click', () => {
    state.descending = !state.descending;
    changed();
  });
  byId('more').addEventListener('click', (event) => {
    event.currentTarget.setAttribute('aria-expanded', byId('toolbar').classList.toggle('expanded'));
  });
  document.addEventListener('click', (event) => {
    if (!byId('ranges').contains(event.target)) byId('ranges').open = false;
  });
}

function wireKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest('input, select, textarea')) {
      if (event.key === 'Escape' && event.target === byId('search')) event.target.blur();
      return;
    }
    if (dialog.open) detailKey(event);
    else if (event.key === '/') {
      event.preventDefault();
      byId('search').focus();
    }
  });
  dialog.addEventListener('close', () => {
    const { row } = opened;
    opened.row = null;
    dialog.replaceChildren();
    if (rowOfAddress()) history.replaceState(null, '', '#');
    const node = row && shells.get(`${state.view}-${row.index}`);
    if (node?.isConnected) {
      node.scrollIntoView({ block: 'nearest' });
      node.querySelector('.name')?.focus({ preventScroll: true });
    }
  });
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  window.addEventListener('hashchange', followAddress);
  window.addEventListener('resize', () => dialog.open && opened.stage.fit());
}

function detailKey(event) {
  const click = (selector, index) => dialog.querySelectorAll(selector)[index]?.click();
  if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
    if (event.target.closest('.code.unwrapped')) return;
    event.preventDefault();
    turn(event.key === 'ArrowLeft' ? -1 : 1);
  } else if ('1234'.includes(event.key)) click('.bar [role=group]:first-child button', Number(event.key) - 1);
  else if (event.key === '-') click('.zoom button', 0);
  else if (event.key === '0') click('.zoom button', 1);
  else if (event.key === '+' || event.key === '=') click('.zoom button', 2);
  else if (event.key === 'c') click('.copy', 0);
}

wireControls();
wireTheme(redrawList);
wireKeys();
changed();
followAddress();
