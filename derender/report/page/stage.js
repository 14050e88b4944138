// The large comparison in the detail view: side by side, slider, onion skin, difference; fitted or magnified.

const MODES = [
  ['side', 'Side by side'],
  ['slider', 'Slider'],
  ['onion', 'Onion skin'],
  ['difference', 'Difference'],
];
const CAPTION_PX = 44;
const GAP_PX = 14;
const EDGES_PX = 20;
const MOST_FITTED = 3;
const narrow = matchMedia('(max-width: 720px)');
// Below this the dialog is one column that scrolls, so that the stage has no height of its own.
const flowing = matchMedia('(max-width: 1000px)');
const ZOOMS = [0.25, 0.5, 1, 2, 4, 8, 16];
// Kept from row to row, so that turning the pages compares like with like.
const look = { mode: 'side', zoom: 0, opacity: 0.5, gain: 1 };

/** The comparison of a row's reference with one of its pictures. */
function stage(row, shown, repaint) {
  const both = comparable(row, shown);
  const mode = both ? look.mode : 'side';
  const body = el('div', { class: `stage ${mode}` });
  const sheets = both ? sheetsOf(mode, row, shown) : singleSheets(row, shown);
  const views = sheets.map((sheet) => viewOf(sheet));
  body.append(...views);
  if (mode === 'side') scrollTogether(sheets.map((sheet) => sheet.view));
  body.scale = () => look.zoom || Math.max(0.01, fitScale(body, sheets));
  body.fit = () => {
    body.classList.toggle('stacked', isStacked(body, sheets));
    sheets.forEach((sheet) => fitSheet(sheet, body.scale()));
  };
  const bar = el('div', { class: 'bar' }, both && modeButtons(mode, repaint), el('span', { class: 'space' }), modeControl(mode, sheets),
    zoomButtons(body));
  return { bar, body };
}

function modeButtons(mode, repaint) {
  return el('div', { class: 'segments', role: 'group', 'aria-label': 'Comparison' }, MODES.map(([id, label], index) =>
    el('button', {
      type: 'button', 'aria-pressed': mode === id, title: `${label} ( ${index + 1} )`, onclick: () => setMode(id, repaint),
    }, label)));
}

function setMode(mode, repaint) {
  look.mode = mode;
  repaint();
}

function sheetsOf(mode, row, shown) {
  if (mode === 'side') return singleSheets(row, shown);
  const facts = pictureFacts(row.reference);
  if (mode === 'difference') return [differenceSheet(row, shown, facts)];
  const box = stack(row, shown, { wipe: mode === 'slider' });
  box.style.setProperty('--opacity', look.opacity);
  return [{ node: box, ...facts, caption: mode === 'slider' ? ['Reference', 'Render'] : ['Reference under render'] }];
}

function singleSheets(row, shown) {
  return [[row.reference, 'Reference'], [shown, 'Render']]
    .filter(([number]) => !pictureFacts(number).missing)
    .map(([number, label]) => ({ node: picture(number, label), ...pictureFacts(number), caption: [label] }));
}

function differenceSheet(row, shown, facts) {
  const node = el('canvas', { role: 'img', 'aria-label': 'Difference' });
  const size = overlaySize(row.reference, 1600);
  const legend = [['gone', 'darker in the reference'], ['new', 'darker in the render'], ['hue', 'other colour']]
    .map(([kind, label]) => el('span', { class: 'legend' }, el('i', { class: kind }), label));
  const amount = el('b', {});
  const sources = [picture(row.reference, ''), picture(shown, '')];
  const draw = () => {
    const part = drawDifference(node, ...sources, { ...size, gain: look.gain });
    amount.textContent = `${(part * 100).toFixed(part < 0.1 ? 2 : 1)} % of pixels differ visibly`;
  };
  Promise.all(sources.map((image) => image.ready)).then(draw);
  return { node, ...facts, caption: [amount, ...legend], draw };
}

function viewOf(sheet) {
  sheet.view = el('div', { class: 'view', tabindex: -1 }, el('div', { class: 'sheet' }, sheet.node));
  dragToPan(sheet.view);
  return el('figure', {}, sheet.view, el('figcaption', {}, sheet.caption.map((part) => (part instanceof Node ? part : el('span', {}, part)))));
}

/** Whether two pictures get clearly larger one above the other than beside each other. */
const isStacked = (body, sheets) =>
  sheets.length > 1 && (narrow.matches
    || (!flowing.matches && scaleIn(body, sheets, 1, 2) > 1.15 * scaleIn(body, sheets, 2, 1)));

const fitScale = (body, sheets) => (isStacked(body, sheets)
  ? scaleIn(body, sheets, 1, sheets.length)
  : scaleIn(body, sheets, sheets.length, 1));

function scaleIn(body, sheets, columns, lines) {
  const tall = flowing.matches ? innerHeight * 0.42 : body.clientHeight / lines - CAPTION_PX;
  const wide = (body.clientWidth - EDGES_PX) / columns - GAP_PX;
  return Math.min(...sheets.map(({ width, height }) => Math.min(wide / width, tall / height, MOST_FITTED)));
}

function fitSheet(sheet, scale) {
  const box = sheet.view.firstChild;
  box.style.setProperty('width', `${Math.max(1, sheet.width * scale)}px`);
  box.style.setProperty('height', `${Math.max(1, sheet.height * scale)}px`);
  box.classList.toggle('pixels', scale / sheet.scale >= 2);
}

function modeControl(mode, sheets) {
  const slider = (label, props, change) => el('label', { class: 'knob' }, el('span', {}, label),
    el('input', { type: 'range', ...props, oninput: (event) => change(Number(event.target.value)), onpointerup: (event) => event.target.blur() }));
  if (mode === 'onion') {
    return slider('Render', { min: 0, max: 1, step: 0.01, value: look.opacity }, (value) => {
      look.opacity = value;
      sheets[0].node.style.setProperty('--opacity', value);
    });
  }
  if (mode === 'difference') {
    return slider('Amplify', { min: 0.5, max: 6, step: 0.1, value: look.gain }, (value) => {
      look.gain = value;
      sheets[0].draw();
    });
  }
  return null;
}

function zoomButtons(body) {
  const shown = el('output', {});
  const set = (zoom) => {
    look.zoom = zoom;
    body.fit();
    shown.textContent = zoom ? `${zoom * 100} %` : 'Fit';
  };
  const step = (way) => {
    const next = way > 0 ? ZOOMS.find((zoom) => zoom > body.scale() * 1.01) : ZOOMS.findLast((zoom) => zoom < body.scale() * 0.99);
    if (next) set(next);
  };
  const button = (label, title, onclick) => el('button', { type: 'button', title, 'aria-label': title, onclick }, label);
  const group = el('div', { class: 'segments zoom', role: 'group', 'aria-label': 'Zoom' },
    button('−', 'Smaller ( - )', () => step(-1)), button(shown, 'Fit ( 0 )', () => set(0)), button('+', 'Larger ( + )', () => step(1)));
  shown.textContent = look.zoom ? `${look.zoom * 100} %` : 'Fit';
  return group;
}

function scrollTogether(views) {
  views.forEach((view) => view.addEventListener('scroll', () => {
    for (const other of views) {
      if (other === view || (Math.abs(other.scrollLeft - view.scrollLeft) < 1 && Math.abs(other.scrollTop - view.scrollTop) < 1)) continue;
      other.scrollTo(view.scrollLeft, view.scrollTop);
    }
  }));
}

function dragToPan(view) {
  view.addEventListener('pointerdown', (event) => {
    const overflows = view.scrollWidth > view.clientWidth || view.scrollHeight > view.clientHeight;
    if (event.pointerType !== 'mouse' || event.target.closest('input') || !overflows) return;
    const start = [event.clientX + view.scrollLeft, event.clientY + view.scrollTop];
    const move = (next) => view.scrollTo(start[0] - next.clientX, start[1] - next.clientY);
    view.setPointerCapture(event.pointerId);
    view.addEventListener('pointermove', move);
    view.addEventListener('pointerup', () => view.removeEventListener('pointermove', move), { once: true });
  });
}
