"""Sets for self-training as files: the paper's records, and rows that trainers of models read.

A folder of sets::

    summary.json                         what was selected from what, how
    images/<sha256>.png                  every picture once
    <variant>/stats.json                 counts
              manifest.jsonl             the paper's records, in the order they were drawn
              train.jsonl, dev.jsonl     the same, in two parts
              sft_train.jsonl …          a talk a line, as TRL takes it: rules, picture and question, program
              sft_train.parquet …        the same with the pictures in it, as Hugging Face's ``datasets`` reads it
"""

import importlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from derender.benchmarks.vision2code._official_names import RESULT
from derender.benchmarks.vision2code.prompt import messages, question_digest
from derender.core import Missing, UserError
from derender.core.pictures import write_whole
from derender.models.chat import Message

from .training_pairs import Pair
from .training_sets import TrainingSet

PICTURES = "images"
_ROWS_AT_ONCE = 64
_TEXT = {"dtype": "string", "_type": "Value"}
_FACTS = ("sample_uid", "dataset", "question_folder", "dataset_variant", "image_sha256", "code_sha256", "model_slug")
_NUMBERS = ("r1_score", "r2_score", "self_gap")


def records(chosen: TrainingSet) -> Iterator[dict[str, Any]]:
    """The paper's record of each pair, in the order they were drawn."""
    for place, pair in enumerate(chosen.pairs):
        yield {
            "sample_uid": pair.uid(chosen.variant),
            "dataset": pair.dataset,
            "question_folder": pair.question_folder,
            "source_image_path": pair.picture_name,
            "generation_json_path": str(pair.folder / RESULT),
            "code_path": str(pair.program),
            "code_text": pair.code,
            "image_sha256": pair.picture_sha256,
            "code_sha256": pair.code_sha256,
            "snapshot_id": chosen.variant.value,
            "is_dev": place in chosen.dev,
            "ssl_sample_dir": str(pair.folder),
            "original_source_image_path": str(pair.source) if pair.source else "",
            "rendered_image_path": pair.picture_name,
            "similarity": pair.similarity,
            "render_status": pair.status,
            "model_slug": pair.model,
            "dataset_variant": chosen.variant.value,
            "r1_score": pair.r1,
            "r2_score": pair.r2,
            "self_gap": pair.gap,
            "rating_result_path": str(pair.rating),
        }


def talk(pair: Pair, record: Mapping[str, Any]) -> dict[str, Any]:
    """A pair as a talk: the benchmark's rules and question about the picture, and the program as the answer.

    Beside it stands where it comes from: identifiers, hashes, ratings.

    Raises:
        OSError: the picture is gone.
        UserError: it is of a kind that models don't take.
    """
    try:
        asked = [*messages(pair.picture.read_bytes()), Message.assistant(pair.code)]
    except UserError as error:
        raise UserError(f"{pair.picture}: {error}") from None
    facts = {name: record[name] for name in (*_FACTS, *_NUMBERS)}
    return {
        "messages": [_said(message) for message in asked],
        "images": [f"{PICTURES}/{pair.picture_sha256}.png"],
        "prompt_sha256": question_digest(),
        **facts,
    }


def write_set(folder: Path, chosen: TrainingSet, stats: Mapping[str, Any]) -> None:
    """Write one variant's set.

    Args:
        folder: of all sets.
        chosen: the set.
        stats: what else its ``stats.json`` says.

    Raises:
        InfraError: it can't be written.
        Missing: pyarrow is not installed.
        UserError: a picture is gone, or of a kind that models don't take.
    """
    _arrow()
    home, pictures = folder / chosen.variant.value, folder / PICTURES
    for each in (home, pictures):
        each.mkdir(parents=True, exist_ok=True)
    written = [*records(chosen)]
    write_whole(home / "manifest.jsonl", jsonl(written))
    for dev, name in ((False, "train"), (True, "dev")):
        pairs, own = chosen.part(dev=dev), [record for record in written if record["is_dev"] == dev]
        try:
            talks = [talk(*each) for each in zip(pairs, own, strict=True)]
            for pair in pairs:
                _keep_picture(pictures, pair)
            write_parquet(home / f"sft_{name}.parquet", talks, pairs)
        except OSError as error:
            raise UserError(f"{error.filename}: {(error.strerror or 'failed').lower()}") from None
        write_whole(home / f"{name}.jsonl", jsonl(own))
        write_whole(home / f"sft_{name}.jsonl", jsonl(talks))
    write_whole(home / "stats.json", (json.dumps(stats, indent=1) + "\n").encode())


def jsonl(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Rows as lines."""
    return b"".join((json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "replace") for row in rows)


def write_parquet(path: Path, talks: Sequence[Mapping[str, Any]], pairs: Sequence[Pair]) -> None:
    """Write talks with their pictures in them: whole, or not at all.

    Raises:
        Missing: pyarrow is not installed.
        OSError: it can't be written, or a picture is gone.
    """
    arrow, parquet = _arrow()
    schema = _schema(arrow)
    beside = path.with_name(f".writing-{path.name}")
    rows = list(zip(talks, pairs, strict=True))
    try:
        with parquet.ParquetWriter(beside, schema) as writer:
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                part = [_with_picture(*each) for each in rows[start : start + _ROWS_AT_ONCE]]
                writer.write_table(arrow.Table.from_pylist(part, schema))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _said(message: Message) -> dict[str, Any]:
    parts = [{"type": "text", "text": part} if isinstance(part, str) else {"type": "image"} for part in message.parts]
    return {"role": message.role.value, "content": parts}


def _keep_picture(folder: Path, pair: Pair) -> None:
    path = folder / f"{pair.picture_sha256}.png"
    if not path.exists():
        write_whole(path, pair.picture.read_bytes())


def _with_picture(row: Mapping[str, Any], pair: Pair) -> dict[str, Any]:
    (name,) = row["images"]
    return {**row, "images": [{"bytes": pair.picture.read_bytes(), "path": Path(name).name}]}


def _arrow() -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise Missing("pyarrow", "pip install 'derender[bench]'") from None


def _schema(arrow: Any) -> Any:  # noqa: ANN401 - pyarrow, which is there only where it is needed
    text, number = arrow.string(), arrow.float64()
    part = arrow.struct([("type", text), ("text", text)])
    said = arrow.struct([("role", text), ("content", arrow.list_(part))])
    picture = arrow.struct([("bytes", arrow.binary()), ("path", text)])
    columns = [("messages", arrow.list_(said)), ("images", arrow.list_(picture)), ("prompt_sha256", text)]
    columns += [*((name, text) for name in _FACTS), *((name, number) for name in _NUMBERS)]
    # By this `datasets` knows that the structs are pictures, and decodes them.
    features: dict[str, Any] = {
        "messages": [{"role": _TEXT, "content": [{"type": _TEXT, "text": _TEXT}]}],
        "images": {"feature": {"_type": "Image"}, "_type": "Sequence"},
        **dict.fromkeys(("prompt_sha256", *_FACTS), _TEXT),
        **{name: {"dtype": "float64", "_type": "Value"} for name in _NUMBERS},
    }
    return arrow.schema(columns, metadata={"huggingface": json.dumps({"info": {"features": features}})})
