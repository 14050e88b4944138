"""Renderings in the content store: what makes two renderings the same, and how one is kept."""

import hashlib
import json
from dataclasses import asdict, replace
from typing import Any

from derender.core import Failure, FailureKind, Picture, Program, Rendering
from derender.core.store import ContentStore

from .options import RenderOptions

FORMAT = 1
"""Raised when a kept rendering would be read wrongly by a newer version."""


def rendering_key(program: Program, options: RenderOptions, fingerprint: dict[str, str]) -> str:
    """Equal exactly when the same pixels, or the same failure, must come out."""
    # Who named the environment changes nothing: the fingerprint says which it is.
    program, options = program.in_environment(None), replace(options, environment=None)
    # The options are frozen dataclasses all the way down: their repr names every field and is quicker than asdict.
    parts = {"format": FORMAT, "program": program.key, "options": repr(options), "fingerprint": fingerprint}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class RenderingCache:
    """Keeps renderings that are the program's own doing; our failures are never kept."""

    def __init__(self, store: ContentStore) -> None:
        self._store = store

    def get(self, key: str, program: Program) -> Rendering | None:
        """The kept rendering of a key, marked as cached."""
        entry = self._store.get(key)
        if entry is None:
            return None
        value = json.loads(entry.value)
        blobs = list(entry.blobs)
        trace = json.loads(blobs.pop()) if value.get("traced") else None
        pictures = tuple(_picture(each, blob) for each, blob in zip(value["pictures"], blobs, strict=True))
        failure = value["failure"]
        return Rendering(
            program=program,
            pictures=pictures,
            failure=Failure(**{**failure, "kind": FailureKind(failure["kind"])}) if failure else None,
            warnings=tuple(value["warnings"]),
            elapsed_s=value["elapsed_s"],
            cpu_s=value["cpu_s"],
            isolation=tuple(value["isolation"]),
            fingerprint=value["fingerprint"],
            cached=True,
            trace=trace,
        )

    def put(self, key: str, rendering: Rendering) -> None:
        """Keep a rendering, unless it failed through us."""
        if rendering.failure is not None and rendering.failure.ours:
            return
        value = {
            "pictures": [
                {"name": p.name, "width": p.width, "height": p.height, "blank": p.blank, "texts": p.texts}
                for p in rendering.pictures
            ],
            "failure": asdict(rendering.failure) if rendering.failure else None,
            "warnings": rendering.warnings,
            "elapsed_s": rendering.elapsed_s,
            "cpu_s": rendering.cpu_s,
            "isolation": rendering.isolation,
            "fingerprint": dict(rendering.fingerprint),
            "traced": rendering.trace is not None,
        }
        traces = [] if rendering.trace is None else [json.dumps(rendering.trace).encode()]
        self._store.put(key, json.dumps(value).encode(), [*(picture.png for picture in rendering.pictures), *traces])

    def close(self) -> None:
        """Close the store."""
        self._store.close()


def _picture(value: dict[str, Any], png: bytes) -> Picture:
    texts = value["texts"]
    return Picture(
        name=value["name"],
        png=png,
        width=value["width"],
        height=value["height"],
        blank=value["blank"],
        texts=None if texts is None else tuple(texts),
    )
