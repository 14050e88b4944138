"""Work on an axis's ticks that Matplotlib repeats, left out. Not one pixel changes.

Every tick is a copy of another: its markers were copied by `copy.deepcopy`, a tenth of a millisecond each, though all
that can change in the marker of a tick is its transform. And while axes are measured once, the ticks of each axis are
worked out nine times: for the axis, for its siblings, for the title, and for each of the four spines.
"""

import functools
from collections.abc import Callable
from typing import Any

from .capture import replace

_Key = tuple[object, ...]


def copy_markers_lightly() -> None:
    """Copy the markers of ticks, which share one path each already, without going down to their last array."""
    from matplotlib import markers
    from matplotlib.transforms import Affine2D, IdentityTransform

    # What is used here is not in its type stubs.
    MarkerStyle: Any = markers.MarkerStyle
    original: Callable[..., Any] = MarkerStyle._set_marker
    shared = [MarkerStyle(kind).get_path() for kind in ("", 0, 1, 2, 3)]

    def is_plain(marker: Any) -> bool:
        return bool(
            type(marker) is MarkerStyle
            and any(marker._path is path for path in shared)
            and marker._alt_path is None
            and marker._alt_transform is None
            and marker._user_transform is None
            and type(marker._transform) in (Affine2D, IdentityTransform)
            and getattr(marker._marker_function, "__self__", None) is not None
        )

    @functools.wraps(original)
    def set_marker(self: Any, marker: Any) -> None:
        if not is_plain(marker):
            original(self, marker)
            return
        state = dict(marker.__dict__)
        transform = marker._transform
        fresh = IdentityTransform() if type(transform) is IdentityTransform else Affine2D(transform.get_matrix().copy())
        state.update(_transform=fresh, _marker_function=getattr(self, marker._marker_function.__name__))
        replace(self, __dict__=state)

    replace(MarkerStyle, _set_marker=set_marker)


class _Measuring:
    """The ticks worked out since the outermost measuring of axes began."""

    def __init__(self) -> None:
        self._depth = 0
        self._known: dict[Any, tuple[_Key, list[Any]]] = {}
        self._last_user: dict[int, Any] = {}

    def axes(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a method of axes in which nothing but Matplotlib's own measuring goes on."""

        @functools.wraps(original)
        def measure(axes: Any, *args: object, **kwargs: object) -> object:
            self._depth += 1
            try:
                return original(axes, *args, **kwargs)
            finally:
                self._depth -= 1
                if not self._depth:
                    self._known.clear()
                    self._last_user.clear()

        return measure

    def ticks(self, original: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
        """Wrap the method that works the ticks of an axis out."""

        @functools.wraps(original)
        def update_ticks(axis: Any) -> list[Any]:
            if not self._depth or not _is_plain(axis):
                return original(axis)
            key = _key(axis)
            formatters = id(axis.major.formatter), id(axis.minor.formatter)
            found = self._known.get(axis)
            # A formatter keeps what it was asked last, so that it must have been asked by this axis.
            if found and found[0] == key and all(self._last_user.get(each) is axis for each in formatters):
                return list(found[1])
            ticks = original(axis)
            # Taken again: the number of ticks may just have changed.
            self._known[axis] = (_key(axis), list(ticks))
            self._last_user.update(dict.fromkeys(formatters, axis))
            return ticks

        return update_ticks


def work_ticks_out_once() -> None:
    """While axes are measured, work the ticks of an axis out once for each state the axis is in."""
    from matplotlib import axis
    from matplotlib.axes import Axes

    Axis: Any = axis.Axis
    measuring = _Measuring()
    replace(Axes, get_tightbbox=measuring.axes(Axes.get_tightbbox), draw=measuring.axes(Axes.draw))
    replace(Axis, _update_ticks=measuring.ticks(Axis._update_ticks))


def _is_plain(axis: Any) -> bool:
    """Whether all that decides on the ticks is Matplotlib's own; a program's function may answer as it likes."""
    from matplotlib.axis import XAxis, YAxis
    from matplotlib.ticker import FuncFormatter

    parts = (axis.major.locator, axis.major.formatter, axis.minor.locator, axis.minor.formatter)
    return type(axis) in (XAxis, YAxis) and all(
        type(part).__module__.startswith("matplotlib.") and type(part) is not FuncFormatter for part in parts
    )


def _key(axis: Any) -> _Key:
    """All that the ticks of a plain axis depend on."""
    axes = axis.axes
    return (
        *axis.get_view_interval().tolist(),
        *axis.get_data_interval().tolist(),
        *axes.viewLim.get_points().ravel().tolist(),
        *axes.bbox.get_points().ravel().tolist(),
        axis.get_figure().dpi,
        id(axis._scale),
        *(id(each) for each in (axis.major.locator, axis.major.formatter, axis.minor.locator, axis.minor.formatter)),
        *(len(each) for each in (axis.majorTicks, axis.minorTicks)),
        *(id(each) for each in (*axis.majorTicks[:1], *axis.minorTicks[:1])),
    )
