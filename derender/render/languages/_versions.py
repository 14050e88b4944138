"""Versions of what draws, for fingerprints."""

import os
import subprocess
from functools import cache
from importlib import metadata


@cache
def distribution(name: str) -> str:
    """Version of an installed distribution, or ``absent``."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


@cache
def program_version(path: str) -> str:
    """What a program prints for ``--version``, one line."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unknown ({type(error).__name__} {os.path.basename(path)})"
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[-1].strip() if lines else "unknown"
