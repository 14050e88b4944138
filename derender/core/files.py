"""Reading files that others named, so that none of them can be waited for, or never end."""

import stat
from pathlib import Path

from .errors import UserError

MAX_BYTES = 512 << 20
"""The largest file read."""


def read_file(path: Path, what: str = "file", raised: type[UserError] = UserError) -> bytes:
    """The content of a plain file.

    Args:
        path: where a manifest, a run or a person says that it lies; links are followed.
        what: messages call it.
        raised: the error that says why it can't be.

    Raises:
        UserError: it is missing, a folder, a pipe, a device, larger than `MAX_BYTES`, or can't be read; one sentence.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise raised(f"{path}: is a folder, not a {what}")
        if not stat.S_ISREG(status.st_mode):
            raise raised(f"{path}: is a pipe or device, not a {what}")
        if status.st_size > MAX_BYTES:
            raise raised(f"{path}: the file has {status.st_size >> 20} MiB, more than {MAX_BYTES >> 20}")
        return path.read_bytes()
    except FileNotFoundError:
        raise raised(f"{path}: no such file") from None
    except PermissionError:
        raise raised(f"{path}: no permission to read it") from None
    except OSError as error:
        raise raised(f"{path}: can't be read ({(error.strerror or type(error).__name__).lower()})") from None
    except ValueError:
        raise raised(f"{str(path)!r}: is no name of a file") from None
