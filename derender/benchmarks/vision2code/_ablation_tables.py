"""The ablations: sets for self-training, tools, and the one rating whose category scores were published."""

from derender.judges import get_rubric, rate

from .published import Published
from .reproduction import Cell, Cells, Check, Kind, known, tenth
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


def _training(published: Published) -> Cells:
    summary = published.json(TRAINING)
    variants, stats = summary["variants"], summary["raw_stats"]
    for name, variant in variants.items():
        yield from _variant(name, variant, summary["dev_ratio"])
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
    values = {
        "total_records": (total, variant["total_records"]),
        "dev_records": (float(sum(variant["dev_by_dataset"].values())), variant["dev_records"]),
        "dev_records by ratio": (float(dev), variant["dev_records"]),
        "train_records": (total - dev, variant["train_records"]),
        "num_filtered_samples": (float(rows), run["num_filtered_samples"]),
        "num_missing_rating": (float(rows - run["num_rated_final"]), run["num_missing_rating"]),
        "render_success_rate": (run["num_render_success"] / rows, run["render_success_rate"]),
    }
    for column, (ours, theirs) in values.items():
        yield Cell(TRAINING, name, column, ours, theirs)  # type: ignore[arg-type]


def _tools(published: Published) -> Cells:
    rows = published.table(EXCALIDRAW)
    finals = [row.number("rating_final_0_to_5") for row in rows if row["rating_status"] == "ok"]
    for row in rows:
        raw, final = row.number("rating_raw_score_0_to_5"), known(row.number("rating_final_0_to_5"))
        yield Cell(EXCALIDRAW, row["sample_id"], "rating_final_0_to_5", None if final is None else tenth(raw), final)
    (total,) = (row for row in published.table(TOOLS) if row["task"] == "excalidraw_full_images")
    rendered = sum(row["render_success"] == "True" for row in rows)
    values = {
        "mean_final_rating_0_to_5": round(sum(finals) / len(finals), 4),
        "num_rated": float(len(finals)),
        "num_rows": float(len(rows)),
        "render_success_rate": rendered / len(rows),
    }
    for column, ours in values.items():
        yield Cell(TOOLS, total["task"], column, ours, total.number(column))


def _example(published: Published) -> Cells:
    (stored,) = published.json(SMOKE)["rubric_ratings"].values()
    scores = {name: each["score_0_to_5"] for name, each in stored["category_scores"].items()}
    rating = rate(get_rubric(f"vision2code/{stored['rubric_dataset']}"), scores)
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
