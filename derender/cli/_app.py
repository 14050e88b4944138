"""The command's root: finds the commands, and turns mistakes and interrupts into one sentence and an exit code.

Nothing heavy may be imported by this module or by a command's module: ``derender --help`` reads them all.
"""

import importlib
import io
import pkgutil
import sys
import warnings
from typing import Annotated, Any

import typer

from derender import __version__
from derender.core import DerenderError, InfraError

from ._exits import Exit, complain
from ._help import TeachingGroup

_EPILOG = """
Examples:
  derender convert chart.png --to svg -o out    turn a picture into a program
  derender render plot.py page.html -o out      draw programs
  derender score chart.png out/chart.png        say how alike two pictures are
  derender report out                           show a whole run as one page
  derender doctor                               see what works on this machine

Exit codes: 0 all done, 1 some items failed, 2 wrong use or nothing usable,
130 stopped by Ctrl-C. Every command takes --json and explains itself with -h.
"""


class _Root(TeachingGroup):
    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - click's context, and whatever a command returns
        try:
            return super().invoke(ctx)
        except DerenderError as error:
            complain(str(error))
            raise typer.Exit(Exit.SOME_FAILED if isinstance(error, InfraError) else Exit.WRONG_USE) from None


def _app() -> typer.Typer:
    app = typer.Typer(
        name="derender",
        cls=_Root,
        help="Turn pictures back into programs; render, score and show them.",
        epilog=_EPILOG,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_root)
    package = importlib.import_module("derender.cli")
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"{package.__name__}.{module.name}").register(app)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"derender {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    return


def run() -> None:
    """Run the command line of this process; ends it with the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # File names and models hold characters that some terminals' encodings lack.
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _warn
    _app()(prog_name="derender")


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    complain(str(message))
