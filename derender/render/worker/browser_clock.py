"""The clock and the chance of a page: the same in every run, whatever else the machine is doing.

A page's clock stands still while it loads. Then the worker moves it on frame by frame (see ``browser_page.js``), and
each timer, each animation frame runs in its turn as fast as it can: a page that counts seconds, or draws an animation
on a canvas, is shown as it is after the same time each time.
"""

from pathlib import Path

_SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8").strip()

HELD = f"({_SCRIPT})(true)"
"""What every document of a page runs before any script of its own."""
FREE = f"({_SCRIPT})(false)"
"""The same for pages that stay for many figures: timers run by themselves there."""
SHOWN_MS = 1500
"""How long a page has lived, by its own clock, when its picture is taken."""
BEGIN = "dispatchEvent(new Event('derender-begin'))"
"""Begins the date and chance anew on a page that stays for many figures."""
