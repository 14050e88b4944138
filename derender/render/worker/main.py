"""Where a worker process begins."""

from typing import Any


def main(kind: str, control_fd: int, config: dict[str, Any]) -> None:
    """Run the worker of a kind until its control socket closes."""
    if kind == "browser":
        import asyncio

        from . import browser

        asyncio.run(browser.main(control_fd, config))
    else:
        from . import dispatcher

        dispatcher.serve(kind, control_fd, config)
