// Light or dark: as the system has it, or as somebody chose.

const systemDark = matchMedia('(prefers-color-scheme: dark)');
const isDark = () => (document.documentElement.dataset.theme || (systemDark.matches ? 'dark' : 'light')) === 'dark';

const THEMES = [['', '◐', 'as the system has them'], ['light', '☀', 'light'], ['dark', '☾', 'dark']];

/** The button that chooses the colours; `redraw` paints again what styles alone don't. */
function wireTheme(redraw) {
  // Some browsers keep no storage for pages from disk; the choice then lasts as long as the page.
  const stored = () => { try { return localStorage.getItem('derender-theme') ?? ''; } catch { return ''; } };
  const store = (theme) => { try { localStorage.setItem('derender-theme', theme); } catch { /* lasts as long as the page */ } };
  let at = Math.max(0, THEMES.findIndex(([theme]) => theme === stored()));
  const apply = () => {
    const [theme, sign, label] = THEMES[at];
    document.documentElement.dataset.theme = theme;
    byId('theme').textContent = sign;
    byId('theme').title = `Colours: ${label}`;
    byId('theme').setAttribute('aria-label', byId('theme').title);
  };
  byId('theme').addEventListener('click', () => {
    at = (at + 1) % THEMES.length;
    store(THEMES[at][0]);
    apply();
    redraw();
  });
  systemDark.addEventListener('change', redraw);
  apply();
}
