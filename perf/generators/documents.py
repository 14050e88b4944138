"""Pages: layouts, tables, scripts, canvases, animations cut short; and icons in SVG."""

from collections.abc import Callable
from random import Random

from .words import HEXES, NOUNS, labels, numbers, title

STYLE = "body{{font:{size}px/1.4 'Liberation Sans',sans-serif;margin:20px;background:{back};color:#1d2433}}"


def page(rng: Random) -> str:
    """The source of one page."""
    style = STYLE.format(size=rng.randint(12, 18), back=rng.choice(["#fff", "#f4f6fb", "#fdf6e3"]))
    return f"<!DOCTYPE html><meta charset=utf-8><style>{style}</style><h1>{title(rng)}</h1>{rng.choice(PAGES)(rng)}"


def icon(rng: Random) -> str:
    """The source of one icon."""
    size = rng.choice([24, 48, 64, 128, 256])
    shapes = "".join(rng.choice(SHAPES)(rng) for _ in range(rng.randint(2, 9)))
    root = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100' width='{size}' height='{size}'>"
    return f"{root}{_paint(rng)}{shapes}</svg>"


def _cards(rng: Random) -> str:
    cards = "".join(
        f"<div class=c><b>{name}</b><p>{value}</p></div>"
        for name, value in zip(labels(rng, 8), numbers(rng, 8), strict=True)
    )
    return (
        f"<style>.g{{display:grid;grid-template-columns:repeat({rng.randint(2, 4)},1fr);gap:12px}}"
        f".c{{border-radius:10px;padding:12px;background:{rng.choice(HEXES)};"
        "color:#fff;box-shadow:0 2px 8px #0004}</style>"
        f"<div class=g>{cards}</div>"
    )


def _table(rng: Random) -> str:
    rows = "".join(
        f"<tr><td>{name}<td>{rng.randint(1, 999)}<td>{rng.random():.2f}" for name in labels(rng, rng.randint(4, 14))
    )
    return f"<style>td{{border:1px solid #ccd;padding:4px 9px}}</style><table>{rows}</table>"


def _scripted(rng: Random) -> str:
    return (
        f"<div id=a style='display:flex;flex-wrap:wrap;gap:6px'></div><script>"
        f"for (let i = 0; i < {rng.randint(20, 200)}; i++) {{"
        "const e = document.createElement('span'); e.textContent = (i * 37) % 101;"
        f"e.style = `padding:4px;background:hsl(${{i * {rng.randint(3, 40)}}} 70% 80%)`; a.append(e) }}</script>"
    )


def _canvas(rng: Random) -> str:
    return (
        "<canvas id=c width=600 height=300></canvas><script>const g = c.getContext('2d');"
        f"for (let i = 0; i < {rng.randint(20, 120)}; i++) {{"
        f"g.fillStyle = `hsl(${{i * {rng.randint(5, 50)}}} 60% 50%)`;"
        f"g.fillRect((i * {rng.randint(7, 90)}) % 580, (i * 53) % 280, 18, 12) }}</script>"
    )


def _late(rng: Random) -> str:
    return (
        "<p id=p>waiting</p><script>"
        f"setTimeout(() => {{ p.textContent = {rng.choice(NOUNS)!r} }}, {rng.randint(1, 60)});"
        f"requestAnimationFrame(() => {{ document.body.style.borderTop = '6px solid {rng.choice(HEXES)}' }})</script>"
    )


def _tall(rng: Random) -> str:
    return "".join(
        f"<h2>{name}</h2><p>{(rng.choice(NOUNS) + ' ') * rng.randint(20, 120)}</p>" for name in labels(rng, 7)
    )


def _inline(rng: Random) -> str:
    return f"<div style='width:300px'>{icon(rng)}</div>" + (
        f"<p style='transform:rotate(-3deg)'>概要 Überblick {rng.randint(1, 99)}</p>"
    )


def _paint(rng: Random) -> str:
    one, other = rng.sample(HEXES, 2)
    stops = f"<stop stop-color='{one}'/><stop offset='1' stop-color='{other}'/>"
    blur = f"<filter id='b'><feGaussianBlur stdDeviation='{rng.uniform(0.2, 2):.1f}'/></filter>"
    return f"<defs><linearGradient id='g'>{stops}</linearGradient>{blur}</defs>"


def _fill(rng: Random) -> str:
    return rng.choice([*HEXES, "url(#g)"])


def _circle(rng: Random) -> str:
    where = f"cx='{rng.randint(10, 90)}' cy='{rng.randint(10, 90)}' r='{rng.randint(4, 30)}'"
    return f"<circle {where} fill='{_fill(rng)}' opacity='.8'/>"


def _rectangle(rng: Random) -> str:
    x, y = rng.randint(0, 70), rng.randint(0, 70)
    return (
        f"<rect x='{x}' y='{y}' width='{rng.randint(5, 30)}' height='{rng.randint(5, 30)}' rx='4' fill='{_fill(rng)}'/>"
    )


def _path(rng: Random) -> str:
    points = " ".join(f"{rng.randint(0, 100)},{rng.randint(0, 100)}" for _ in range(rng.randint(3, 8)))
    stroke = f"stroke='{rng.choice(HEXES)}' stroke-width='{rng.randint(1, 6)}' stroke-linejoin='round'"
    return f"<polyline points='{points}' fill='none' {stroke}/>"


def _letter(rng: Random) -> str:
    where = f"x='{rng.randint(5, 60)}' y='{rng.randint(20, 95)}' font-size='{rng.randint(8, 30)}'"
    return f"<text {where} fill='{_fill(rng)}'>{rng.choice(NOUNS)}</text>"


def _blurred(rng: Random) -> str:
    return f"<g filter='url(#b)'>{_circle(rng)}</g>"


PAGES: tuple[Callable[[Random], str], ...] = (_cards, _table, _scripted, _canvas, _late, _tall, _inline)
SHAPES: tuple[Callable[[Random], str], ...] = (_circle, _rectangle, _path, _letter, _blurred)
