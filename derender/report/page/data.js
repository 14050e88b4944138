// What the gallery holds: the index of all rows, and their programs, a handful to a block.

const rows = run.rows.map((row, index) => ({
  ...row,
  index,
  scores: row.scores.map((value) => (typeof value === 'string' ? Number(value.replace('∞', 'Infinity')) : value)),
  haystack: [row.key, row.target, row.group, row.model, row.program, row.request, row.failure?.kind, row.failure?.message]
    .filter(Boolean).join('\n').toLowerCase(),
}));

const chunks = new Map();

/** The program and warnings of a row. */
async function programOf(row) {
  const number = Math.floor(row.index / run.chunk);
  if (!chunks.has(number)) chunks.set(number, blockText(`d${number}`).then(inflate));
  return (await chunks.get(number))[row.index % run.chunk];
}

const STATUS = {
  ok: { label: 'drawn', title: 'Drawn' },
  failed: { label: 'failed', title: 'Failed by the program' },
  ours: { label: 'ours', title: 'Failed by us, never scored' },
  none: { label: 'not rendered', title: 'Not rendered' },
};
