"""What ChartMimic's evaluator notes of a program's plotting calls: how often each function, and in which colours.

Only outermost calls count. In the original a call that raises leaves its mark standing, so that nothing after it is
noted; and where a colour can't be read, the program itself ends.
"""

import functools
import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from . import chart_colors as colors
from .capture import replace, when_imported
from .chart_colors import Artist, Call, Read, Rule

_COUNTED_ON_AXES = (
    "bar barh plot axhline axvline axvspan axhspan hlines vlines errorbar boxplot violinplot violin hist fill_between "
    "fill_betweenx scatter quiver pie fill imshow pcolor contour contourf broken_barh tripcolor"
)
_COUNTED_ON_AXES_3D = "scatter plot plot_surface bar3d bar add_collection3d"


class CallLog:
    """The notes of one flavour of the evaluator.

    Args:
        flavour: ``original``, ``vlmevalkit`` or ``fixed``: the last goes on after calls that raise.
        raising: whether a colour that can't be read ends the program, as it does in the original.
    """

    def __init__(self, flavour: str, *, raising: bool = False) -> None:
        self.flavour = flavour
        self.unread: str | None = None
        self._raising = raising
        self._counts: Counter[str] = Counter()
        self._drawn: dict[tuple[str, str], tuple[Artist, Read]] = {}
        self._counting = self._coloring = False

    def counts(self) -> dict[str, int]:
        """Function → how often it was called."""
        return dict(self._counts)

    def colors(self) -> list[list[str]] | None:
        """[function, colour] of each thing drawn, once each, in the order drawn; None where they can't be read."""
        if self.unread is not None and not self._raising:
            return None
        try:
            return [list(pair) for pair in dict.fromkeys(self._read())]
        except Exception as error:  # noqa: BLE001 - artists may be the program's own, and broken in any way
            self.unread = f"{type(error).__name__}: {error}"[:300]
            return None

    def count(self, name: str) -> bool:
        """Note a call; whether it is an outermost one, which `counted` must end."""
        if self._counting:
            return False
        self._counting = True
        self._counts[name] += 1
        return True

    def counted(self) -> None:
        """The outermost counted call has returned."""
        self._counting = False

    def color(self) -> bool:
        """Note a call that may colour; whether it is an outermost one."""
        outermost = not self._coloring and (self.unread is None or self.flavour == "fixed")
        self._coloring = self._coloring or outermost
        return outermost

    def colored(self, name: str, rule: Rule, call: Call) -> None:
        """The outermost colouring call has returned."""
        try:
            for artist, read in rule(call):
                self._keep(name, artist, read)
        except Exception as error:
            self.unread = self.unread or f"{type(error).__name__}: {error}"[:300]
            if self._raising:
                raise
        self._coloring = False

    def raised(self, *, counting: bool, coloring: bool) -> None:
        """An outermost call raised."""
        if self.flavour == "fixed":
            self._counting = self._counting and not counting
            self._coloring = self._coloring and not coloring

    def _keep(self, name: str, artist: Artist, read: Read) -> None:
        found = read(artist)
        if found:
            # Of what is drawn by one function in one colour the last is kept, in the first one's place.
            self._drawn[name, found[-1]] = artist, read

    def _read(self) -> Iterator[tuple[str, str]]:
        for (name, _), (artist, read) in self._drawn.items():
            try:
                yield from ((name, color) for color in read(artist))
            except Exception:
                # As published, one colour that can't be read ends the reading of all.
                if self.flavour != "fixed":
                    raise


class Watch:
    """Puts the hooks in place for some logs at once."""

    def __init__(self, logs: list[CallLog]) -> None:
        self._logs = logs

    def install(self) -> None:
        """Hook the functions now, or when their libraries are imported."""
        when_imported("matplotlib.pyplot", self._hook_matplotlib)
        when_imported("mpl_toolkits.mplot3d.axes3d", self._hook_3d)
        when_imported("networkx", self._hook_networkx)
        when_imported("squarify", self._hook_squarify)
        when_imported("matplotlib_venn._common", self._hook_venn)

    def _hook_matplotlib(self) -> None:
        from matplotlib.axes import Axes, _base
        from matplotlib.image import NonUniformImage
        from matplotlib.patches import Circle, Ellipse
        from matplotlib.projections.polar import PolarAxes

        rules = _rules_on_axes()
        for name in dict.fromkeys([*_COUNTED_ON_AXES.split(), *rules]):
            self._hook(Axes, name, rules.get(name), polar=PolarAxes, count=name in _COUNTED_ON_AXES.split())
        # Inherited, and watched once more: lines on polar axes are told apart from others.
        self._hook(PolarAxes, "plot", colors.lines_on(PolarAxes), count=False, suffix="_polar")
        maker: Any = _base._process_plot_var_args  # type: ignore[attr-defined]
        name = "_makeline" if hasattr(maker, "_makeline") else "_make_line"
        self._hook(maker, name, colors.plotted_line, count=False)
        self._hook(NonUniformImage, "__init__", colors.made(NonUniformImage, colors.colormap))
        for kind in (Ellipse, Circle):
            self._hook(kind, "__init__", colors.made(kind, colors.face))

    def _hook_3d(self) -> None:
        from mpl_toolkits.mplot3d import Axes3D  # type: ignore[import-untyped]

        rules: dict[str, Rule] = {
            "scatter": colors.points_3d,
            "plot": colors.each(colors.line),
            "plot_surface": colors.surface,
            "bar3d": colors.result(colors.first_face),
            "bar": colors.each(colors.face),
            "add_collection3d": colors.result(colors.faces),
        }
        for name in _COUNTED_ON_AXES_3D.split():
            self._hook(Axes3D, name, rules[name], suffix="_3d")

    def _hook_networkx(self) -> None:
        import networkx
        from networkx.drawing import nx_pylab

        rules: dict[str, Rule] = {
            "draw_networkx_nodes": colors.result(colors.faces),
            "draw_networkx_edges": colors.links,
            "draw_networkx_labels": colors.labels,
        }
        for name, rule in rules.items():
            self._hook(nx_pylab, name, rule)
            replace(networkx, **{name: getattr(nx_pylab, name)})

    def _hook_squarify(self) -> None:
        import squarify

        self._hook(squarify, "plot", colors.tiles)

    def _hook_venn(self) -> None:
        from matplotlib_venn._common import VennDiagram

        self._hook(VennDiagram, "__init__", colors.circles)

    def _hook(
        self,
        owner: Any,  # noqa: ANN401 - a module or a class
        name: str,
        rule: Rule | None = None,
        *,
        suffix: str = "",
        polar: type | None = None,
        count: bool = True,
    ) -> None:
        function = getattr(owner, name, None)
        if function is None:
            return
        watched = _Watched(function, rule, suffix, polar, count)
        replace(owner, **{name: watched.wrapper(self._logs)})


class _Watched:
    """One function that is watched."""

    def __init__(
        self, function: Callable[..., Any], rule: Rule | None, suffix: str, polar: type | None, count: bool
    ) -> None:
        self._function = function
        # Functions are told apart by the file that defines them, which for many is the file of their decorator.
        self._name = f"{_file_of(function)}/{function.__name__}"
        self._rule = rule
        self._suffix = suffix
        self._polar = polar
        self._count = count

    def wrapper(self, logs: list[CallLog]) -> Callable[..., Any]:
        """What takes the function's place."""
        function, rule, count = self._function, self._rule, self._count

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the function takes and returns
            calls = [Call(args, kwargs, None, log.flavour) for log in logs]
            counting = [count and log.count(self._counted_as(call)) for log, call in zip(logs, calls, strict=True)]
            coloring = [rule is not None and log.color() for log in logs]
            try:
                result = function(*args, **kwargs)
            except BaseException:
                for log, counts, colors_ in zip(logs, counting, coloring, strict=True):
                    log.raised(counting=counts, coloring=colors_)
                raise
            for log, call, colors_ in zip(logs, calls, coloring, strict=True):
                if colors_ and rule is not None:
                    log.colored(self._colored_as(call), rule, call._replace(result=result))
            for log, counts in zip(logs, counting, strict=True):
                if counts:
                    log.counted()
            return result

        return called

    def _counted_as(self, call: Call) -> str:
        lines_on_polar = self._polar is not None and self._function.__name__ == "plot" and call.is_a(self._polar)
        return f"{self._name}_polar" if lines_on_polar else self._name

    def _colored_as(self, call: Call) -> str:
        points_on_polar = self._polar is not None and self._function.__name__ == "scatter" and call.is_a(self._polar)
        return f"{self._name}_polar" if points_on_polar else self._name + self._suffix


def _rules_on_axes() -> dict[str, Rule]:
    return {
        "bar": colors.bars,
        "scatter": colors.points,
        "axhline": colors.result(colors.line),
        "axvline": colors.result(colors.line),
        "_fill_between_x_or_y": colors.result(colors.first_face),
        "pie": colors.wedges,
        "axvspan": colors.result(colors.face),
        "axhspan": colors.result(colors.face),
        "hlines": colors.result(colors.edges),
        "vlines": colors.result(colors.edges),
        "boxplot": colors.boxes,
        "violinplot": colors.bodies,
        "hist": colors.histogram,
        "quiver": colors.result(colors.faces),
        "imshow": colors.result(colors.colormap),
        "pcolor": colors.result(colors.colormap),
        "contour": colors.result(colors.colormap),
        "contourf": colors.result(colors.colormap),
        "fill": colors.each(colors.face),
        "broken_barh": colors.result(colors.faces),
        "tripcolor": colors.result(colors.colormap),
    }


def _file_of(function: Callable[..., Any]) -> str:
    """The file a function is defined in, from the folder of packages on."""
    code = getattr(function, "__code__", None)
    # A watched function that is inherited is watched again: its own file counts, not this one.
    while code is not None and code.co_filename == __file__:
        function = function.__wrapped__  # type: ignore[attr-defined]
        code = getattr(function, "__code__", None)
    return inspect.getfile(function).replace("\\", "/").rpartition("site-packages/")[2]
