// Which rows are shown, and in which order.

const state = {
  text: '', target: '', outcome: '', group: '', model: '', ranges: new Map(), sort: 'run', descending: false, view: 'compare',
};

const valuesOf = (name) => [...new Set(rows.map((row) => row[name]).filter(Boolean))].sort();

// Numbers a row can be sorted and filtered by: every part of every metric, then what it cost.
const measures = [
  ...run.parts.map((part, index) => ({
    id: `part-${index}`, label: part.label, summary: part.summary, better: part.better, part, headline: part.headline, of: (row) => row.scores[index],
  })),
  { id: 'elapsed', label: 'render time', better: 'low', headline: true, unit: 's', of: (row) => row.elapsed },
  { id: 'bytes', label: 'program size', better: 'low', unit: 'bytes', of: (row) => row.bytes },
].filter((measure) => measure.part || rows.some((row) => measure.of(row) !== null));
/** Why a row has no value of a part: a reason of the part's own, or one for the whole metric. */
const reasonOf = (row, { metric, part }) => row.unscored[metric] ?? row.unscored[`${metric}.${part}`];

const measureById = new Map(measures.map((measure) => [measure.id, measure]));

/** A measure's value as people read it. */
function written(measure, value) {
  if (has(value) && measure.unit === 's') return seconds(value);
  return has(value) && measure.unit === 'bytes' ? kilobytes(value) : number(value);
}

const has = (value) => value !== null && value !== undefined;
const isBlank = (row) => row.pictures.length > 0 && !!pictureFacts(row.pictures[0][0]).blank;

// The outcomes that occur, as [value, label, test, indented].
const outcomes = [
  ['ok', 'Drawn', (row) => row.status === 'ok'],
  ['failed', 'Failed by the program', (row) => row.status === 'failed'],
  ...kinds('failed'),
  ['ours', 'Failed by us', (row) => row.status === 'ours'],
  ...kinds('ours'),
  ['none', 'Not rendered', (row) => row.status === 'none'],
  ['unscored', 'With unscored metrics', (row) => Object.keys(row.unscored).length > 0],
  ['warnings', 'With warnings', (row) => row.warnings > 0],
  ['blank', 'Blank picture', isBlank],
].map(([value, label, test, indented]) => ({ value, label, test, indented, count: rows.filter(test).length }))
  .filter((outcome) => outcome.count > 0);

function kinds(status) {
  const found = new Set(rows.filter((row) => row.status === status && row.failure).map((row) => row.failure.kind));
  return [...found].sort().map((kind) =>
    [`${status}:${kind}`, words(kind), (row) => row.status === status && row.failure?.kind === kind, true]);
}

const inRange = (row) => ([id, [low, high]]) => {
  const value = measureById.get(id).of(row);
  return has(value) && (low === null || value >= low) && (high === null || value <= high);
};

function matches(row, test, terms, ranges) {
  return (!state.target || row.target === state.target)
    && (!state.group || row.group === state.group)
    && (!state.model || row.model === state.model)
    && (!test || test(row))
    && terms.every((term) => row.haystack.includes(term))
    && ranges.every(inRange(row));
}

/** The rows to show, in order; rows without a value come last whichever way the sort goes. */
function selection() {
  const test = outcomes.find((outcome) => outcome.value === state.outcome)?.test;
  const terms = state.text.toLowerCase().split(/\s+/).filter(Boolean);
  const ranges = [...state.ranges];
  const found = rows.filter((row) => matches(row, test, terms, ranges));
  const way = state.descending ? -1 : 1;
  if (state.sort === 'name') return found.sort((a, b) => way * a.key.localeCompare(b.key, 'en', { numeric: true }));
  const measure = measureById.get(state.sort);
  if (!measure) return state.descending ? found.reverse() : found;
  const value = measure.of;
  return found.sort((a, b) => has(value(b)) - has(value(a)) || way * (value(a) - value(b)) || a.index - b.index);
}

/** Sort by a measure, the worst first; a second time turns it round. */
function sortBy(id) {
  if (state.sort === id) state.descending = !state.descending;
  else state.descending = measureById.get(id)?.better === 'low';
  state.sort = id;
  changed();
}
