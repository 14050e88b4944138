"""What installs the needs of this machine: apt-get for system packages, pip or uv for Python's."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata

from derender.core import UnknownName
from derender.render.needs import NEEDS, Need, install_line

from ._exits import complain
from ._files import reason
from ._output import style

GROUPS = {
    "python": ("python-packages", "vl-convert", "bubblewrap", "fonts"),
    "svg": ("resvg", "bubblewrap", "fonts"),
    "html": ("chromium", "bubblewrap", "fonts"),
    "trace": ("ocr", "vtracer"),
}
"""What each language, and the offline model, needs; ``all`` is everything."""


def command_line(names: Iterable[str]) -> str:
    """The one line, fit for a shell, that installs the named needs; with sudo where that is needed."""
    line = install_line(names)
    if not line.startswith("apt-get"):
        return line
    sudo = "" if os.geteuid() == 0 or shutil.which("sudo") is None else "sudo "
    return f"{sudo}apt-get update && {sudo}{line}"


def meant(names: list[str]) -> list[Need]:
    """The needs of names and groups, each once, in the order of the list of needs."""
    wanted: set[str] = set()
    for name in names:
        group = tuple(NEEDS) if name == "all" else GROUPS.get(name, (name,))
        if not set(group) <= set(NEEDS):
            raise UnknownName("part", name, {*NEEDS, *GROUPS, "all"})
        wanted.update(group)
    return [need for name, need in NEEDS.items() if name in wanted]


def install(names: list[str]) -> None:
    """Install the named needs as far as this user may; what commands say goes to standard error."""
    system = [NEEDS[name] for name in names if NEEDS[name].debian]
    extras = sorted({need.extra for need in map(NEEDS.__getitem__, names) if need.extra and not need.debian})
    if system and os.geteuid() == 0 and shutil.which("apt-get"):
        _install_system(system)
    if extras:
        _install_extras(extras)


def _install_system(needs: list[Need]) -> None:
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends"]
    _run(["apt-get", "update", "-q"])
    if not _run([*install, *(package for need in needs for package in need.debian)]):
        # One package that this release lacks must not keep the others away.
        for need in needs:
            _run([*install, *need.debian])


def _install_extras(extras: list[str]) -> None:
    pip = _pip()
    if not pip:
        complain("there is neither pip nor uv to install Python packages with")
        return
    _run([*pip, "install", f"derender[{','.join(extras)}]"])
    if _is_installed("opencv-python"):
        # It fills the same folder as the headless one, needs a display's libraries, and nothing here wants it.
        _run([*pip, "uninstall", *(["-y"] if "uv" not in pip[0] else []), "opencv-python"])
        _run([*pip, "install", "--force-reinstall", "--no-deps", "opencv-python-headless"])


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    uv = shutil.which("uv")
    return [uv, "pip"] if uv else []


def _is_installed(distribution: str) -> bool:
    return any(metadata.distributions(name=distribution))


def _run(command: list[str]) -> bool:
    """Run a command whose words people may read on standard error; whether it went well."""
    print(style(f"$ {' '.join(command)}", sys.stderr, dim=True), file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, stdout=sys.stderr, env=environment, check=False).returncode == 0
    except OSError as error:
        complain(f"{command[0]} can't be started ({reason(error)})")
        return False
