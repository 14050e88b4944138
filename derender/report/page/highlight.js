// Colours for programs, found when somebody looks at one: a whole run of thousands would take long and weigh much.
// Classes: k keyword, s string, n number, c comment, f function, t tag, a attribute, o operator.

const MAX_HIGHLIGHTED = 150_000;
const MAX_PIECES = 30_000;
const END = String.raw`(?![\s\S])`;
const NUMBER = String.raw`(?<n>(?<![\w.])-?(?:0[xX][\da-fA-F]{1,40}|\.?\d[\d_]{0,40}(?:\.\d{0,40})?(?:[eE][-+]?\d{1,9})?)[a-zA-Z%]{0,4}\b%?)`;
const QUOTED = String.raw`"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?`;
const CALLED = String.raw`(?<f>\b[A-Za-z_]\w{0,80}(?=\s{0,8}\())`;
const INNER = /(<(script|style)\b[^>]{0,2000}>)([\s\S]*?)(?=<\/\2|(?![\s\S]))/gi;
const keywords = (list) => String.raw`(?<k>(?<![\w.])(?:${list.replaceAll(' ', '|')})(?!\w))`;

// Every repetition that something must follow is bounded: a hostile program must not hang the page.
const GRAMMARS = {
  python: grammar('(?<c>#.*)',
    String.raw`(?<s>(?:\b[rbfuRBFU]{1,2})?(?:"""[\s\S]*?(?:"""|${END})|'''[\s\S]*?(?:'''|${END})|${QUOTED}))`,
    String.raw`(?<a>^[ \t]*@[\w.]+)`,
    keywords('False None True and as assert async await break class continue def del elif else except finally for from global '
      + 'if import in is lambda match nonlocal not or pass raise return try while with yield'),
    CALLED, NUMBER, '(?<o>[-+*/%=<>!&|^~:;,.()[\\]{}]+)'),
  javascript: grammar(String.raw`(?<c>\/\/.*|\/\*[\s\S]*?(?:\*\/|${END}))`, `(?<s>${QUOTED}|` + '`(?:\\\\[\\s\\S]|[^`\\\\])*`?)',
    keywords('async await break case catch class const continue default delete do else export extends false finally for function '
      + 'if import in instanceof let new null of return static super switch this throw true try typeof undefined var void while yield'),
    CALLED, NUMBER, '(?<o>[-+*/%=<>!&|^~?:;,.()[\\]{}]+)'),
  css: grammar(String.raw`(?<c>\/\*[\s\S]*?(?:\*\/|${END}))`, `(?<s>${QUOTED})`, String.raw`(?<k>@[\w-]+|!important)`,
    String.raw`(?<a>(?<![\w-])[\w-]{1,80}(?=\s{0,8}:[^:{}]{0,400}[;}]))`, CALLED, NUMBER.replace('(?<n>', String.raw`(?<n>#[\da-fA-F]{3,8}\b|`), '(?<o>[:;,(){}>+~]+)'),
  markup: grammar(String.raw`(?<c><!--[\s\S]*?(?:-->|${END})|<[!?][^>]*>?)`, String.raw`(?<t><\/?[\w:.-]+|\/?>)`,
    String.raw`(?<a>(?<![\w:.@-])[\w:.@-]{1,80}(?=\s{0,8}=\s{0,8}["']))`, String.raw`(?<s>(?<==\s{0,8})(?:"[^"]*"?|'[^']*'?))`, '(?<k>&#?\\w+;)'),
  latex: grammar(String.raw`(?<c>(?<!\\)%.*)`, String.raw`(?<t>\\(?:begin|end)\b)`, String.raw`(?<k>\\(?:[A-Za-z@]+\*?|.))`, NUMBER,
    String.raw`(?<a>(?<![\w ])[A-Za-z][\w ]{0,40}(?==))`, '(?<o>[-=$&{}()[\\],;]+)'),
  mermaid: grammar('(?<c>%%.*)', `(?<s>${QUOTED})`,
    keywords('graph flowchart subgraph end sequenceDiagram classDiagram stateDiagram erDiagram gantt pie participant TD TB LR RL BT'),
    '(?<o>[-=.<>|{}()[\\]]{2,})'),
};

function grammar(...parts) {
  return new RegExp(parts.join('|'), 'gm');
}

/** The text as pieces [text, class], class empty where there is no colour. */
function highlight(source, language) {
  const rules = GRAMMARS[language === 'svg' ? 'markup' : language];
  if (source.length > MAX_HIGHLIGHTED || !(rules || language === 'html')) return [[source, '']];
  const found = language === 'html' ? highlightPage(source) : pieces(source, rules);
  return found.length > MAX_PIECES ? [[source, '']] : found;
}

function pieces(source, rules) {
  const found = [];
  let at = 0;
  for (const match of source.matchAll(rules)) {
    if (!match[0]) continue;
    if (match.index > at) found.push([source.slice(at, match.index), '']);
    found.push([match[0], Object.keys(match.groups).find((name) => match.groups[name] !== undefined) ?? '']);
    at = match.index + match[0].length;
  }
  found.push([source.slice(at), '']);
  return found;
}

function highlightPage(source) {
  const parts = [];
  let at = 0;
  for (const match of source.matchAll(INNER)) {
    const inner = match[2].toLowerCase() === 'style' ? GRAMMARS.css : GRAMMARS.javascript;
    parts.push(pieces(source.slice(at, match.index) + match[1], GRAMMARS.markup), pieces(match[3], inner));
    at = match.index + match[0].length;
  }
  parts.push(pieces(source.slice(at), GRAMMARS.markup));
  return parts.flat();
}
