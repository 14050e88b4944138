"""What of this machine can change a pixel, in words: its processor and C library, and the settings that workers run in.

Libraries choose among variants of their code by what the processor can do; sums then differ in their last bits.
"""

import hashlib
import os
import platform
from functools import cache
from pathlib import Path

from .workers import worker_environment

_FEATURES = (
    *("sse4_1", "sse4_2", "avx", "avx2", "fma", "f16c", "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"),
    *("avx512ifma", "avx512vbmi", "avx512_vbmi2", "avx512_vnni", "avx512_bitalg", "avx512_vpopcntdq", "avx512_fp16"),
    *("asimd", "asimdhp", "asimddp", "asimdfhm", "sve", "sve2"),
)
"""What NumPy, OpenBLAS, Pillow and Chromium's Skia choose by, as the kernel calls it."""
_DRAW = ("freetype", "harfbuzz", "fontconfig", "png16", "jpeg", "webp", "cairo", "pixman-1", "expat")
"""Shared libraries that draw or choose what is drawn, where a program uses the system's."""
_FOLDERS = ("/usr/lib", "/usr/local/lib", "/usr/lib64", f"/usr/lib/{platform.machine()}-linux-gnu")


@cache
def processor() -> str:
    """Architecture and what the processor can do beyond it, as far as drawing libraries care."""
    return " ".join([platform.machine(), *features_among(Path("/proc/cpuinfo").read_text("utf-8", "replace"))])


def features_among(cpuinfo: str) -> list[str]:
    """The features that count of those a description in the manner of /proc/cpuinfo names."""
    lines = [line for line in cpuinfo.splitlines() if line.lower().startswith(("flags", "features"))]
    # What not every core has can't be counted on.
    named = [set(line.partition(":")[2].split()) for line in lines]
    common = set.intersection(*named) if named else set()
    return [feature for feature in _FEATURES if feature in common]


@cache
def libraries() -> str:
    """The C library, and the system's libraries that draw with their versions and sizes."""
    return " ".join([os.confstr("CS_GNU_LIBC_VERSION") or "no glibc", *_libraries(_FOLDERS)])


def _libraries(folders: tuple[str, ...]) -> list[str]:
    starts = tuple(f"lib{name}.so." for name in _DRAW)
    names = [os.path.join(folder, name) for folder in folders if os.path.isdir(folder) for name in os.listdir(folder)]
    real = {os.path.realpath(path) for path in names if os.path.basename(path).startswith(starts)}
    return sorted(f"{os.path.basename(path)}:{os.path.getsize(path)}" for path in real if os.path.isfile(path))


@cache
def build(prefixes: tuple[Path, ...]) -> str:
    """How an interpreter was built: its platform, and a digest of its compiler and flags, wherever it lies."""
    for prefix in prefixes:
        for data in sorted(prefix.glob("lib/python3*/_sysconfigdata_*.py")):
            text = data.read_text("utf-8", "replace").replace(str(prefix), "")
            platform_name = data.stem.removeprefix("_sysconfigdata_").strip("_")
            return f"{platform_name} {hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return "unknown"


@cache
def settings() -> str:
    """The environment of every worker, except for its folders: locale, time zone, moment, seeds, threads."""
    nowhere = Path("/nowhere")
    environment = worker_environment(nowhere, nowhere)
    return " ".join(f"{name}={value}" for name, value in sorted(environment.items()) if value != str(nowhere))


@cache
def code(folder: Path = Path(__file__).parent) -> str:
    """A digest of our own code that runs programs and draws."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".js"}):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder)} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def machine_facts() -> dict[str, str]:
    """All of it, for fingerprints."""
    return {"derender": code(), "processor": processor(), "libraries": libraries(), "settings": settings()}
