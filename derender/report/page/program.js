// A program's text with line numbers and colours, the failing line marked, and a button that copies it.

/** The block under the scores of an opened row. */
function programView(row, found) {
  const { source, note, language } = found;
  const size = [language, has(row.bytes) && kilobytes(row.bytes), has(row.lines) && many(row.lines, 'line')];
  const code = el('pre', { class: 'code', tabindex: 0, 'aria-label': 'Program text' });
  const wrap = el('button', {
    type: 'button', class: 'button quiet', 'aria-pressed': 'true',
    onclick: () => wrap.setAttribute('aria-pressed', !code.classList.toggle('unwrapped')),
  }, 'Wrap');
  const copy = el('button', { type: 'button', class: 'button copy', onclick: () => copyText(source, copy) }, 'Copy');
  if (source) appendAll(code, codeLines(highlight(source, language), row.failure?.line));
  return el('section', { class: 'program' },
    el('header', {}, el('h3', {}, row.program || 'Program'), el('span', { class: 'size' }, size.filter(Boolean).join('  ·  ')),
      el('span', { class: 'space' }), source && wrap, source && copy),
    note && el('p', { class: 'note' }, note),
    source && code);
}

function codeLines(pieces, bad) {
  return cutIntoLines(pieces).map((parts, index) =>
    el('span', { class: index + 1 === bad ? 'line bad' : 'line', 'data-n': index + 1 }, parts, '\n'));
}

/** Coloured pieces as lines of strings and elements. */
function cutIntoLines(pieces) {
  const lines = [[]];
  for (const [text, kind] of pieces) {
    text.split('\n').forEach((part, index) => {
      if (index) lines.push([]);
      if (part) lines[lines.length - 1].push(kind ? el('span', { class: kind }, part) : part);
    });
  }
  if (lines.length > 1 && !lines[lines.length - 1].length) lines.pop();
  return lines;
}

async function copyText(text, button) {
  const done = await toClipboard(text);
  button.textContent = done ? 'Copied' : 'Press Ctrl+C';
  announce(done ? 'Program copied' : 'Copying is not allowed here');
  setTimeout(() => { button.textContent = 'Copy'; }, 1600);
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

// Pages opened from disk have no clipboard of their own in some browsers; a selection can be copied in all.
function copyBySelection(text) {
  const focused = document.activeElement;
  const area = el('textarea', { class: 'hidden', 'aria-hidden': 'true', readonly: true });
  area.value = text;
  (byId('detail').open ? byId('detail') : document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  focused?.focus?.();
  return done;
}
