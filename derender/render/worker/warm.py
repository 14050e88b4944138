"""What the parent of Python programs does once, so that none of them has to."""

import atexit
import contextlib
import importlib
import json
import os
import select
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

from . import linux
from .shortcuts import take_shortcuts
from .typefaces import append_last_resorts

_ALONG = {
    "numpy": ("numpy.random", "numpy.fft", "numpy.linalg", "numpy.polynomial", "numpy.ma"),
    "matplotlib": (
        "matplotlib.animation",
        "matplotlib.dates",
        "matplotlib.gridspec",
        "matplotlib.patheffects",
        "matplotlib.backends.backend_pdf",
        "matplotlib.backends.backend_svg",
        "mpl_toolkits.axes_grid1",
        "mpl_toolkits.mplot3d",
    ),
    "PIL": ("PIL.ImageDraw", "PIL.ImageFont", "PIL.ImageFilter", "PIL.PngImagePlugin", "PIL.JpegImagePlugin"),
}
"""Parts that packages load on demand, so that programs would each load them again."""
_STANDARD = ("calendar", "colorsys", "csv", "datetime", "decimal", "fractions", "json", "statistics", "textwrap")


def preload(names: Iterable[str]) -> list[str]:
    """Import what can be imported of the named modules, and say which those are."""
    _settle_arithmetic()
    names = list(names)
    if any(name.startswith("matplotlib") for name in names):
        _find_fonts_apart()
    packages = dict.fromkeys(name.split(".")[0] for name in names)
    along = [part for package in packages for part in _ALONG.get(package, ())]
    found = []
    for name in dict.fromkeys([*names, *along, *_STANDARD]):
        try:
            importlib.import_module(name)
        except ImportError:
            continue
        found.append(name)
    return found


def _settle_arithmetic() -> None:
    """Let OpenBLAS take the same code on all processors that can run it: others differ in the last bits of sums."""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        flags = next((set(line.split()) for line in file if line.startswith("flags")), set())
    if {"avx2", "fma"} <= flags:
        os.environ["OPENBLAS_CORETYPE"] = "Haswell"


def _find_fonts_apart() -> None:
    """The first time, let another process look for fonts: that leaves memory otherwise than reading their list does."""
    pid = linux.fork()
    if pid == 0:
        try:
            if not list(Path(os.environ.get("MPLCONFIGDIR", ".")).glob("fontlist-*.json")):
                importlib.import_module("matplotlib.font_manager")
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def rehearse() -> None:
    """Do once what the parent does for each program: the first time leaves memory otherwise than the next."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with here, there:
        pid = linux.fork()
        if pid == 0:
            os._exit(0)
        process = os.pidfd_open(pid)
        poll = select.poll()
        poll.register(process, select.POLLIN)
        poll.poll()
        _, status, usage = os.wait4(pid, 0)
        told = {"status": status, "cpu_s": usage.ru_utime + usage.ru_stime}
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            socket.send_fds(here, [json.dumps(told).encode()], [process])
        message, fds, _, _ = socket.recv_fds(there, 1 << 16, 2)
        json.loads(message)
        for fd in (process, *fds):
            os.close(fd)


def versions(modules: Iterable[str]) -> dict[str, str]:
    """The versions of the packages that modules belong to."""
    packages = dict.fromkeys(name.split(".")[0] for name in modules)
    found = {"python": sys.version.split()[0]}
    for name in packages:
        version = getattr(sys.modules[name], "__version__", None)
        if isinstance(version, str):
            found[name] = version
    return found


def fill_caches() -> None:
    """Draw a throw-away figure with a formula and a legend, so that fonts, parsers and writers are ready."""
    if "matplotlib" not in sys.modules:
        return
    import io

    import matplotlib
    from matplotlib import pyplot

    append_last_resorts()
    take_shortcuts()
    figure, axes = pyplot.subplots(figsize=(2, 2))
    axes.plot([0, 1], [1, 10], label=r"$\alpha^2$ and text")
    axes.set_yscale("log")
    axes.set_title("Title", fontweight="bold")
    axes.legend()
    for format in ("png", "pdf", "svg", "jpg"):
        figure.savefig(io.BytesIO(), format=format)
    pyplot.close("all")
    matplotlib.rcdefaults()


def forget_exit_handlers() -> None:
    """Drop what the imported libraries want done at an interpreter's end: closing figures, above all."""
    atexit._clear()
