"""How the paper's runner calls things: folders, files, columns."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derender.core import UserError

from .data import Sample

VERSION = "vision2code_kaggle_v1"
CODE, PICTURE, ERROR = "generated_code.py", "rendered_image.png", "execution_error.txt"
RESULT, METADATA = "result.json", "metadata.json"
INFERENCE_FILE, BATCH_FILE = "benchmark_inference", "render_manifest"
INFERENCE = (
    *("benchmark_version", "benchmark_split", "sample_id", "dataset", "subset", "source_filtered_split"),
    *("question_folder", "question", "source_image_path", "metadata_path", "copied_source_image_path"),
    *("generated_code_path", "rendered_image_path", "sample_dir", "render_success", "status", "similarity"),
    "generated_code_chars",
)
"""Columns of ``benchmark_inference.csv``."""
EVALUATION = (
    *("benchmark_version", "benchmark_split", "inference_stage", "sample_id", "dataset", "subset"),
    *("source_filtered_split", "question_folder", "question", "source_image_path", "metadata_path"),
    *("copied_source_image_path", "generated_code_path", "rendered_image_path", "sample_dir", "render_success"),
    *("status", "generated_code_chars", "rater_provider", "rater_model", "rater_reasoning_enabled", "rater_slug"),
    *("rating_path", "rating_status", "rubric_dataset", "rating_final_0_to_5", "rating_raw_score_0_to_5"),
)
"""Columns of ``benchmark_eval__<rater>.csv``."""
_FAMILIES = frozenset({"openai", "local", "local_vllm", "together", "hf", "replay", "inspect"})
_UNWELCOME = re.compile(r"[^A-Za-z0-9._-]+")


def rating_file(slug: str) -> str:
    """The name of a rater's file."""
    return f"rating__{slug}.json"


def reply_file(slug: str) -> str:
    """The name of the file with what a rater said."""
    return f"rating_response_raw__{slug}.txt"


def evaluation_file(slug: str) -> str:
    """The name of a rater's table, without its suffix."""
    return f"benchmark_eval__{slug}"


def summary_file(slug: str) -> str:
    """The name of the file with a rater's means."""
    return f"benchmark_summary__{slug}.json"


def as_bytes(content: bytes | str | Mapping[str, Any]) -> bytes:
    """A file's bytes: text as UTF-8, fields as JSON in the runner's form."""
    if isinstance(content, bytes):
        return content
    text = content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    # A lone surrogate, which models do write, has no bytes in UTF-8.
    return text.encode("utf-8", "replace")


def slug(text: str) -> str:
    """A text as part of a file's name."""
    return _cleaned(text).replace(".", "_").replace("-", "_") or "value"


def _cleaned(text: str) -> str:
    return _UNWELCOME.sub("_", text).strip("._")


@dataclass(frozen=True, slots=True)
class Model:
    """Who wrote the programs.

    Attributes:
        kind: how it was asked: ``openai``, ``local``, …; empty where nobody knows.
        path: its name there.
    """

    kind: str
    path: str

    @classmethod
    def parse(cls, name: str) -> "Model":
        """A model by the name that derender has for it, or any other."""
        family, slash, rest = name.partition("/")
        return cls(family, rest) if slash and rest and family in _FAMILIES else cls("", name)

    @property
    def slug(self) -> str:
        """The name of its folder."""
        return slug(self.path)


@dataclass(frozen=True, slots=True)
class Rater:
    """Who gave the ratings.

    Attributes:
        provider: ``openai``, ``local_vllm``, …
        model: its name there.
        reasoning: whether it thought first.
    """

    provider: str
    model: str
    reasoning: bool = False

    @classmethod
    def parse(cls, name: str) -> "Rater":
        """A rater by ``PROVIDER/MODEL``.

        Raises:
            UserError: it is no such name.
        """
        provider, _, model = name.partition("/")
        if not provider or not model:
            raise UserError(f"a rater is named PROVIDER/MODEL, such as openai/gpt-5.4-mini, not {name!r}")
        return cls(provider, model)

    @classmethod
    def of_judge(cls, name: str) -> "Rater":
        """A rater by the name that a run has for its judge, which at an OpenAI-compatible endpoint is the bare one."""
        judge = Model.parse(name)
        return cls(judge.kind or "openai", judge.path)

    @property
    def slug(self) -> str:
        """What its files are told apart by."""
        # A provider may be anything here, and none may lead out of the folder.
        base = f"{_cleaned(self.provider) or 'value'}_{slug(self.model).lower()}"
        return f"{base}_reasoning" if self.reasoning else base


def sample_folders(samples: Sequence[Sample]) -> list[str]:
    """The name of each sample's folder, no two the same."""
    names: dict[str, None] = {}
    for sample in samples:
        said = (sample.question_folder, sample.source_id, sample.source_record_id, sample.image_path)
        base = name = _cleaned(_first(*said)) or "sample"
        if name in names:
            name = f"{base}__{slug(_first(sample.source_record_id, sample.image_path, str(len(names))))}"
        number = 2
        while name in names:
            name = f"{base}__{number}"
            number += 1
        names[name] = None
    return [*names]


def _first(*texts: str) -> str:
    return next((text for text in texts if text), "")
