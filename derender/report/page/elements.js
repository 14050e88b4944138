// What any page of ours is made of: its index, elements, and pictures in blocks further down, which may still be on
// their way while the index is already on screen.

const run = JSON.parse(document.getElementById('run').textContent);
const byId = (id) => document.getElementById(id);

/** An element; text only ever enters as text. */
function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith('aria-')) node.setAttribute(name, String(value));
    else if (value === false) continue;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name.startsWith('--')) node.style.setProperty(name, value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  appendAll(node, children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Not `append(...children)`: a call takes only so many arguments, and a program may have more lines.
function appendAll(node, children) {
  for (const child of children) node.append(child);
}

const loaded = document.readyState === 'complete'
  ? Promise.resolve()
  : new Promise((done) => document.addEventListener('DOMContentLoaded', done, { once: true }));

/** The text of a block, as soon as the browser has read that far. */
async function blockText(id) {
  if (!byId(id)) await loaded;
  return byId(id)?.textContent ?? '';
}

/** Facts about a picture, or the sentence that says why it can't be shown. */
function pictureFacts(number) {
  const entry = number === null || number === undefined ? 'no picture' : run.pictures[number];
  if (typeof entry === 'string') return { missing: entry };
  const [width, height, scale, lossless, blank, thumbnail] = entry;
  return { width, height, scale, lossless: !!lossless, blank: !!blank, thumbnail: !!thumbnail };
}

// Pictures too many for one file lie in a folder beside it, under names of ours.
const pictureData = async (number, thumbnail) => (run.beside ? `${encodeURIComponent(run.beside)}/${run.files[number]}`
  : 'data:image/webp;base64,' + await blockText((thumbnail && pictureFacts(number).thumbnail ? 't' : 'p') + number));

/** An <img> that fills itself; `thumbnail` takes the small version where there is one. */
function picture(number, alt, thumbnail = false) {
  const { width, height } = pictureFacts(number);
  const image = el('img', { alt, width, height, decoding: 'async', draggable: 'false' });
  image.ready = pictureData(number, thumbnail).then((data) => {
    image.src = data;
    return image.decode().catch(() => undefined);
  });
  return image;
}

async function inflate(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return JSON.parse(await new Response(stream).text());
}

/** A score as people read it; "–" where there is none. */
function number(value) {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size > 0 && size < 0.001) return value.toPrecision(2).replace('-', '−');
  const digits = size <= 1 ? 3 : size < 100 ? 2 : size < 10000 ? 1 : 0;
  return value.toFixed(digits).replace('-', '−');
}

const many = (count, word) => `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
const words = (kind) => kind.replaceAll('_', ' ');
const kilobytes = (bytes) => (bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(bytes < 10000 ? 1 : 0)} kB`);
const seconds = (value) => (value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`);
