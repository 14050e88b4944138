"""The pages the engine is timed on: a dashboard of cards with text, gradients, a table, inline SVG and a script."""

PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><style>
body{{font:15px/1.4 'Liberation Sans',sans-serif;margin:24px;background:#f4f6fb;color:#1d2433}}
.grid{{display:grid;grid-template-columns:repeat(4,1fr);gap:14px}}
.card{{background:#fff;border-radius:10px;padding:14px;box-shadow:0 2px 8px #0002}}
.bar{{height:8px;border-radius:4px;background:linear-gradient(90deg,#4f7cff,#9d5cff)}}
table{{border-collapse:collapse;width:100%;margin-top:20px}}
td,th{{border:1px solid #ccd;padding:5px 9px;text-align:left}}
</style></head><body><h1>Report {seed}</h1><div class="grid" id="cards"></div>
<svg width="300" height="80">
<circle cx="40" cy="40" r="30" fill="#4f7cff"/><text x="80" y="45">Überblick 概要</text></svg>
<table><tr><th>item</th><th>count</th></tr>{rows}</table><script>
for (let i = 0; i < 12; i++) {{
  const card = document.createElement('div'); card.className = 'card';
  card.innerHTML = `<b>Card ${{i}}</b><p>
    value ${{(i * {seed} * 37) % 101}}</p><div class=bar style="width:${{20 + i * 6}}%"></div>`;
  document.getElementById('cards').append(card);
}}</script></body></html>"""


def pages(count: int) -> list[str]:
    """Source texts of that many different pages."""
    rows = "".join(f"<tr><td>row {n}</td><td>{n * n}</td></tr>" for n in range(6))
    return [PAGE.format(seed=seed + 1, rows=rows) for seed in range(count)]
