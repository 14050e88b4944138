"""What each part of derender needs on a machine, and the command that brings it."""

import importlib.util
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to install.

    Attributes:
        name: what people call it.
        debian: packages of Debian and Ubuntu that bring it.
        extra: the extra of this package that brings it.
        programs: any one of these on the PATH shows that it is there.
        modules: all of these importable show that it is there.
        paths: all of these existing show that it is there.
    """

    name: str
    debian: tuple[str, ...] = ()
    extra: str | None = None
    programs: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    @property
    def present(self) -> bool:
        """Whether it is there; looks only, starts and imports nothing."""
        if self.programs and not any(shutil.which(program) for program in self.programs):
            return False
        if any(importlib.util.find_spec(module) is None for module in self.modules):
            return False
        return all(Path(path).exists() for path in self.paths)

    @property
    def install(self) -> str:
        """The command that installs it."""
        if self.debian:
            return f"apt-get install -y --no-install-recommends {' '.join(self.debian)}"
        return f"pip install 'derender[{self.extra}]'"


NEEDS = {
    need.name: need
    for need in (
        Need("bubblewrap", debian=("bubblewrap",), programs=("bwrap",)),
        Need(
            "chromium",
            debian=("chromium-headless-shell",),
            programs=("chromium-headless-shell", "chromium", "google-chrome"),
        ),
        Need(
            "fonts",
            debian=(
                "fonts-dejavu",
                "fonts-liberation",
                "fonts-noto-core",
                "fonts-noto-cjk",
                "fonts-noto-color-emoji",
            ),
            paths=(
                "/usr/share/fonts/truetype/dejavu",
                "/usr/share/fonts/truetype/liberation",
                "/usr/share/fonts/opentype/noto",
            ),
        ),
        Need("python-packages", extra="python", modules=("matplotlib", "pandas", "seaborn", "scipy", "networkx")),
        Need("resvg", extra="svg", modules=("resvg_py",)),
        Need("vl-convert", extra="python", modules=("vl_convert",)),
        Need("ocr", extra="trace", modules=("rapidocr", "onnxruntime")),
        Need("vtracer", extra="trace", modules=("vtracer",)),
        Need("openai", extra="openai", modules=("openai",)),
    )
}


def missing(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the named needs that are absent."""
    return tuple(name for name in names if not NEEDS[name].present)


def install_line(names: Iterable[str]) -> str:
    """One shell line that installs all the named needs; empty when there are none."""
    wanted = [NEEDS[name] for name in names]
    debian = [package for need in wanted for package in need.debian]
    extras = sorted({need.extra for need in wanted if need.extra and not need.debian})
    lines = []
    if debian:
        lines.append(f"apt-get install -y --no-install-recommends {' '.join(debian)}")
    if extras:
        lines.append(f"pip install 'derender[{','.join(extras)}]'")
    return " && ".join(lines)
