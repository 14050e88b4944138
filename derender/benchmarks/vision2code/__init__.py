"""Vision2Code (2026): pictures of fifteen datasets to Matplotlib programs, rated 0 to 5 by rubrics."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .data import Provenance, Sample, data_folder, read_manifest, read_provenance, select
    from .official_folders import write_official
    from .official_predictions import read_official
    from .official_tables import read_ratings
    from .rendering import OPTIONS, Drawn, Prepared, prepare
    from .replies import official_code, program_of
    from .reproduction import reproduce
    from .sources import SOURCES, DomainMap, Split
    from .summary import Rated, Summary, summarise
    from .taxonomy import FailureClass, FailureTable, classify, classify_failure, count_failures
    from .validation import check_filters, check_package

_HOMES = {
    "data": ("Provenance", "Sample", "data_folder", "read_manifest", "read_provenance", "select"),
    "official_folders": ("write_official",),
    "official_predictions": ("read_official",),
    "official_tables": ("read_ratings",),
    "replies": ("official_code", "program_of"),
    "rendering": ("OPTIONS", "Drawn", "Prepared", "prepare"),
    "reproduction": ("reproduce",),
    "sources": ("SOURCES", "DomainMap", "Split"),
    "summary": ("Rated", "Summary", "summarise"),
    "taxonomy": ("FailureClass", "FailureTable", "classify", "classify_failure", "count_failures"),
    "validation": ("check_filters", "check_package"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "OPTIONS",
    "SOURCES",
    "DomainMap",
    "Drawn",
    "FailureClass",
    "FailureTable",
    "Prepared",
    "Provenance",
    "Rated",
    "Sample",
    "Split",
    "Summary",
    "check_filters",
    "check_package",
    "classify",
    "classify_failure",
    "count_failures",
    "data_folder",
    "official_code",
    "prepare",
    "program_of",
    "read_manifest",
    "read_official",
    "read_provenance",
    "read_ratings",
    "reproduce",
    "select",
    "summarise",
    "write_official",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
