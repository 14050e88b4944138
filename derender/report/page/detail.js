// One row in full: the large comparison, every score, what went wrong, and the program. Its address is the row's name.

const dialog = byId('detail');
const opened = { row: null, shown: 0, stage: null };

/** Show a row; the address bar names it, so that the view can be linked to and Back closes it. */
function openRow(row) {
  if (location.hash === link(row)) showRow(row);
  else location.hash = link(row);
}

function rowOfAddress() {
  let key;
  try {
    key = decodeURIComponent(location.hash.slice(1));
  } catch {
    return null;
  }
  return key ? rows.find((row) => row.key === key) ?? rows.find((row) => row.id === key) ?? null : null;
}

function followAddress() {
  const row = rowOfAddress();
  if (row) showRow(row);
  else if (dialog.open) dialog.close();
}

function showRow(row) {
  opened.row = row;
  opened.shown = 0;
  paintDetail();
  if (!dialog.open) dialog.showModal();
  opened.stage.fit();
  dialog.querySelector('.stage').focus({ preventScroll: true });
}

function turn(way) {
  const list = current.includes(opened.row) ? current : rows;
  const next = list[list.indexOf(opened.row) + way];
  // Turning pages replaces the address: Back leaves the view instead of walking through every page.
  if (next) {
    history.replaceState(null, '', link(next));
    showRow(next);
  }
}

function paintDetail() {
  const { row } = opened;
  const { bar, body } = stage(row, row.pictures[opened.shown]?.[0], repaintStage);
  body.setAttribute('tabindex', -1);
  opened.stage = body;
  const side = el('div', { class: 'aside' }, failureView(row), requestView(row), scoresView(row), roundsView(row), el('div', { class: 'late' }), factsView(row));
  dialog.replaceChildren(detailHeader(row), el('div', { class: 'main' }, el('div', { class: 'left' }, bar, body, pictureChoice(row)), side));
  programOf(row).then((found) => {
    if (opened.row !== row) return;
    side.querySelector('.late').replaceChildren(...[warningsView(found.warnings), programView(row, found)].filter(Boolean));
  });
}

function repaintStage() {
  const { bar, body } = stage(opened.row, opened.row.pictures[opened.shown]?.[0], repaintStage);
  body.setAttribute('tabindex', -1);
  opened.stage.replaceWith(body);
  dialog.querySelector('.bar').replaceWith(bar);
  opened.stage = body;
  body.fit();
  bar.querySelector('[aria-pressed="true"]')?.focus({ preventScroll: true });
}

function detailHeader(row) {
  const list = current.includes(row) ? current : rows;
  const place = list.indexOf(row);
  const button = (label, title, onclick, disabled) =>
    el('button', { type: 'button', class: 'button quiet square', title, 'aria-label': title, onclick, disabled }, label);
  return el('header', {}, el('h2', { id: 'detail-name', title: row.key }, row.id), el('span', { class: 'tags' }, tags(row)),
    el('span', { class: 'space' }), el('span', { class: 'place' }, `${place + 1} of ${list.length.toLocaleString('en')}`),
    button('←', 'Previous ( ← )', () => turn(-1), place === 0), button('→', 'Next ( → )', () => turn(1), place === list.length - 1),
    button('✕', 'Close ( Esc )', () => dialog.close()));
}

function pictureChoice(row) {
  if (row.pictures.length < 2 && !row.hidden) return null;
  const choices = row.pictures.map(([, name], index) => el('button', {
    type: 'button', 'aria-pressed': opened.shown === index, title: name,
    onclick: (event) => {
      opened.shown = index;
      [...event.currentTarget.parentNode.children].forEach((other, i) => other.setAttribute('aria-pressed', i === index));
      repaintStage();
    },
  }, name));
  return el('div', { class: 'pictures' }, el('div', { class: 'segments', role: 'group', 'aria-label': 'Picture' }, choices),
    row.hidden > 0 && el('span', {}, `and ${row.hidden} more, not in this page`));
}

function failureView(row) {
  if (!row.failure) return null;
  const { kind, message, line } = row.failure;
  return el('section', { class: `failure ${row.status}` },
    el('h3', {}, STATUS[row.status].title, el('span', {}, words(kind))), el('p', {}, message || 'no message'),
    line && el('button', { type: 'button', class: 'button', onclick: () => showLine() }, `Show line ${line}`));
}

function requestView(row) {
  return row.request && el('section', { class: 'request' }, el('h3', {}, 'Request'), el('p', {}, row.request));
}

/** What the model made of its own drawings, answer by answer. */
function roundsView(row) {
  if (!row.rounds) return null;
  const { each, by, chosen, why } = row.rounds;
  const line = ({ number: count, score, why: reason, failure }) => el('li', { class: count === chosen ? 'chosen' : null },
    el('b', {}, `Round ${count}`), el('span', {}, failure ? 'failed' : `${by} ${number(score)}`),
    el('p', {}, [count === chosen && 'the result', reason, failure].filter(Boolean).join(' · ')));
  return el('section', { class: 'rounds' }, el('h3', {}, many(each.length, 'round')), el('ol', {}, each.map(line)),
    why && el('p', {}, `No further one: ${why}.`));
}

function showLine() {
  dialog.querySelector('.line.bad')?.scrollIntoView({ block: 'center' });
}

function warningsView(warnings) {
  return warnings.length > 0
    && el('section', { class: 'warnings' }, el('h3', {}, many(warnings.length, 'warning')), el('ul', {}, warnings.map((text) => el('li', {}, text))));
}

function scoresView(row) {
  const said = new Set();
  // What keeps a whole metric from being scored is said once, not part by part.
  const news = ({ metric }) => !(metric in row.unscored) || (!said.has(metric) && said.add(metric));
  const parts = measures.filter((measure) => measure.part
    && (has(measure.of(row)) || (reasonOf(row, measure.part) && news(measure.part))));
  if (!parts.length) return el('section', { class: 'measures' }, el('h3', {}, 'No scores'));
  return el('section', { class: 'measures' }, el('h3', {}, 'Scores'), el('div', { class: 'grid' }, parts.map((measure) => measureView(row, measure))));
}

function measureView(row, measure) {
  const value = measure.of(row);
  const reason = reasonOf(row, measure.part);
  const name = measure.part.metric in row.unscored ? measure.part.metric : measure.label;
  const { bars, bin } = histogram(measure);
  const mark = has(value) && Number.isFinite(value) && bin ? bin(value) : -1;
  return el('div', { class: 'measure', title: 'Where this row stands in the whole run' }, el('span', {}, name),
    has(value) || !reason ? el('b', {}, number(value)) : el('b', { class: 'reason', title: reason }, 'unscored'),
    has(value) || !reason
      ? el('div', { class: 'bars', 'aria-hidden': 'true' }, (bars ?? []).map((tall, i) => el('i', { class: i === mark ? 'mark' : null, '--all': tall, '--now': i === mark ? tall : 0 })))
      : el('p', {}, reason));
}

function factsView(row) {
  const size = (number) => {
    const { missing, width, height, scale, lossless } = pictureFacts(number);
    if (missing) return missing;
    const notes = [scale < 1 && `shown at ${Math.round(scale * 100)} %`, !lossless && 'stored at high quality, not without loss'];
    return [`${width} × ${height}`, ...notes.filter(Boolean)].join(', ');
  };
  const facts = [
    ['Reference', has(row.reference) ? size(row.reference) : 'none'],
    ['Render', row.pictures.length ? size(row.pictures[0][0]) : 'none'],
    ['Render time', has(row.elapsed) ? seconds(row.elapsed) : '–'],
    ['Model', row.model], ['Group', row.group], ['Target', row.target], ['Key', row.key !== row.id && row.key],
  ].filter(([, text]) => text);
  return el('dl', { class: 'facts' }, facts.map(([name, text]) => el('div', {}, el('dt', {}, name), el('dd', {}, text))));
}
