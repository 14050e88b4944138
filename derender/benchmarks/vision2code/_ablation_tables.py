"""The ablations: sets for self-training, tools, and the one rating whose category scores were published."""

from derender.judges import Inspection, get_rubric, rate

from .identifiers import Folder
from .published import Published, Row
from .reproduction import Cell, Cells, Check, Kind, known, row_count, tenth
from .sources import Split, counts

FOLDER = "results/paper_outputs/ablations"
TRAINING = f"{FOLDER}/self_training_summary.json"
TRAINING_TABLE = f"{FOLDER}/self_training_summary.csv"
TOOLS = f"{FOLDER}/tool_use_ablation_summary.csv"
EXCALIDRAW = (
    f"{FOLDER}/tool_use/excalidraw_full_images/eval__generic_rubric__local_vllm_qwen_qwen3_5_122b_a10b_gptq_int4.csv"
)
SMOKE = (
    "results/outputs/gpt_5_4_mini_api_smoke/generations/benchmark/test_mini/"
    "ChartQA_test_000509_2ac3907c97d2/result.json"
)

_FILTERS = {
    "si4_uniform": "all valid",
    "si4_self_ok": "R1 >= alpha and R2 >= R1",
    "si4_self_drop": "R1 >= alpha and R2 < R1",
    "si4_low_r1": "R1 < alpha",
    "si4_high_r1": "R1 >= alpha",
}
_STEPS = 40
"""Of one point: weights of a quarter of ratings with one decimal."""


def _training(published: Published) -> Cells:
    summary = published.json(TRAINING)
    variants, stats = summary["variants"], summary["raw_stats"]
    for name, variant in variants.items():
        yield from _variant(name, variant, summary["dev_ratio"])
    yield row_count(TRAINING_TABLE, published.table(TRAINING_TABLE), len(variants))
    for row in published.table(TRAINING_TABLE):
        variant = variants[row["variant"]]
        for column in ("candidate_records", "dev_records", "total_records", "train_records"):
            yield Cell(TRAINING_TABLE, row["variant"], column, float(variant[column]), row.number(column))
    sizes = {name: float(variant["candidate_records"]) for name, variant in variants.items()}
    left = stats["sample_dirs_seen"] - stats["missing_pair_rating"] - stats["non_ok_or_missing_rating"]
    totals = {
        "eligible_records": (float(left), float(stats["eligible_records"])),
        "all valid": (float(left), sizes["si4_uniform"]),
        "R1 at least alpha": (sizes["si4_self_ok"] + sizes["si4_self_drop"], sizes["si4_high_r1"]),
        "R1 below alpha": (left - sizes["si4_high_r1"], sizes["si4_low_r1"]),
        "the smallest set": (min(sizes.values()), float(summary["sample_size"])),
    }
    for column, (ours, theirs) in totals.items():
        yield Cell(TRAINING, "candidates", column, ours, theirs)


def _variant(name: str, variant: dict[str, dict[str, float]], dev_ratio: float) -> Cells:
    total, run = float(sum(variant["by_dataset"].values())), variant["evaluation"]
    dev, rows = round(dev_ratio * total), sum(counts(Split.TEST_MINI).values())
    mean, rated = run["mean_final_rating_0_to_5"], run["num_rated_final"]
    values = {
        "total_records": (total, variant["total_records"]),
        "dev_records": (float(sum(variant["dev_by_dataset"].values())), variant["dev_records"]),
        "dev_records by ratio": (float(dev), variant["dev_records"]),
        "train_records": (total - dev, variant["train_records"]),
        "num_filtered_samples": (float(rows), run["num_filtered_samples"]),
        "num_metric_rows": (float(rows - run["num_missing_rows"]), run["num_metric_rows"]),
        "num_missing_rating": (float(rows - rated), run["num_missing_rating"]),
        "benchmark_score_0_to_5": (run["macro_mean_final_rating_0_to_5"], run["benchmark_score_0_to_5"]),
        "mean_final_rating_0_to_5": (round(round(mean * rated, 1) / rated, 4), mean),
        "render_success_rate": (run["num_render_success"] / rows, run["render_success_rate"]),
    }
    for column, (ours, theirs) in values.items():
        yield Cell(TRAINING, name, column, ours, theirs)  # type: ignore[arg-type]
    yield Cell(TRAINING, name, "filter_definition", _FILTERS.get(name), str(variant["filter_definition"]))
    yield Cell(TRAINING, name, "filter_definition of the run", _FILTERS.get(name), str(run["filter_definition"]))


def _tools(published: Published) -> Cells:
    rows = published.table(EXCALIDRAW)
    finals = [row.number("rating_final_0_to_5") for row in rows if row["rating_status"] == "ok"]
    for row in rows:
        raw, final = row.number("rating_raw_score_0_to_5"), known(row.number("rating_final_0_to_5"))
        yield Cell(EXCALIDRAW, row["sample_id"], "rating_final_0_to_5", None if final is None else tenth(raw), final)
        if final is not None:
            yield Cell(EXCALIDRAW, row["sample_id"], "rating_raw_score_0_to_5", round(raw * _STEPS) / _STEPS, raw)
    totals = {row["task"]: row for row in published.table(TOOLS)}
    yield row_count(TOOLS, published.table(TOOLS), len(totals))
    yield from _documents(totals["latex_docvqa"])
    total = totals["excalidraw_full_images"]
    rendered = sum(row["render_success"] == "True" for row in rows)
    values = {
        "mean_final_rating_0_to_5": round(sum(finals) / len(finals), 4),
        "num_rated": float(len(finals)),
        "num_rows": float(len(rows)),
        "render_success_rate": rendered / len(rows),
    }
    for column, ours in values.items():
        yield Cell(TOOLS, total["task"], column, ours, total.number(column))


def _documents(total: Row) -> Cells:
    """Of LaTeX only totals are public: means and rates of whole samples."""
    mean, rated = total.number("mean_final_rating_0_to_5"), total.count("num_rated")
    rate_, rows = total.number("render_success_rate"), counts(Split.TEST)["DocVQA"]
    values = {
        "mean_final_rating_0_to_5": (round(round(mean * rated, 1) / rated, 4), mean),
        "num_rows": (float(rows), total.number("num_rows")),
        "render_success_rate": (round(rate_ * rows) / rows, rate_),
    }
    for column, (ours, theirs) in values.items():
        yield Cell(TOOLS, total["task"], column, ours, theirs)


def _example(published: Published) -> Cells:
    saved = published.json(SMOKE)
    (stored,) = saved["rubric_ratings"].values()
    rubric = get_rubric(f"vision2code/{stored['rubric_dataset']}")
    scores = {name: each["score_0_to_5"] for name, each in stored["category_scores"].items()}
    rating = rate(rubric, scores)
    for each in rubric.categories:
        theirs = stored["category_scores"][each.id]
        weighted = round(each.weight * rating.scores[each.id], 4)
        yield Cell(SMOKE, each.id, "score_0_to_5", rating.scores[each.id], theirs["score_0_to_5"])
        yield Cell(SMOKE, each.id, "weight", each.weight, theirs["weight"])
        yield Cell(SMOKE, each.id, "weighted_score_0_to_5", weighted, theirs["weighted_score_0_to_5"])
        yield Cell(SMOKE, each.id, "is_critical", float(each.critical), float(theirs["is_critical"]))
    yield Cell(SMOKE, stored["rubric_dataset"], "rubric_version", rubric.version, stored["rubric_version"])
    yield Cell(
        SMOKE, stored["rubric_dataset"], "dataset", Folder.parse(saved["question_folder"]).dataset, saved["dataset"]
    )
    # A rating without caps is of a picture that there is and that no check found blank.
    yield Cell(SMOKE, stored["rubric_dataset"], "status of the render", "ok", saved["status"])
    yield Cell(SMOKE, stored["rubric_dataset"], "render_success", 1.0, float(saved["render_success"]))
    for column in ("status", "execution_status"):
        yield Cell(SMOKE, stored["rubric_dataset"], column, "ok", stored[column])
    seen = Inspection.of_record(stored["candidate_inspection"])
    yield Cell(SMOKE, stored["rubric_dataset"], "candidate_readable", 1.0, float(seen.readable))
    blank = stored["candidate_inspection"]["is_blank_or_degenerate"]
    yield Cell(SMOKE, stored["rubric_dataset"], "is_blank_or_degenerate", float(seen.blank), float(blank))
    values = {
        "raw_score_0_to_5": round(rating.raw, 4),
        "provisional_rating_0_to_5": rating.provisional,
        "final_rating_0_to_5": rating.final,
    }
    for column, ours in values.items():
        yield Cell(SMOKE, stored["rubric_dataset"], column, ours, stored[column])
    yield Cell(SMOKE, stored["rubric_dataset"], "caps", float(len(rating.caps)), float(len(stored["applied_caps"])))


CHECKS = (
    Check("V11", "sets for self-training", Kind.RECOMPUTED, _training),
    Check("V12", "ratings of Excalidraw scenes", Kind.RECOMPUTED, _tools),
    Check("V15", "the published rating with category scores", Kind.RECOMPUTED, _example),
)
