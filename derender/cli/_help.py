"""How help looks: commands under sections, bold headings, examples as they were written.

Plain text rather than rich panels, whose imports alone cost more than the 300 ms that ``--help`` may take.
"""

import inspect
import os
from enum import StrEnum
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

_PlainFormatter: Any = typer.Context.formatter_class


class Section(StrEnum):
    """Headings under which commands and options are listed."""

    PICTURES = "Pictures and programs"
    """Commands that make or measure something."""
    MACHINE = "This machine"
    """Commands that look after the machine."""


class _Formatter(_PlainFormatter):  # type: ignore[misc]
    def write_heading(self, heading: str) -> None:
        self.write(f"{'':>{self.current_indent}}{_bold(heading)}\n")

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix=prefix or f"{_bold('Usage:')} ")


class TeachingCommand(TyperCommand):
    """A command whose help ends in examples."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401 - click's context has no public type
        """The help page."""
        ctx.formatter_class = _Formatter
        return super().get_help(ctx)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401
        """The usage line's parts, arguments as ``FILE...`` rather than ``{FILE}...``."""
        return [piece.translate({ord("{"): None, ord("}"): None}) for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write arguments and options, the arguments without their Python types."""
        rows: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                rows[parameter.param_type_name].append(record)
        arguments = [(name.split(" ")[0], text.removesuffix("  [required]")) for name, text in rows["argument"]]
        for heading, records in (("Arguments", arguments), ("Options", rows["option"])):
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the examples."""
        _write_examples(self.epilog, formatter)


class TeachingGroup(TyperGroup):
    """A group of commands, listed by section."""

    def get_help(self, ctx: Any) -> str:  # noqa: ANN401
        """The help page."""
        ctx.formatter_class = _Formatter
        return super().get_help(ctx)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the examples."""
        _write_examples(self.epilog, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write one list of commands per section; those without a section come under ``Commands``."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            section = command.rich_help_panel
            heading = section if isinstance(section, str) else "Commands"
            sections.setdefault(heading, []).append((name, command.get_short_help_str(90)))
        order = [str(section) for section in Section]
        for heading in sorted(sections, key=lambda each: order.index(each) if each in order else len(order)):
            with formatter.section(heading):
                formatter.write_dl(sections[heading])


def _write_examples(epilog: str | None, formatter: Any) -> None:  # noqa: ANN401
    for line in ["", *inspect.cleandoc(epilog or "").splitlines()]:
        heading = line.endswith(":") and not line.startswith(" ")
        formatter.write((_bold(line[:-1]) if heading else line) + "\n")


def _bold(text: str) -> str:
    return text if "NO_COLOR" in os.environ else typer.style(text, bold=True)
