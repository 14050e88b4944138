"""Landlock: which files a program may read, and the one folder it may write."""

import ctypes
import os
import stat
from collections.abc import Iterable

from . import linux

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1, 2, 4, 8
_READ = _READ_FILE | _READ_FOLDER
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | 1 << 15
_ALL_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP, _SCOPES = 3, 3
TRUNCATION = 3
"""The version from which on files can't be emptied by a process that may not write them."""


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("access", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def version() -> int:
    """The kernel's Landlock version; 0 where it has none."""
    return max(0, linux.syscall(_CREATE, None, 0, _VERSION_FLAG))


def denial() -> int:
    """The error with which the kernel answers the question for its version; 0 where it has one."""
    return 0 if linux.syscall(_CREATE, None, 0, _VERSION_FLAG) > 0 else ctypes.get_errno()


class Ruleset:
    """What a process may do with files once it is restricted; everything not allowed is denied."""

    def __init__(self, abi: int) -> None:
        """Start with nothing allowed.

        Raises:
            OSError: the kernel has no Landlock.
        """
        self._all = _ALL_BY_ABI[max(each for each in _ALL_BY_ABI if each <= abi)]
        attributes = _Ruleset(self._all, _TCP if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
        size = 24 if abi >= 6 else 16 if abi >= 4 else 8
        result = linux.syscall(_CREATE, ctypes.byref(attributes), size, 0)
        self._fd = linux.checked(result, "landlock_create_ruleset")

    def allow_reading(self, paths: Iterable[str]) -> None:
        """Let files, and all beneath folders, be read; paths that are absent are passed over."""
        for path in paths:
            self._allow(path, _READ)

    def allow_writing(self, path: str) -> None:
        """Let everything be done beneath a folder, or a device file be written, except running programs."""
        self._allow(path, self._all & ~_EXECUTE)

    def enforce(self) -> None:
        """Restrict this process for good; needs no-new-privileges set before."""
        linux.checked(linux.syscall(_RESTRICT, self._fd, 0), "landlock_restrict_self")
        os.close(self._fd)

    def _allow(self, path: str, access: int) -> None:
        try:
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except (FileNotFoundError, PermissionError):
            return
        try:
            if not stat.S_ISDIR(os.fstat(fd).st_mode):
                access &= _ON_FILES
            rule = _Beneath(access & self._all, fd)
            result = linux.syscall(_ADD_RULE, self._fd, _PATH_BENEATH, ctypes.byref(rule), 0)
            linux.checked(result, "landlock_add_rule")
        finally:
            os.close(fd)
