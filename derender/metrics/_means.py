"""What this machine has of what metrics need beside derender itself."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from ._metric import Metric
from ._weights import hub_cache, own_folder, torch_cache


def means(metrics: Iterable[Metric]) -> tuple[str, ...]:
    """The packages' versions and where weights lie; other values mean that scores may be other ones, or come to be."""
    chosen = list(metrics)
    tools = dict.fromkeys(tool for metric in chosen for tool in metric.tools)
    weights = dict.fromkeys(name for metric in chosen for name in metric.weights)
    return (*(f"{tool} {_version(tool)}" for tool in tools), *(f"{name} {_lying(name)}" for name in weights))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _lying(weights: str) -> str:
    """All that lies where weights of a name may be."""
    cached = f"models--{weights.replace('/', '--')}"
    places = [folder / name for folder in own_folder() for name in (weights, cached)]
    places += [hub_cache() / cached, torch_cache() / weights]
    package, _, file = weights.partition("/")
    if package.isidentifier() and (spec := find_spec(package)):
        places += [Path(folder) / file for folder in spec.submodule_search_locations or ()]
    return " ".join(str(path) for place in places if place.exists() for path in (place, *_inside(place)))


def _inside(place: Path) -> list[Path]:
    """A model's files, whose download may have been broken off; the hub's cache has them in snapshots."""
    return sorted([*place.glob("*"), *place.glob("snapshots/*/*")])
