// The two pictures of a row against each other: laid over one another, wiped, or subtracted.

const LIGHT = { paper: 255, faint: 0.16 };
const DARK = { paper: 22, faint: 0.28 };
const ONLY_REFERENCE = [224, 82, 6];
const ONLY_RENDER = [20, 110, 235];
const OTHER_COLOUR = [176, 38, 170];

/** What differs, drawn over a faint ghost of the reference; returns the share of pixels that visibly differ. */
function drawDifference(canvas, reference, render, { width, height, gain = 1 }) {
  const before = pixels(canvas, reference, width, height);
  const after = pixels(canvas, render, width, height);
  const context = canvas.getContext('2d');
  const out = context.createImageData(width, height);
  const differing = subtract(before, after, out.data, gain);
  context.putImageData(out, 0, 0);
  return differing / (width * height);
}

function pixels(canvas, image, width, height) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'medium';
  if (image.naturalWidth) context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

function subtract(a, b, out, gain) {
  const { paper, faint } = isDark() ? DARK : LIGHT;
  const dark = paper < 128;
  let differing = 0;
  for (let i = 0; i < a.length; i += 4) {
    const red = a[i] - b[i], green = a[i + 1] - b[i + 1], blue = a[i + 2] - b[i + 2];
    const most = Math.max(Math.abs(red), Math.abs(green), Math.abs(blue));
    const lightness = 0.299 * a[i] + 0.587 * a[i + 1] + 0.114 * a[i + 2];
    const ghost = dark ? paper + (255 - lightness) * faint : 255 - (255 - lightness) * faint;
    if (most > 24) differing += 1;
    const strength = most < 3 ? 0 : Math.min(1, gain * Math.sqrt(most / 255));
    const tilt = most ? (0.299 * red + 0.587 * green + 0.114 * blue) / most : 0;
    const end = tilt < 0 ? ONLY_REFERENCE : ONLY_RENDER;
    const share = Math.min(1, Math.abs(tilt) * 2.2);
    for (let c = 0; c < 3; c += 1) {
      const colour = OTHER_COLOUR[c] + (end[c] - OTHER_COLOUR[c]) * share;
      out[i + c] = ghost + (colour - ghost) * strength;
    }
    out[i + 3] = 255;
  }
  return differing;
}

/** The size at which two pictures lie over one another: the reference's, or a smaller one of the same shape. */
function overlaySize(reference, widest) {
  const { width, height, scale } = pictureFacts(reference);
  const factor = Math.min(scale, widest / width);
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** Reference and render stacked, the render uncovered by `--at`; with a range input over them when `wipe` is set. */
function stack(row, shown, { thumbnail = false, wipe = false } = {}) {
  const { width, height } = pictureFacts(row.reference);
  const below = picture(row.reference, 'Reference', thumbnail);
  const above = picture(shown, 'Render', thumbnail);
  above.classList.add('above');
  const box = el('div', { class: 'stack', '--ratio': width / height, '--at': '50%' }, below, above);
  box.ready = Promise.all([below.ready, above.ready]);
  if (wipe) box.append(wiper(box));
  return box;
}

function wiper(box) {
  const input = el('input', {
    type: 'range', class: 'wiper', min: 0, max: 100, step: 0.5, value: 50,
    'aria-label': 'Where the reference ends and the render begins',
    oninput: () => box.style.setProperty('--at', `${input.value}%`),
    // After a drag the arrow keys shall turn the pages again, not move the slider.
    onpointerup: () => input.blur(),
  });
  return input;
}

const comparable = (row, shown = row.pictures[0]?.[0]) =>
  !pictureFacts(row.reference).missing && !pictureFacts(shown).missing;
