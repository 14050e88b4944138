"""What Matplotlib's artists hold, by kind of artist, in data coordinates.

Each reader takes an artist and gives an entry with a ``kind``; positions are those of the axes' own data, whatever
coordinates the artist was made in, so a line across the axes reads as the line between its limits.
"""

# Matplotlib's objects have no types of their own.
# ruff: noqa: ANN401

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .plain_values import PlainValues, colours, label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_ARTISTS = 1_000
MAX_VERTICES = 400
GRID_SIDE = 64
"""Grids with longer sides are sampled at every so-many-th row and column; ``step`` says at which."""

Entry = dict[str, Any]


def read_artists(axes: Any, values: PlainValues) -> list[Entry]:
    """The visible artists of an axes that hold data, in groups as they were made."""
    entries: list[Entry] = []
    for read, artist in _readers(axes):
        if len(entries) >= MAX_ARTISTS:
            break
        try:
            entries.append(read(axes, artist, values))
        except Exception:  # noqa: BLE001 - the program's own subclasses may do anything
            entries.append({"kind": "unread", "class": type(artist).__name__[:100]})
    return entries


def _readers(axes: Any) -> Iterator[tuple[Callable[[Any, Any, PlainValues], Entry], Any]]:
    taken: set[int] = set()
    for container in [*axes.containers]:
        for read, artist, parts in _of_container(container):
            taken.update(id(part) for part in parts)
            if any(map(_shows, parts)):
                yield read, artist
    wedges = [patch for patch in axes.patches if type(patch).__name__ == "Wedge" and _shows(patch)]
    if wedges:
        taken.update(map(id, wedges))
        yield _wedges, wedges
    for artist in [*axes.images, *axes.patches, *axes.collections, *axes.lines]:
        if id(artist) not in taken and _shows(artist):
            yield _reader_of(artist), artist


def _shows(artist: Any) -> bool:
    alpha = artist.get_alpha()
    return bool(artist.get_visible()) and not (isinstance(alpha, int | float) and alpha == 0)


def _of_container(container: Any) -> Iterator[tuple[Callable[[Any, Any, PlainValues], Entry], Any, list[Any]]]:
    kind = type(container).__name__
    # Bars set into space are patches of another kind, read one by one.
    if kind == "BarContainer" and all(hasattr(patch, "get_xy") for patch in container.patches):
        yield _bars, container, [*container.patches]
    elif kind == "ErrorbarContainer":
        line, caps, bars = container.lines
        if line is not None:
            yield _line, line, [line]
        for each in bars:
            yield _error_bars, each, [each, *caps]
    elif kind == "StemContainer":
        yield _stems, container.markerline, [container.markerline, container.stemlines, container.baseline]


def _reader_of(artist: Any) -> Callable[[Any, Any, PlainValues], Entry]:
    names = {each.__name__ for each in type(artist).__mro__}
    for name, read in _BY_CLASS:
        if name in names:
            return read
    raise AssertionError("every artist is an Artist")


def _in_data(axes: Any, artist: Any, points: Any, transform: Any = None) -> "NDArray[np.float64]":
    import numpy as np

    found = np.ma.filled(np.ma.asarray(points).astype(float), np.nan).reshape(-1, 2)
    own = artist.get_transform() if transform is None else transform
    if own == axes.transData or not len(found):
        return found
    return np.asarray((own - axes.transData).transform(found), float)


def _line(axes: Any, line: Any, values: PlainValues) -> Entry:
    look = {
        "label": label(line.get_label()),
        "colors": colours([line.get_color() if line.get_linestyle() != "None" else line.get_markerfacecolor()]),
        "width": float(line.get_linewidth()),
        "style": str(line.get_linestyle()),
        "marker": str(line.get_marker()),
        "drawstyle": str(line.get_drawstyle()),
    }
    if hasattr(line, "get_data_3d"):
        x, y, z = line.get_data_3d()
        return {"kind": "line3d", **look, **values.columns(x=x, y=y, z=z)}
    if type(line).__name__ in ("AxLine", "_AxLine"):
        ends = _in_data(axes, line, [[0, 0], [1, 0]], line.get_transform())
        return {"kind": "line", **look, **values.columns(x=ends[:, 0], y=ends[:, 1])}
    points = _in_data(axes, line, line.get_xydata())
    return {"kind": "line", **look, **values.columns(x=points[:, 0], y=points[:, 1])}


def _stems(axes: Any, line: Any, values: PlainValues) -> Entry:
    return {**_line(axes, line, values), "kind": "stems"}


def _error_bars(axes: Any, bars: Any, values: PlainValues) -> Entry:
    return {**_segments(axes, bars, values), "kind": "errors"}


def _bars(axes: Any, container: Any, values: PlainValues) -> Entry:
    import numpy as np

    patches = [patch for patch in container.patches if _shows(patch)]
    boxes = np.array([[*patch.get_xy(), patch.get_width(), patch.get_height()] for patch in patches], float)
    x, y, width, height = boxes.reshape(-1, 4).T
    return {
        "kind": "bars",
        "label": label(container.get_label()),
        "orientation": getattr(container, "orientation", None),
        "colors": colours([patch.get_facecolor() for patch in patches]),
        **values.columns(x=x, y=y, width=width, height=height),
    }


def _wedges(axes: Any, wedges: Any, values: PlainValues) -> Entry:
    import numpy as np

    rows = [[*each.center, each.r, each.r if each.width is None else each.width] for each in wedges]
    angles = [[each.theta1, each.theta2] for each in wedges]
    x, y, radius, width, start, end = np.hstack([np.array(rows, float), np.array(angles, float)]).T
    return {
        "kind": "wedges",
        "labels": [label(each.get_label()) for each in wedges[:MAX_ARTISTS]],
        "colors": colours([each.get_facecolor() for each in wedges]),
        **values.columns(x=x, y=y, radius=radius, width=width, start=start, end=end),
    }


def _patch(axes: Any, patch: Any, values: PlainValues) -> Entry:
    look = {
        "class": type(patch).__name__[:100],
        "label": label(patch.get_label()),
        "colors": colours([patch.get_facecolor()]),
        "edge": colours([patch.get_edgecolor()]),
        "filled": bool(patch.get_fill()),
    }
    if hasattr(patch, "_segment3d"):
        x, y, z = zip(*patch._segment3d, strict=True)
        return {"kind": "faces3d", **look, **values.columns(x=x, y=y, z=z)}
    points = _in_data(axes, patch, patch.get_path().vertices)[:MAX_VERTICES]
    return {"kind": "patch", **look, **values.columns(x=points[:, 0], y=points[:, 1])}


def _grid(array: Any, values: PlainValues) -> Entry:
    import numpy as np

    cells = np.ma.asarray(array)
    rows, columns = cells.shape[:2]
    step = [max(1, -(-rows // GRID_SIDE)), max(1, -(-columns // GRID_SIDE))]
    sampled = cells[:: step[0], :: step[1]]
    return {"shape": list(cells.shape), "step": step, "values": values.numbers(sampled, sampled.size)}


def _image(axes: Any, image: Any, values: PlainValues) -> Entry:
    array = image.get_array()
    rgb = array.ndim == 3
    return {
        "kind": "image",
        "label": label(image.get_label()),
        "extent": values.numbers(image.get_extent()),
        "origin": str(getattr(image, "origin", "upper")),
        "cmap": None if rgb else str(image.get_cmap().name)[:100],
        "clim": None if rgb else values.numbers(image.get_clim()),
        **_grid(array, values),
    }


def _mesh(axes: Any, mesh: Any, values: PlainValues) -> Entry:
    corners = mesh.get_coordinates()
    rows, columns = corners.shape[0] - 1, corners.shape[1] - 1
    gouraud = mesh.get_array().size == corners.shape[0] * corners.shape[1]
    array = mesh.get_array().reshape(corners.shape[:2] if gouraud else (rows, columns))
    first, last = corners[0, 0], corners[-1, -1]
    return {
        "kind": "image",
        "label": label(mesh.get_label()),
        "extent": values.numbers([first[0], last[0], first[1], last[1]]),
        "origin": "lower",
        "cmap": str(mesh.get_cmap().name)[:100],
        "clim": values.numbers(mesh.get_clim()),
        **_grid(array, values),
    }


def _points(axes: Any, points: Any, values: PlainValues) -> Entry:
    import numpy as np

    array, sizes = points.get_array(), np.asarray(points.get_sizes(), float)
    look: Entry = {
        "label": label(points.get_label()),
        "colors": colours(points.get_facecolor() if len(points.get_facecolor()) else points.get_edgecolor()),
        "sizes": values.numbers(sizes if len(set(sizes.tolist())) > 1 else sizes[:1]),
        "values": None if array is None else values.numbers(array),
        "clim": None if array is None else values.numbers(points.get_clim()),
        "cmap": None if array is None else str(points.get_cmap().name)[:100],
    }
    if hasattr(points, "_offsets3d"):
        x, y, z = points._offsets3d
        return {"kind": "points3d", **look, **values.columns(x=x, y=y, z=z)}
    offsets = _in_data(axes, points, points.get_offsets(), points.get_offset_transform())
    return {"kind": "points", **look, **values.columns(x=offsets[:, 0], y=offsets[:, 1])}


def _polygons(axes: Any, polygons: Any, values: PlainValues) -> Entry:
    if len(polygons.get_offsets()) > 1 and len(polygons.get_paths()) == 1:
        # Hexagonal bins: one shape at many places.
        return _points_without_sizes(axes, polygons, values)
    paths, array = polygons.get_paths()[:MAX_ARTISTS], polygons.get_array()
    parts = [_in_data(axes, polygons, path.vertices)[: 10 * MAX_VERTICES] for path in paths]
    return {
        "kind": "areas",
        "label": label(polygons.get_label()),
        "colors": colours(polygons.get_facecolor()),
        "values": None if array is None else values.numbers(array, len(parts)),
        "clim": None if array is None else values.numbers(polygons.get_clim()),
        "n": len(polygons.get_paths()),
        "parts": [values.columns(x=part[:, 0], y=part[:, 1]) for part in parts],
    }


def _points_without_sizes(axes: Any, polygons: Any, values: PlainValues) -> Entry:
    array = polygons.get_array()
    offsets = _in_data(axes, polygons, polygons.get_offsets(), polygons.get_offset_transform())
    return {
        "kind": "points",
        "label": label(polygons.get_label()),
        "colors": colours(polygons.get_facecolor()) if array is None else [],
        "sizes": [],
        "values": None if array is None else values.numbers(array),
        "clim": None if array is None else values.numbers(polygons.get_clim()),
        "cmap": None if array is None else str(polygons.get_cmap().name)[:100],
        **values.columns(x=offsets[:, 0], y=offsets[:, 1]),
    }


def _segments(axes: Any, lines: Any, values: PlainValues) -> Entry:
    import numpy as np

    look = {"label": label(lines.get_label()), "colors": colours(lines.get_color())}
    if hasattr(lines, "_segments3d"):
        ends3d = np.array([[*part[0], *part[-1]] for part in lines._segments3d], float).reshape(-1, 6)
        names = ("x0", "y0", "z0", "x1", "y1", "z1")
        return {"kind": "segments3d", **look, **values.columns(**dict(zip(names, ends3d.T, strict=True)))}
    parts = [_in_data(axes, lines, part) for part in lines.get_segments() if len(part)]
    ends = np.array([[*part[0], *part[-1]] for part in parts], float).reshape(-1, 4)
    x0, y0, x1, y1 = ends.T
    return {"kind": "segments", **look, **values.columns(x0=x0, y0=y0, x1=x1, y1=y1)}


def _contours(axes: Any, contours: Any, values: PlainValues) -> Entry:
    import numpy as np

    boxes = []
    for path in contours.get_paths():
        points = _in_data(axes, contours, path.vertices)
        points = points[np.isfinite(points).all(axis=1)]
        boxes.append([*points.min(axis=0), *points.max(axis=0)] if len(points) else [np.nan] * 4)
    x0, y0, x1, y1 = np.array(boxes, float).reshape(-1, 4).T
    levels = np.asarray(contours.levels, float)
    if contours.filled:
        levels = (levels[:-1] + levels[1:]) / 2
    return {
        "kind": "contours",
        "label": "",
        "filled": bool(contours.filled),
        "cmap": str(contours.get_cmap().name)[:100],
        **values.columns(level=levels, x0=x0, y0=y0, x1=x1, y1=y1),
    }


def _arrows(axes: Any, arrows: Any, values: PlainValues) -> Entry:
    import numpy as np

    offsets = _in_data(axes, arrows, arrows.get_offsets(), arrows.get_offset_transform())
    u, v = (np.ma.ravel(getattr(arrows, name, getattr(arrows, name.lower(), []))) for name in ("U", "V"))
    look = {"label": label(arrows.get_label()), "colors": colours(arrows.get_facecolor())}
    return {"kind": "arrows", **look, **values.columns(x=offsets[:, 0], y=offsets[:, 1], u=u, v=v)}


def _faces3d(axes: Any, faces: Any, values: PlainValues) -> Entry:
    import numpy as np

    corners = getattr(faces, "_faces", None)
    vertices = np.asarray(faces._vec)[:3].T if corners is None else np.asarray(corners).reshape(-1, 3)
    x, y, z = vertices.T
    look = {"label": label(faces.get_label()), "colors": colours(faces.get_facecolor(), 1)}
    return {"kind": "faces3d", **look, **values.columns(x=x, y=y, z=z)}


def _other(axes: Any, artist: Any, values: PlainValues) -> Entry:
    return {"kind": "other", "class": type(artist).__name__[:100]}


_BY_CLASS: tuple[tuple[str, Callable[[Any, Any, PlainValues], Entry]], ...] = (
    ("AxesImage", _image),
    ("NonUniformImage", _image),
    ("QuadMesh", _mesh),
    ("PolyQuadMesh", _mesh),
    ("ContourSet", _contours),
    ("Quiver", _arrows),
    ("Barbs", _arrows),
    ("Poly3DCollection", _faces3d),
    ("Line3DCollection", _segments),
    ("PathCollection", _points),
    ("LineCollection", _segments),
    ("PolyCollection", _polygons),
    ("PatchCollection", _polygons),
    ("Collection", _points_without_sizes),
    ("Line2D", _line),
    ("Patch", _patch),
    ("Artist", _other),
)
"""The first class that an artist is one of decides."""
