"""Pages and figures that attack by what a browser can do: other pages' pictures, the disk, the network, the machine."""

import base64
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from derender.render.languages.html import find_browser

PAGES = Path(__file__).parent / "pages"
SHORT = {"wall_s": 2, "cpu_s": 0.6, "memory_mb": 512}
EASY = {"wall_s": 20, "cpu_s": 20, "memory_mb": 512}
BROWSER_MB = 2500
"""What the engine, its workers, browsers and honest programs take by themselves, generously."""


@dataclass(frozen=True)
class Attack:
    """A script on a page that says ``x``, the failures it may end with, if any, and what it may use."""

    script: str
    kinds: str = ""
    limits: dict[str, float] = field(default_factory=lambda: EASY)
    head: str = "<p>x"

    @property
    def page(self) -> str:
        return f"{self.head}<script>{self.script}</script>"


def ends_in(kinds: str, script: str) -> Attack:
    return Attack(script, kinds, SHORT)


_BLOB = "URL.createObjectURL(new Blob([%s], {type: 'text/javascript'}))"
_CLICK = "const a = document.body.appendChild(document.createElement('a')); a.href = %r; a.target = %r; "
_WASM_LOOP = "0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,9,1,7,0,3,64,12,0,11,11"

ATTACKS = {
    # It leaves the page: the page stays.
    "goes_to_about_blank": Attack("location = 'about:blank'"),
    "goes_to_about_blank_later": Attack("onload = () => setTimeout(() => location.replace('about:blank'), 1)"),
    "goes_to_an_error_page": Attack("location = 'about:srcdoc'"),
    "goes_to_a_blob": Attack("location = URL.createObjectURL(new Blob(['<h1>other'], {type: 'text/html'}))"),
    "goes_back": Attack("history.back(); history.go(-1); navigation.back?.(); onload = () => history.back()"),
    "goes_by_a_frame": Attack(
        "const f = document.body.appendChild(document.createElement('iframe'));"
        "f.contentWindow.parent.location = 'about:blank'; f.contentWindow.history.back()"
    ),
    "goes_by_a_link": Attack(_CLICK % ("about:blank", "_self") + "a.click()"),
    "goes_by_refreshing": Attack("", head="<meta http-equiv=refresh content='0;url=about:blank'><p>x"),
    "goes_to_inner_pages": Attack(
        "for (const each of ['chrome://crash', 'chrome://gpucrash', 'chrome://hang', 'view-source:file:///etc/passwd',"
        "'devtools://devtools/bundled/inspector.html', 'chrome-untrusted://print', 'data:text/html,other'])"
        "location = each"
    ),
    "goes_elsewhere_without_end": Attack("setInterval(() => { location = 'https://example.com/' + Math.random() }, 1)"),
    "closes_itself": Attack("close(); open('', '_self')?.close(); onload = () => window.close()"),
    "fills_the_history": Attack("for (let i = 0; i < 5000; i++) history.pushState({}, '', '/' + i)"),
    # It calls for attention.
    "opens_10000_windows": Attack(
        "for (let i = 0; i < 9900; i++) window.open('about:blank');"
        + _CLICK % ("about:blank", "_blank")
        + "for (let i = 0; i < 100; i++) a.click()"
    ),
    "logs_a_gigabyte": Attack("const many = 'y'.repeat(1000); for (let i = 0; i < 1e6; i++) console.log(many)"),
    "logs_by_another_console": Attack(
        "const f = document.body.appendChild(document.createElement('iframe'));"
        "for (let i = 0; i < 1e5; i++) { f.contentWindow.console.error('y'.repeat(1e4)); console.context('z').log(i) }"
    ),
    "stops_for_a_debugger": Attack("for (let i = 0; i < 1000; i++) debugger"),
    "animates_without_end": Attack(
        "const again = () => { requestAnimationFrame(again) }; again()",
        head="<style>@keyframes a { to { rotate: 1turn } } p { animation: a 1e-9s infinite }</style><p>x",
    ),
    "works_without_end": Attack(
        f"const busy = {_BLOB % repr('while (true);')}; for (let i = 0; i < 4; i++) {{ new Worker(busy);"
        "new SharedWorker(busy, String(i)) }"
    ),
    "asks_for_a_file_again_and_again": Attack(
        "for (let i = 0; i < 500; i++) fetch('big.bin').then((each) => each.blob()).catch(() => 0)"
    ),
    "has_12_megabytes_to_say": Attack(
        "const much = 'y'.repeat(1.2e7); console.error(much); setTimeout(() => { throw new Error(much) })",
        limits={**EASY, "memory_mb": 1024},
    ),
    # It takes all there is of something.
    "asks_without_end": ends_in("deadline cpu_budget", "while (true) { alert(1); confirm(2); prompt(3) }"),
    "loops": ends_in("cpu_budget", "while (true);"),
    "loops_later": ends_in("cpu_budget", "onload = () => setTimeout(() => { while (true); })"),
    "loops_in_webassembly": ends_in(
        "cpu_budget",
        f"WebAssembly.instantiate(new Uint8Array([{_WASM_LOOP}])).then((made) => made.instance.exports.f())",
    ),
    "backtracks": ends_in("cpu_budget", "/^(a+)+$/.test('a'.repeat(60) + 'b')"),
    "promises_without_end": ends_in("cpu_budget deadline memory", "const f = () => Promise.resolve().then(f); f()"),
    "lays_out_without_end": ends_in(
        "cpu_budget", "for (;;) { document.body.style.width = Math.random() * 99 + 'px'; document.body.offsetWidth }"
    ),
    "refuses_to_go": ends_in(
        "cpu_budget", "onbeforeunload = () => { while (true); }; location = 'https://example.com/'"
    ),
    "nests_1000_frames": ends_in(
        "cpu_budget memory",
        "const f = (inner, left) => { if (!left) return; const made = inner.createElement('iframe');"
        "inner.body.append(made); f(made.contentDocument, left - 1) }; f(document, 1000)",
    ),
    "has_a_gigabyte_of_elements": ends_in(
        "memory cpu_budget",
        "for (;;) document.body.append(Object.assign(document.createElement('p'), { textContent: 'y'.repeat(1000) }))",
    ),
    "writes_without_end": ends_in("memory cpu_budget", "for (;;) document.write('<p>y')"),
    "draws_500_canvases": ends_in(
        "memory cpu_budget",
        "for (let i = 0; i < 500; i++) { const c = document.createElement('canvas'); c.width = c.height = 4096;"
        "document.body.append(c); c.getContext('2d').fillRect(0, 0, 4096, 4096) }",
    ),
    "keeps_blobs": ends_in(
        "memory cpu_budget",
        "const b = []; for (let i = 0; i < 500; i++) b.push(new Blob([new Uint8Array(1 << 22).fill(i)]))",
    ),
    "sends_400_megabytes": ends_in("memory runtime", "fetch('/', { method: 'POST', body: 'x'.repeat(4e8) })"),
    "throws_50_megabytes": ends_in(
        "memory cpu_budget", "for (let i = 0; i < 50; i++) setTimeout(() => { throw new Error('y'.repeat(5e7)) })"
    ),
    "has_a_title_of_500_megabytes": ends_in("memory runtime", "document.title = 'x'.repeat(5e8)"),
    "nests_4000_elements": ends_in(
        "runtime cpu_budget memory",
        "let d = document.body; for (let i = 0; i < 4000; i++) d = d.appendChild(document.createElement('div'))",
    ),
    "is_a_million_pixels_high": ends_in("output_too_large", "document.body.style.height = '1000000px'"),
    "has_a_canvas_of_32767": ends_in(
        "output_too_large memory",
        "const c = document.body.appendChild(document.createElement('canvas')); c.width = c.height = 32767;"
        "c.getContext('2d').fillRect(0, 0, 32767, 32767)",
    ),
}


def bare(name: str, last: str) -> str:
    """A Python program that shows a page in a browser without walls, until it says its last word."""
    settings = f"PAGE, BROWSER, LAST = {page(name)!r}, {find_browser()!r}, {last!r}\n"
    return settings + (PAGES / "bare.py").read_text("utf-8")


def attack(arena, source, language="html", **more):
    more = {"honest": ("page", "svg"), **more}
    return arena.attack(source, language, **more)


def page(name: str) -> str:
    return (PAGES / f"{name}.html").read_text("utf-8")


def picture(outcome) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(outcome.pictures[0]["png"]))).convert("RGB")


@pytest.mark.parametrize("name", ATTACKS)
def test_a_page_harms_no_one_but_itself(arena, name):
    each = ATTACKS[name]
    outcome = attack(arena, each.page, assets={"big.bin": bytes(1 << 20)}, **each.limits)
    assert outcome.harm == []
    if each.kinds:
        assert outcome.kind in each.kinds.split()
    else:
        assert (outcome.kind, outcome.texts[:1]) == (None, ["x"])
    assert outcome.peak_mb is None or outcome.peak_mb < BROWSER_MB


def test_a_page_reads_no_file(arena):
    outcome = attack(arena, page("files"))
    assert outcome.harm == []
    assert outcome.kind is None
    assert outcome.texts[-1].split()[-1] == "done"


def test_a_page_reaches_no_one(arena):
    outcome = attack(arena, page("network"))
    assert outcome.harm == []
    assert outcome.kind is None
    assert "knocked" in " ".join(outcome.texts)
    # Not even an address of this machine is told.
    assert not re.search(r"candidate:.*\d+\.\d+\.\d+\.\d+", " ".join(outcome.texts))


def test_without_walls_the_same_pages_get_at_the_secret_and_knock_at_every_door(arena):
    reading = arena.uncontained(bare("files", "done"))
    assert "home" in reading.secrets
    knocking = arena.uncontained(bare("network", "knocked"))
    assert {each.split()[-2] for each in knocking.tripped} >= {"tcp4", "tcp6"}


def test_a_page_gets_nothing_it_asks_for_and_leaves_nothing_to_the_next(arena):
    first = attack(arena, page("permissions"))
    assert first.harm == []
    assert first.texts[-1].split()[-1] == "asked"
    second = attack(arena, page("legacy"))
    assert second.harm == []
    assert second.texts[-1] == "found 0 0 0 0 0 0 0 0 0"


def test_a_page_can_not_lie_about_its_size_or_its_words(arena):
    outcome = attack(arena, page("forgery"))
    assert outcome.harm == []
    assert outcome.texts == ["truth", "in a form"]
    drawn = picture(outcome)
    assert drawn.size == (1280, 720)
    assert drawn.getpixel((1200, 700)) == (10, 20, 30)


def test_a_shader_without_end_holds_up_no_other_page(arena):
    outcome = attack(arena, page("shader"), beside=2, settles_s=3, wall_s=3, cpu_s=3, memory_mb=1024)
    assert outcome.harm == []
    assert outcome.kind in {"deadline", "cpu_budget"}
    assert outcome.next_s < 20
