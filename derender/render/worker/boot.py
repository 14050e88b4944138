"""How a worker process is started: a clean interpreter that sees this folder and no other code of derender."""

import json
from pathlib import Path
from typing import Any

HERE = str(Path(__file__).parent)
"""The folder of the worker's code."""

_BOOT = """
import sys, json, importlib.util
folder, kind, fd, config = sys.argv[1:]
sys.argv[1:] = []
spec = importlib.util.spec_from_file_location(
    "derender_worker", folder + "/__init__.py", submodule_search_locations=[folder])
sys.modules["derender_worker"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from derender_worker.main import main
main(kind, int(fd), json.loads(config))
"""


def command(python: str, folder: str, kind: str, control_fd: int, config: dict[str, Any]) -> list[str]:
    """The argument vector of a worker.

    Args:
        python: the interpreter that runs it.
        folder: where the worker's code lies as that interpreter sees it; `HERE` outside a container.
        kind: ``python``, ``vector`` or ``browser``.
        control_fd: the inherited descriptor of the worker's end of the control socket.
        config: what it is told; plain JSON.
    """
    # Not -I, which ignores PYTHONHASHSEED; the environment is the engine's own, so nothing of a user's comes in by it.
    return [python, "-Ps", "-B", "-c", _BOOT, folder, kind, str(control_fd), json.dumps(config)]
