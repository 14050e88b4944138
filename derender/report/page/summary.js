// The run at a glance: outcomes, and the mean and distribution of every score, of the rows that are shown now.

const BINS = 24;

/** Draws the summary once; returns a function that brings it up to date with a selection. */
function summary(root) {
  const tiles = measures.filter((measure) => measure.headline).map(measureTile);
  const outcome = outcomeTile();
  root.append(outcome.node, ...tiles.map((tile) => tile.node));
  byId('facts').append(facts());
  // Rows of equal length look better than a full row and a rest of two.
  const arrange = () => {
    const units = tiles.length + 2;
    const lines = Math.ceil(units / Math.max(4, Math.floor(root.clientWidth / 128)));
    root.style.setProperty('--columns', Math.max(4, Math.ceil(units / lines)));
  };
  arrange();
  window.addEventListener('resize', arrange);
  return (shown) => [outcome, ...tiles].forEach((tile) => tile.update(shown));
}

function facts() {
  const models = valuesOf('model');
  const found = [
    many(rows.length, 'row'),
    models.length === 1 ? `model ${models[0]}` : models.length > 1 ? many(models.length, 'model') : '',
    ...run.spent.map(spending),
    run.made,
    run.unreadable ? `${many(run.unreadable, 'line')} of results.jsonl could not be read` : '',
  ];
  return found.filter(Boolean).join('  ·  ');
}

/** What a model was used for, in a sentence; its name only where there are several. */
function spending({ model, answers, cached, failed, tokens, waited_s: waited, cost }) {
  const said = [
    many(answers, 'answer') + (cached ? `, ${cached.toLocaleString('en')} of which given before` : ''),
    failed && `${many(failed, 'request')} failed`,
    tokens ? tokens.some(Boolean) && `${tokens[0].toLocaleString('en')} tokens in, ${tokens[1].toLocaleString('en')} out` : 'tokens not counted',
    waited > 0 && `${seconds(waited)} waited for`,
    cost !== null && cost > 0 && `cost ${cost < 1 ? cost.toPrecision(2) : cost.toFixed(2)}`,
  ].filter(Boolean).join(', ');
  return run.spent.length > 1 ? `${model}: ${said}` : said;
}

function outcomeTile() {
  const present = Object.keys(STATUS).filter((status) => rows.some((row) => row.status === status));
  const unscored = outcomes.find((outcome) => outcome.value === 'unscored');
  const big = el('strong', {});
  const bar = el('div', { class: 'share', 'aria-hidden': 'true' },
    present.map((status) => el('i', { class: status })));
  const keys = [...present, ...(unscored ? ['unscored'] : [])].map((value) => outcomeKey(value));
  const node = el('div', { class: 'tile outcomes' },
    el('h2', {}, 'Outcome'), el('p', { class: 'big' }, big, el('span', {}, 'drawn')), bar, el('div', { class: 'keys' }, keys));
  const update = (shown) => {
    const count = (status) => shown.filter((row) => row.status === status).length;
    big.textContent = shown.length ? `${Math.floor((100 * count('ok')) / shown.length)} %` : '–';
    present.forEach((status, i) => {
      bar.children[i].style.setProperty('flex-grow', count(status));
      bar.children[i].hidden = !count(status);
    });
    keys.forEach((key) => key.update(shown));
  };
  return { node, update };
}

function outcomeKey(value) {
  const outcome = outcomes.find((item) => item.value === value);
  const count = el('b', {});
  const key = el('button', {
    type: 'button', class: `key ${value}`, title: outcome.label,
    onclick: () => {
      state.outcome = state.outcome === value ? '' : value;
      changed();
    },
  }, el('i', {}), count, ` ${STATUS[value]?.label ?? value}`);
  key.update = (shown) => {
    count.textContent = shown.filter(outcome.test).length.toLocaleString('en');
    key.setAttribute('aria-pressed', state.outcome === value);
  };
  return key;
}

function measureTile(measure) {
  const mean = el('strong', {});
  const note = el('span', {});
  const chart = histogram(measure);
  const arrow = { high: '↑', low: '↓' }[measure.better] ?? '';
  const title = el('button', { type: 'button', title: [measure.summary, `Sort by ${measure.label}`].filter(Boolean).join('\n'), onclick: () => sortBy(measure.id) },
    measure.label, arrow && el('i', { title: arrow === '↑' ? 'higher is better' : 'lower is better' }, ` ${arrow}`));
  const node = el('div', { class: 'tile' }, el('h2', {}, title), el('p', { class: 'big' }, mean, note), chart.node);
  const update = (shown) => {
    const { value, text, hint } = meanOf(measure, shown);
    mean.textContent = written(measure, value);
    note.textContent = text;
    note.title = hint;
    node.classList.toggle('sorted', state.sort === measure.id);
    chart.update(shown);
  };
  return { node, update };
}

function meanOf(measure, shown) {
  const values = shown.map(measure.of).filter(has);
  const finite = values.filter(Number.isFinite);
  const value = finite.length ? finite.reduce((sum, item) => sum + item, 0) / finite.length : null;
  const without = shown.length - values.length;
  const unscored = measure.part ? shown.filter((row) => reasonOf(row, measure.part)).length : 0;
  const hint = [
    `mean of ${many(finite.length, 'row')}`,
    values.length > finite.length && `${values.length - finite.length} infinite, not in the mean`,
    without && `${without} without a value`,
    unscored && `${unscored} of them unscored`,
  ].filter(Boolean).join('; ');
  return { value, text: `n ${finite.length.toLocaleString('en')}`, hint };
}

/** All rows as a pale distribution, the shown ones over it; dragging across it filters. */
function histogram(measure) {
  const finite = rows.map(measure.of).filter((value) => has(value) && Number.isFinite(value));
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!finite.length) return { node: el('div', { class: 'bars empty' }, 'no values'), update: () => undefined };
  const width = (high - low) / BINS || 1;
  const bin = (value) => Math.min(BINS - 1, Math.floor((value - low) / width));
  const counted = (list) => {
    const counts = new Array(BINS).fill(0);
    list.map(measure.of).forEach((value) => has(value) && Number.isFinite(value) && (counts[bin(value)] += 1));
    return counts;
  };
  const all = counted(rows);
  // The square root keeps a bin of one row visible beside a bin of a thousand.
  const tall = (count) => Math.sqrt(count / Math.max(...all));
  const bars = all.map((count) => el('i', { '--all': tall(count) }));
  const plot = el('div', { class: 'bars', role: 'img', title: 'Drag across to filter' }, bars);
  const show = (value) => written(measure, value);
  const node = el('div', { class: 'histogram' }, plot,
    el('div', { class: 'ends', 'aria-hidden': 'true' }, el('span', {}, show(low)), el('span', {}, show(high))));
  brush(plot, (from, to) => {
    state.ranges.set(measure.id, [low + from * width, to === BINS ? high : low + to * width]);
    changed();
  });
  const update = (shown) => {
    const counts = counted(shown);
    bars.forEach((bar, i) => {
      bar.style.setProperty('--now', counts[i] ? tall(counts[i]) : 0);
      bar.title = `${show(low + i * width)} to ${show(low + (i + 1) * width)}: ${counts[i]} of ${many(all[i], 'row')}`;
    });
    plot.setAttribute('aria-label', `Distribution of ${measure.label}, from ${show(low)} to ${show(high)}`);
  };
  return { node, update, bin, bars: all.map(tall), low, high };
}

function brush(plot, done) {
  let from = null;
  const at = (event) => {
    const box = plot.getBoundingClientRect();
    return Math.max(0, Math.min(BINS - 1, Math.floor(((event.clientX - box.left) / box.width) * BINS)));
  };
  const mark = (event) => {
    const [a, b] = [from, at(event)].sort((x, y) => x - y);
    [...plot.children].forEach((bar, i) => bar.classList.toggle('brushed', i >= a && i <= b));
    return [a, b + 1];
  };
  plot.addEventListener('pointerdown', (event) => {
    from = at(event);
    plot.setPointerCapture(event.pointerId);
    mark(event);
  });
  plot.addEventListener('pointermove', (event) => from !== null && mark(event));
  plot.addEventListener('pointerup', (event) => {
    if (from === null) return;
    const [a, b] = mark(event);
    from = null;
    [...plot.children].forEach((bar) => bar.classList.remove('brushed'));
    done(a, b);
  });
  plot.addEventListener('pointercancel', () => { from = null; });
}
