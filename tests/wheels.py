"""Writes wheels and folders of environments, so that tests install real packages without a network."""

import base64
import hashlib
import zipfile
from pathlib import Path


def write_wheel(folder: Path, version: str, word: str) -> Path:
    """A wheel of the package ``tiny``, whose only module says a word."""
    info = f"tiny-{version}.dist-info"
    files = {
        "tiny.py": f"WORD = {word!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = [f"{name},sha256={_hash(content)},{len(content)}\n" for name, content in files.items()]
    files[f"{info}/RECORD"] = f"{''.join(lines)}{info}/RECORD,,\n"
    path = folder / f"tiny-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in files.items():
            # Whole seconds of a fixed day: the same content is the same file.
            wheel.writestr(zipfile.ZipInfo(name), content)
    return path


def write_environment(folder: Path, *, version: str = "1.0", word: str = "first", about: str = "") -> Path:
    """A folder that describes an environment with ``tiny`` in it."""
    folder.mkdir(exist_ok=True)
    wheel = write_wheel(folder, version, word)
    (folder / "requirements.txt").write_text(f"./{wheel.name}\n")
    (folder / "environment.toml").write_text(about)
    return folder


def _hash(content: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
