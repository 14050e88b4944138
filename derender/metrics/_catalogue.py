"""Every metric there is.

Each module of this package may define metrics: values made by `metric`, at its top level. A new one is found without
being listed anywhere. Modules whose names begin with an underscore are machinery and hold none.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from types import MappingProxyType

from derender.core import UnknownName

from ._facts import Facts
from ._metric import Metric


@cache
def catalogue() -> Mapping[str, Metric]:
    """Name → metric, module by module in alphabetical order, each in the order defined."""
    found: dict[str, Metric] = {}
    for metric in _defined():
        if found.setdefault(metric.name, metric) is not metric:
            raise ValueError(f"two metrics are named {metric.name}")
    return MappingProxyType(found)


def metric_names() -> tuple[str, ...]:
    """The names of all metrics."""
    return tuple(catalogue())


def get_metric(name: str) -> Metric:
    """The metric of a name.

    Raises:
        UnknownName: there is none.
    """
    known = catalogue()
    if name not in known:
        raise UnknownName("metric", name, known)
    return known[name]


def default_metrics(*sides: Facts) -> tuple[Metric, ...]:
    """The metrics computed when nobody names any.

    Given the sides of a comparison, those are left out that need a fact which this machine can observe on neither:
    words where nothing has a text layer and no OCR is installed.
    """
    return tuple(metric for metric in catalogue().values() if metric.default and _at_hand(metric, sides))


def resolve(metrics: "Sequence[str | Metric]") -> tuple[Metric, ...]:
    """The metrics meant by names or by themselves, each once.

    Raises:
        UnknownName: a name is not known.
    """
    chosen = [get_metric(one) if isinstance(one, str) else one for one in metrics]
    return tuple({metric.name: metric for metric in chosen}.values())


def _at_hand(metric: Metric, sides: tuple[Facts, ...]) -> bool:
    return not sides or all(any(need.at_hand(side) for side in sides) for need in metric.needs)


def _defined() -> list[Metric]:
    import pkgutil

    import derender.metrics as package

    names = sorted(info.name for info in pkgutil.iter_modules(package.__path__) if not info.name.startswith("_"))
    modules = [import_module(f"{package.__name__}.{name}") for name in names]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Metric)]
