"""The languages a program may be written in, and the names models give them."""

from enum import StrEnum
from pathlib import PurePath

from .errors import UnknownLanguage


class Language(StrEnum):
    """A language that visual programs are written in."""

    PYTHON = "python"
    """Python that draws: Matplotlib, seaborn, Pillow, Plotly, Altair."""
    SVG = "svg"
    """Static Scalable Vector Graphics."""
    HTML = "html"
    """A web page: HTML with its CSS and scripts."""
    LATEX = "latex"
    """LaTeX and the figure packages that live in it, TikZ first."""
    MERMAID = "mermaid"
    """Mermaid diagrams."""
    SMILES = "smiles"
    """A molecule as a line of SMILES."""
    MOLFILE = "molfile"
    """A molecule with its atoms' places: molfiles and SD files."""
    EXCALIDRAW = "excalidraw"
    """An Excalidraw scene: one JSON object that lists its shapes."""

    @classmethod
    def parse(cls, name: "str | Language") -> "Language":
        """The language meant by a name, in any case, such as ``py``, ``matplotlib``, ``tikz`` or ``.htm``.

        Raises:
            UnknownLanguage: no language goes by that name.
        """
        key = name.strip().lower().lstrip(".")
        found = _ALIASES.get(key)
        if found is None:
            raise UnknownLanguage(name, tuple(cls))
        return found

    @classmethod
    def of_file(cls, path: str | PurePath) -> "Language | None":
        """The language a file's suffix stands for, or None when the suffix says nothing."""
        return _SUFFIXES.get(PurePath(path).suffix.lower())

    @property
    def suffix(self) -> str:
        """The suffix of a file in this language, with its dot."""
        return next(suffix for suffix, language in _SUFFIXES.items() if language is self)


_SUFFIXES = {
    ".py": Language.PYTHON,
    ".svg": Language.SVG,
    ".html": Language.HTML,
    ".htm": Language.HTML,
    ".xhtml": Language.HTML,
    ".tex": Language.LATEX,
    ".tikz": Language.LATEX,
    ".mmd": Language.MERMAID,
    ".mermaid": Language.MERMAID,
    ".smi": Language.SMILES,
    ".smiles": Language.SMILES,
    ".mol": Language.MOLFILE,
    ".sdf": Language.MOLFILE,
    ".excalidraw": Language.EXCALIDRAW,
}

_NAMES = {
    Language.PYTHON: "python py python3 py3 matplotlib mpl pyplot seaborn plotly altair pandas pycon ipython numpy",
    Language.SVG: "svg svg+xml image/svg+xml",
    Language.HTML: "html htm html5 xhtml text/html web webpage page",
    Language.LATEX: "latex tex tikz pgf pgfplots circuitikz chemfig",
    Language.MERMAID: "mermaid mmd",
    Language.SMILES: "smiles smi",
    Language.MOLFILE: "molfile mol sdf",
    Language.EXCALIDRAW: "excalidraw",
}
_ALIASES = {alias: language for language, names in _NAMES.items() for alias in names.split()}
