"""One self-contained HTML page of a whole run, for a browser that opens it from disk.

The page is its template, style and script (``page/``), an index of the rows, and one inert script block per picture
and per handful of programs, which it decodes when somebody looks at them. Everything a model or a file name said
travels as data, never as markup, and the page's own policy forbids any request and any foreign script.
"""

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from .document import whole_or_nothing
from .index import MAX_PICTURES_PER_ROW, run_index
from .page import page_halves
from .pictures import embed_pictures
from .programs import program_blocks, read_program
from .runs import Run, read_run


def write_gallery(run_dir: str | Path, out: str | Path | None = None, *, title: str | None = None) -> Path:
    """Write the gallery of a run folder as one HTML file and return its path.

    Args:
        run_dir: a folder with ``results.jsonl``; a run that is still going on will do.
        out: the file to write, ``index.html`` in the run folder by default. It appears whole or not at all.
        title: the page's heading, the folder's name by default.

    Raises:
        UserError: the folder is no run folder, or the file can't be written.
        InfraError: the disk is full.
    """
    folder = Path(run_dir)
    run = read_run(folder)
    target = Path(out) if out is not None else folder / "index.html"
    with whole_or_nothing(target) as page:
        _write_page(run, title or folder.resolve().name or "run", page)
    return target


def _write_page(run: Run, title: str, page: IO[str]) -> None:
    shown = [(row.reference, row.named_pictures[:MAX_PICTURES_PER_ROW]) for row in run.rows]
    paths = [path for reference, named in shown for path in (reference, *(each for each, _ in named)) if path]
    texts = [read_program(row.program) for row in run.rows]
    with tempfile.TemporaryFile("w+", encoding="utf-8", dir=Path(page.name).parent) as blocks:
        album = embed_pictures(paths, blocks)
        blocks.writelines(program_blocks(run.rows, texts))
        blocks.seek(0)
        head, tail = page_halves(title, run_index(run, album, texts) | {"title": title, "made": _made(run)}, run)
        # The index stands before the pictures, so that the rows are on screen while the rest is still being read.
        page.write(head)
        shutil.copyfileobj(blocks, page, 1 << 20)
        page.write(tail)


def _made(run: Run) -> str:
    written = datetime.fromtimestamp((run.folder / "results.jsonl").stat().st_mtime, UTC)
    return f"{written.day} {written:%b %Y}"
