"""Edit distance of ordered labelled trees (Zhang and Shasha, SIAM J. Comput. 1989), every edit costing one.

The forest distances of one row are computed together, for all subtrees of the other tree that don't contain each
other, so that the work is a few array operations for each row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._facts import Unscorable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

MOST_WORK = 600_000_000
"""Of array operations, a call counted as if it were for a thousand numbers more; a few seconds."""
CALL = 1000


@dataclass(frozen=True, slots=True)
class Tree:
    """An ordered tree; nodes are numbered from 0 in postorder: children before parents, the root last.

    Attributes:
        labels: of each node.
        leftmost: the number of each node's leftmost leaf.
    """

    labels: tuple[str, ...]
    leftmost: tuple[int, ...]

    @classmethod
    def of(cls, labels: Sequence[str], children: Sequence[Sequence[int]], root: int = 0) -> "Tree":
        """The tree under a node, where nodes are numbered in any way and each has a list of children."""
        names: list[str] = []
        leftmost: list[int] = []
        waiting = [(root, -1)]
        while waiting:
            node, first = waiting.pop()
            if first < 0 and children[node]:
                waiting.append((node, len(names)))
                waiting.extend((child, -1) for child in reversed(children[node]))
            else:
                leftmost.append(first if first >= 0 else len(names))
                names.append(labels[node])
        return cls(tuple(names), tuple(leftmost))

    def keyroots(self) -> list[int]:
        """The nodes that have a left sibling, and the root: those whose leftmost leaf no node above shares."""
        return sorted({leaf: node for node, leaf in enumerate(self.leftmost)}.values())


def edit_distance(one: Tree, other: Tree) -> int:
    """The fewest nodes to relabel, take out and put in that turn one tree into the other.

    Raises:
        Unscorable: the trees are too large.
    """
    if one == other:
        return 0
    plans = [(_work(a, b), a, b) for a, b in ((one, other), (other, one))]
    work, rows, columns = min(plans, key=lambda plan: plan[0])
    if work > MOST_WORK:
        sizes = f"{len(one.labels)} and {len(other.labels)}"
        raise Unscorable(f"trees of {sizes} nodes are too large for their edit distance")
    return _distance(rows, columns)


def _work(rows: Tree, columns: Tree) -> int:
    count = sum(root - rows.leftmost[root] + 1 for root in rows.keyroots())
    return count * sum(len(layer.node) + CALL for layer in _layers(columns))


@dataclass(frozen=True, slots=True)
class _Layer:
    """Keyroots that don't contain each other, laid out beside each other: an empty forest, then its nodes, for each.

    Attributes:
        node: the node of each column; -1 for an empty forest.
        before: the column of the forest without that node's subtree.
        spine: whether the node's subtree is the whole forest so far.
        segment: which keyroot the column belongs to, from 0.
    """

    node: "Ints"
    before: "Ints"
    spine: "NDArray[np.bool_]"
    segment: "Ints"


def _layers(tree: Tree) -> list[_Layer]:
    import numpy as np

    layers: list[list[int]] = []
    open_roots: list[tuple[int, int]] = []
    for root in reversed(tree.keyroots()):
        while open_roots and open_roots[-1][0] > root:
            open_roots.pop()
        layer = len(open_roots)
        open_roots.append((tree.leftmost[root], root))
        if layer == len(layers):
            layers.append([])
        layers[layer].append(root)
    built = []
    for roots in layers:
        node: list[int] = []
        before: list[int] = []
        spine: list[bool] = []
        segment: list[int] = []
        for number, root in enumerate(reversed(roots)):
            first = tree.leftmost[root]
            start = len(node)
            columns = range(first, root + 1)
            node += [-1, *columns]
            before += [start, *(start + tree.leftmost[each] - first for each in columns)]
            spine += [False, *(tree.leftmost[each] == first for each in columns)]
            segment += [number] * (len(columns) + 1)
        built.append(_Layer(np.array(node), np.array(before), np.array(spine), np.array(segment)))
    return built


def _distance(rows: Tree, columns: Tree) -> int:
    import numpy as np

    names = {label: number for number, label in enumerate(dict.fromkeys((*rows.labels, *columns.labels)))}
    labels = np.array([names[label] for label in columns.labels])
    layers = list(reversed(_layers(columns)))
    # One column more than nodes, so that the empty forests' -1 means something harmless.
    trees = np.zeros((len(rows.labels), len(columns.labels) + 1), np.int64)
    for root in rows.keyroots():
        first = rows.leftmost[root]
        for layer in layers:
            _forests(rows, range(first, root + 1), layer, labels, names, trees)
    return int(trees[-1, -2])


def _forests(rows: Tree, nodes: range, layer: _Layer, labels: "Ints", names: dict[str, int], trees: "Ints") -> None:
    """Fill in the distances of the subtrees whose leftmost leaves are those of the row's keyroot and the layer's."""
    import numpy as np

    start = np.flatnonzero(layer.node < 0)
    spine = np.flatnonzero(layer.spine)
    own_labels = np.append(labels, -1)[layer.node]
    place = np.arange(len(layer.node))
    # Putting in nodes one after the other is a running minimum; every segment lies lower than all before it.
    slope = place + layer.segment * 4 * (len(rows.labels) + len(labels) + 1)
    table = np.empty((len(nodes) + 1, len(place)), np.int64)
    table[0] = place - np.repeat(start, np.diff(start, append=len(place)))
    for row, node in enumerate(nodes, 1):
        above = table[row - 1]
        whole = rows.leftmost[node] == nodes.start
        best = table[rows.leftmost[node] - nodes.start][layer.before] + trees[node][layer.node]
        if whole:
            best[spine] = above[spine - 1] + (own_labels[spine] != names[rows.labels[node]])
        np.minimum(best, above + 1, out=best)
        best[start] = row
        table[row] = np.minimum.accumulate(best - slope) + slope
        if whole:
            trees[node][layer.node[spine]] = table[row][spine]
