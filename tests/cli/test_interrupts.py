"""Ctrl-C ends a loop also where a task of it awaits what never comes."""

import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, os, signal, threading, time
from derender.cli._interrupts import Interrupts

async def stuck(interrupts):
    interrupts.listen()
    interrupts.listen()
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        if not {stubborn}:
            raise
        await asyncio.sleep(60)

start = time.monotonic()
try:
    with Interrupts(patience_s=0.5) as interrupts:
        asyncio.run(stuck(interrupts))
except KeyboardInterrupt:
    print("interrupted", 0.5 < time.monotonic() - start < 20, time.monotonic() - start < 0.5)
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
time.sleep({after})
"""


@pytest.mark.parametrize(
    ("stubborn", "said"),
    [(True, ["interrupted True False", "True"]), (False, ["interrupted False True", "True"])],
)
def test_one_interrupt_is_enough(stubborn, said):
    code = PROGRAM.format(stubborn=stubborn, after=0 if stubborn else 1)
    # Whoever starts this may have interrupts ignored, which a child takes over.
    done = subprocess.run(
        [sys.executable, "-c", "import signal; signal.signal(2, signal.default_int_handler)\n" + code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-800:]
    assert done.stdout.split("\n")[:2] == said
