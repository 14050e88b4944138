"""The browser worker over its real protocol, with the real Chromium in its real container."""

import asyncio
import io
import os
import socket
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from derender.core import Assets, FailureKind
from derender.render.jobs import Job, JobResult, WorkerLost
from derender.render.languages.html import browser_worker
from derender.render.options import Isolation, Limits
from derender.render.worker import browser as worker
from derender.render.worker import frames
from derender.render.worker.browser_usage import tree
from derender.render.workers import WorkerProcess

SHORT = Limits(wall_s=6, cpu_s=2, memory_mb=512)


class Browser:
    """Asks a worker for pages."""

    def __init__(self, scratch: Path) -> None:
        self.worker = WorkerProcess(browser_worker(Isolation.STRICT), scratch)
        self.worker.greet()

    def draw(self, source: str, *, kind="html", files=None, limits=None, **options) -> JobResult:
        return self.worker.run(Job(kind, source, Assets(files or {}), options, limits or Limits()))

    def chromiums(self) -> list[int]:
        return [pid for pid in tree(self.worker.pid) if b"chromium" in command_line(pid)]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.worker.close()


def pixels(result: JobResult) -> Image.Image:
    assert result.failure is None
    return Image.open(io.BytesIO(result.drawn[0].content)).convert("RGBA")


def test_a_page_becomes_a_picture_with_its_words(browser):
    result = browser.draw("<h1>Hello</h1><p>one <b>two</b></p><p hidden>never</p><input placeholder=name>")
    assert result.drawn[0].texts == ("Hello", "one two", "name")
    assert pixels(result).size == (1280, 720)
    assert result.warnings == ()


def test_the_words_of_frames_drawings_and_shadow_trees_are_found(browser):
    page = """<svg><text x=5 y=20>drawn</text><title>no</title></svg><iframe srcdoc='<p>framed'></iframe>
    <div id=h></div>
    <p style='text-transform:uppercase'>loud</p><p style='visibility:hidden'>no</p><p style='opacity:0'>no</p>
    <script>h.attachShadow({mode: 'open'}).innerHTML = '<p>shadowed</p>'</script>"""
    assert browser.draw(page).drawn[0].texts == ("drawn", "framed", "shadowed", "LOUD")


def test_pages_are_drawn_in_full_or_as_the_viewport_shows_them(browser):
    top = "<body style='margin:0'><div style='height:100vh;background:red'></div>"
    page = top + "<div style='height:300px;background:blue'>"
    full = pixels(browser.draw(page, width=200, height=100))
    assert full.size == (200, 400)
    assert full.getpixel((5, 99)) == (255, 0, 0, 255)
    assert full.getpixel((5, 100)) == (0, 0, 255, 255)
    assert pixels(browser.draw(page, width=200, height=100, full_page=False)).size == (200, 100)


def test_a_page_far_taller_than_a_screen_has_its_end_in_the_picture(browser):
    page = "<body style='margin:0'><div style='height:17000px'></div><div style='height:10px;background:lime'></div>"
    picture = pixels(browser.draw(page, width=50, height=50))
    assert picture.size == (50, 17010)
    assert picture.getpixel((25, 17005)) == (0, 255, 0, 255)


@pytest.mark.parametrize(
    ("background", "seen"), [(None, (255,) * 4), ("transparent", (0, 0, 0, 0)), ("rgb(0 128 0)", (0, 128, 0, 255))]
)
def test_the_background_lies_behind_the_page(browser, background, seen):
    assert pixels(browser.draw("<p>x", width=60, height=40, background=background)).getpixel((50, 5)) == seen


def test_an_unknown_background_is_told(browser):
    assert "mauvish is no CSS colour" in browser.draw("<p>x", background="mauvish").warnings[0]


def test_files_beside_the_page_are_loaded_and_all_else_is_refused(browser):
    files = {
        "css/look.css": b"body { background: rgb(10, 20, 30) }",
        "js/words.mjs": b"document.body.append((await (await fetch('data.json')).json()).word)",
        "data.json": b'{"word": "loaded"}',
    }
    page = """<link rel=stylesheet href=css/look.css><script type=module src=js/words.mjs></script>
    <img src=https://example.com/x.png><img src=lost.png><iframe src=file:///etc/passwd></iframe>"""
    result = browser.draw(page, files=files)
    assert pixels(result).getpixel((1270, 700)) == (10, 20, 30, 255)
    assert result.drawn[0].texts == ("loaded",)
    told = " ".join(result.warnings)
    assert "refused request: https://example.com/x.png" in told
    assert "missing file: lost.png" in told
    assert "file:///etc/passwd" in told


def test_errors_of_the_page_are_warnings(browser):
    result = browser.draw("<p>x\n<script>console.error('bad', 7); lost()</script>")
    assert result.warnings == ("console: bad 7", "page error: ReferenceError: lost is not defined (line 2)")


@pytest.mark.parametrize(
    "script",
    [
        # Half a second's work in another thread.
        """const key = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
        const salt = { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(8), iterations: 2e6 };
        say((await crypto.subtle.deriveBits(salt, key, 8)).byteLength)""",
        """const opening = indexedDB.open('notes');
        opening.onupgradeneeded = () => opening.result.createObjectStore('notes');
        opening.onsuccess = () => {
          const notes = () => opening.result.transaction('notes', 'readwrite').objectStore('notes');
          for (let i = 0; i < 1000; i++) notes().put('x'.repeat(1000), i);
          notes().put(1, 'one').onsuccess = () => { notes().get('one').onsuccess = (got) => say(got.target.result) };
        }""",
        """const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
        const image = new Image();
        image.src = URL.createObjectURL(new Blob([drawing], { type: 'image/svg+xml' }));
        await image.decode();
        say(image.width - 8)""",
        """const large = new Blob(['x'.repeat(5e7)]);
        const reader = new FileReader();
        reader.onload = () => say(reader.result.byteLength - 5e7 + 1);
        reader.readAsArrayBuffer(large)""",
        "const large = new Response('[' + '1,'.repeat(5e6) + '1]'); say((await large.json()).length - 5e6)",
    ],
    ids=["crypto", "indexeddb", "decode", "filereader", "json"],
)
def test_what_the_browser_does_meanwhile_is_waited_for(browser, script):
    page = f"<script type=module>const say = (word) => document.body.append('said ' + word); {script}</script>"
    result = browser.draw(page)
    assert (result.drawn[0].texts, result.warnings) == (("said 1",), ())


@pytest.mark.parametrize(
    "script",
    [
        # Its chunks come from a timer: body and clock wait for each other.
        """let i = 0;
        const chunks = (out) => { setInterval(() => i++ ? out.close() : out.enqueue(new Uint8Array(1)), 20) };
        new Response(new ReadableStream({ start: chunks })).bytes().then((all) => say(all.length))""",
        """const file = new FileReader();
        file.addEventListener('loadend', (end) => end.stopImmediatePropagation());
        file.readAsText(new Blob(['a']));
        setTimeout(() => say(1), 50)""",
        """const image = new Image();
        image.loading = 'lazy';
        image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
        image.decode();
        setTimeout(() => say(1), 50)""",
    ],
    ids=["stream", "swallowed", "lazy"],
)
def test_what_never_comes_is_not_waited_for_for_ever(browser, script):
    result = browser.draw(f"<script>const say = (word) => document.body.append('said ' + word); {script}</script><p>x")
    assert (result.failure, result.drawn[0].texts) == (None, ("x", "said 1"))


def test_what_scripts_make_and_what_animations_end_with_is_drawn(browser):
    page = """<style>@keyframes in { from { background: red } to { background: lime } }
    body { margin: 0; animation: in 60s forwards } </style>
    <script>const soon = requestAnimationFrame;
    onload = () => soon(() => soon(() => document.body.append('late')))</script>"""
    result = browser.draw(page)
    assert result.drawn[0].texts == ("late",)
    assert pixels(result).getpixel((600, 400)) == (0, 255, 0, 255)


def test_the_same_page_gives_the_same_bytes(browser):
    page = """<canvas id=c></canvas><script>const on = c.getContext('2d');
    for (let x = 0; x < 300; x++) on.fillRect(x, 150 * Math.random(), 1, 9)</script>"""
    assert browser.draw(page).drawn[0].content == browser.draw(page).drawn[0].content


def test_the_place_and_time_zone_are_the_same_everywhere(browser):
    page = """<script>document.write([isSecureContext, location.origin, navigator.language, navigator.onLine,
    Intl.DateTimeFormat().resolvedOptions().timeZone].join(' '))</script>"""
    assert browser.draw(page).drawn[0].texts[0].startswith("true https://page.invalid en-US")
    assert browser.draw(page).drawn[0].texts[0].endswith("UTC")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("location = 'https://example.com/'", "refused navigation: https://example.com/"),
        ("location.reload()", "refused navigation"),
        ("onbeforeunload = () => 'stay'; location = 'https://example.com/'", "refused navigation"),
        ("for (let i = 0; i < 40; i++) alert(i)", "dismissed dialog: 3"),
        ("for (let i = 0; i < 40; i++) window.open('https://example.com/')", "a new window was refused"),
        ("for (let i = 0; i < 999; i++) fetch('https://example.com/' + i)", "refused request: https://example.com/0"),
        ("for (let i = 0; i < 9999; i++) console.error(i)", "console: 1"),
        ("print(); close(); document.body.innerHTML = '<p>x'", ""),
        ("navigator.serviceWorker.register('sw.js')", "page error"),
        ("Promise = null; requestAnimationFrame = null; Array.prototype.map = null", ""),
        ("setInterval(() => document.title = Math.random(), 1)", ""),
        ("onload = () => { document.open(); document.write('<p>x'); document.close() }", ""),
    ],
)
def test_a_page_that_misbehaves_is_still_drawn(browser, script, told):
    result = browser.draw(f"<p>x</p><script>{script}</script>", files={"sw.js": b""})
    assert result.failure is None
    assert result.drawn[0].texts == ("x",)
    assert told in " ".join(result.warnings)
    assert len(result.warnings) <= 120


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("while (true);", FailureKind.CPU_BUDGET),
        ("setTimeout(() => { while (true); })", FailureKind.CPU_BUDGET),
        ("const a = []; while (true) a.push(new Array(1e6).fill(Math.random()))", FailureKind.MEMORY),
        ("document.body.append(document.createElement('p')); document.body.style.height = '99999999px'", None),
    ],
)
def test_limits_are_kept(browser, script, kind):
    result = browser.draw(f"<p>x</p><script>{script}</script>", limits=SHORT)
    assert result.failure is not None
    assert result.failure.kind == (kind or FailureKind.OUTPUT_TOO_LARGE)
    assert browser.draw("<p>next").failure is None


def test_several_pages_are_drawn_at_once(browser):
    results: dict[int, JobResult] = {}

    def draw(number: int) -> None:
        results[number] = browser.draw(f"<p>page {number}")

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: result.drawn[0].texts for number, result in results.items()} == {
        number: (f"page {number}",) for number in range(6)
    }


def test_pages_share_nothing(browser):
    browser.draw("<script>localStorage.a = 1; document.cookie = 'a=1'</script>")
    page = "<script>document.write([localStorage.length, document.cookie.length])</script>"
    assert browser.draw(page).drawn[0].texts == ("0,0",)


def test_a_killed_browser_is_replaced_and_its_page_drawn_again(browser):
    pids = browser.chromiums()
    held: list[JobResult] = []
    page = "<p>kept<script>for (let i = 3e8; i--;);</script>"
    thread = threading.Thread(target=lambda: held.append(browser.draw(page)))
    thread.start()
    os.kill(pids[0], 9)
    thread.join()
    assert held[0].drawn[0].texts == ("kept",)
    assert not set(pids) & set(browser.chromiums())


def test_a_page_nobody_waits_for_is_ended(browser):
    ours, theirs = socket.socketpair()
    with theirs:
        browser.worker._hand_over(theirs)
    header, blobs = Job("html", "<script>while (true);</script>", Assets(), {}, Limits()).frame()
    frames.send(ours, header, blobs)
    busy = wait_for(lambda: [pid for pid in browser.chromiums() if cpu_ticks(pid) > 20 and is_renderer(pid)])
    ours.close()
    assert wait_for(lambda: not set(busy) & set(browser.chromiums()))


def test_nothing_is_left_of_a_closed_worker(tmp_path):
    browser = Browser(tmp_path)
    pids = browser.chromiums()
    assert pids
    browser.worker.close()
    assert wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_without_a_container_strict_isolation_refuses(tmp_path):
    ours, theirs = socket.socketpair()
    with ours:
        asyncio.run(worker.main(theirs.detach(), {"isolation": "strict", "browser": "chromium", "bwrap": None}))
        hello, _ = frames.recv(ours, 1 << 20)
    assert hello["failure"] == FailureKind.ISOLATION


def test_the_layers_are_told(browser):
    assert {"bwrap", "netns"} <= set(browser.draw("<p>x").isolation)


def test_a_worker_that_is_gone_is_noticed(tmp_path):
    browser = Browser(tmp_path)
    browser.worker.close()
    with pytest.raises(WorkerLost):
        browser.draw("<p>x")


def is_renderer(pid: int) -> bool:
    return b"--type=renderer" in command_line(pid)


def command_line(pid: int) -> bytes:
    """Empty for a process that has just ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def cpu_ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])


def wait_for(condition, seconds=20):
    """Polls until the condition holds and gives its value; fails the test when it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = condition()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if found:
            return found
        threading.Event().wait(0.02)
    raise AssertionError("it never came to pass")
