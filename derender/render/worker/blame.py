"""From an exception that ended a program to the failure it is reported as."""

import errno
import os
import socket
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

_HERE = os.path.dirname(__file__)
_OWN_FRAMES = 4
_INNER_FRAMES = 4
_MOST_DETAIL = 4000
_SAVERS = frozenset({"savefig", "save", "print_figure", "imsave", "write", "to_csv", "dump", "mkdir", "makedirs"})
_NETWORK = frozenset(
    {"socket.py", "ssl.py", "connection.py", "client.py", "request.py", "urllib3", "connectionpool.py"}
)
_STARTERS = frozenset({"subprocess.py", "popen_fork.py", "popen_spawn_posix.py", "pty.py", "os.py", "util.py"})


@dataclass(frozen=True, slots=True)
class Blame:
    """A failure as the program's process reports it."""

    kind: str
    message: str
    line: int | None
    detail: str


def blame(error: BaseException, filename: str) -> Blame:
    """What an uncaught exception says of a program.

    Args:
        error: what ended the program.
        filename: the program's file name as it was compiled.
    """
    kind, message = _judge(error)
    return Blame(kind, message, _line(error, filename), _detail(error, filename))


def _judge(error: BaseException) -> tuple[str, str]:
    text = _words(error)
    if isinstance(error, SyntaxError):
        return "syntax", text
    if isinstance(error, ModuleNotFoundError) and error.name:
        return "missing_dependency", f"No module named '{error.name}'"
    if isinstance(error, MemoryError):
        return "memory", text if str(error) else "MemoryError: the program asked for more memory than it may have"
    if isinstance(error, FileNotFoundError) and isinstance(error.filename, str) and not _was_saving(error):
        return "missing_dependency", f'the program needs a file that is not there: "{error.filename}"'
    causes = (_judge_cause(cause, text) for cause in _chain(error))
    return next((found for found in causes if found), ("runtime", text))


def _judge_cause(cause: BaseException, text: str) -> tuple[str, str] | None:
    if isinstance(cause, socket.gaierror):
        return "policy", f"the network is not available here: {text}"
    if not isinstance(cause, OSError):
        return None
    if cause.errno in (errno.EFBIG, errno.ENOSPC, errno.EDQUOT):
        return "output_too_large", f"the program wrote more than it may: {text}"
    if cause.errno == errno.ENOMEM:
        return "memory", f"the program asked for more memory than it may have: {text}"
    if cause.errno in (errno.EPERM, errno.EACCES, errno.EROFS):
        return "policy", f"{_forbidden(cause)}: {text}"
    return None


def _forbidden(error: OSError) -> str:
    files = {os.path.basename(frame.filename) for frame in _frames(error)}
    if error.filename is not None and error.errno != errno.EPERM:
        return "files outside the program's own folder can't be used here"
    if files & _NETWORK:
        return "the network is not available here"
    if files & _STARTERS or error.filename is not None:
        return "starting other programs is not allowed"
    return "this is not allowed here"


def _was_saving(error: BaseException) -> bool:
    return any(frame.name in _SAVERS or "/PIL/" in frame.filename for frame in _frames(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, what it wraps, and what came before it."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [getattr(each, "reason", None), each.__cause__, *each.args]
            if not each.__suppress_context__:
                waiting.append(each.__context__)


def _words(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception as broken:  # noqa: BLE001 - a program's own exception class may raise anything from __str__
        text = f"(its text raised {type(broken).__name__})"
    name = type(error).__qualname__
    return (f"{name}: {text}" if text else name)[:600]


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    found = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__), limit=-200, lookup_lines=False)
    return [
        frame for frame in found if not frame.filename.startswith(_HERE) and not frame.filename.startswith("<frozen")
    ]


def _line(error: BaseException, filename: str) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == filename:
        return error.lineno
    lines = [frame.lineno for frame in _frames(error) if frame.filename == filename]
    return lines[-1] if lines else None


def _detail(error: BaseException, filename: str) -> str:
    lines = _stack(_frames(error), filename)
    if isinstance(error, SyntaxError):
        lines += traceback.format_exception_only(type(error), error)
    else:
        lines.append(_words(error) + "\n")
    return "".join(lines)[-_MOST_DETAIL:]


def _stack(frames: list[traceback.FrameSummary], filename: str) -> list[str]:
    """The program's own last frames, and the innermost ones of what it called."""
    if not frames:
        return []
    own = [number for number, frame in enumerate(frames) if frame.filename == filename][-_OWN_FRAMES:]
    inner = range(max(0, len(frames) - _INNER_FRAMES), len(frames))
    lines = ["Traceback (most recent call last):\n"]
    before = -1
    for number in sorted({*own, *inner}):
        if number > before + 1:
            lines.append("  ...\n")
        lines += traceback.format_list([frames[number]])
        before = number
    return lines
