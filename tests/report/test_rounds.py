"""Rounds, requests and what a run cost: read out of the folder and shown on the page."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from derender.report import write_gallery
from derender.report.runs import read_run

from .conftest import HOSTILE, draw, failed, row, write_results

SPENT = {
    "requests": 3, "failed": 1, "samples": 3, "cached": 2, "uncounted": 0,
    "usage": {"input_tokens": 15200, "output_tokens": 310, "cached_tokens": 0}, "elapsed_s": 34.2, "cost": 0.42,
}  # fmt: skip


def _round(number: int, score: float | None, why: str, **fields: object) -> dict[str, object]:
    drawn = {"ok": True, "failure": None, "pictures": [f"rounds/bars~{number}.png"]}
    return {"round": number, "accepted": score is not None, "why": why, "score": score, "rendering": drawn} | fields


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rounds")
    for name, bar in {"bars": 90, "rounds/bars~1": 30, "rounds/bars~3": 90, "reference/bars": 95}.items():
        draw(folder / f"{name}.png", [bar, 40])
    each = [
        _round(1, 0.5, "the first"),
        _round(2, None, HOSTILE, rendering=failed("runtime", "no such colour")),
        _round(3, 0.9, "better by 0.4"),
    ]
    rounds = {"decided_by": "ssim", "chosen": 3, "why": "all 3 rounds were made", "each": each}
    rows = [row("bars", rounds=rounds, request=f"Bars, {HOSTILE}"), row("plain", reference=None)]
    (folder / "ledger.json").write_text(json.dumps({"m": SPENT}))
    return write_results(folder, rows)


def test_rounds_and_spending_are_read(folder: Path) -> None:
    run = read_run(folder)
    rounds = run.rows[0].rounds
    assert rounds is not None and rounds.chosen == 3
    assert [(each.number, each.score, each.failure) for each in rounds.each] == [
        (1, 0.5, ""), (2, None, "no such colour"), (3, 0.9, "")
    ]  # fmt: skip
    assert [name for _, name in run.rows[0].named_pictures] == ["bars.png", "round 1", "round 3"]
    assert run.rows[1].rounds is None and run.rows[1].request == ""
    (spent,) = run.spent
    assert (spent.model, spent.answers, spent.cached, spent.tokens, spent.cost) == ("m", 3, 2, (15200, 310), 0.42)


ODD = '{"m": {"usage": 7, "cost": "much", "samples": -1, "elapsed_s": NaN}}'


@pytest.mark.parametrize("ledger", ["", "[]", "[" * 100_000, '{"m": 3}', ODD])
def test_a_ledger_and_rounds_of_the_wrong_kind_read_as_absent(tmp_path: Path, ledger: str) -> None:
    wrong = [7, {"each": 7}, {"each": [7, {"round": 0}, {"round": True}]}]
    write_results(tmp_path, [row(f"r{place}", rounds=each, request=7) for place, each in enumerate(wrong)])
    (tmp_path / "ledger.json").write_text(ledger)
    run = read_run(tmp_path)
    assert [each.rounds for each in run.rows] == [None] * 3
    assert all((each.answers, each.tokens, each.cost) == (0, None, None) for each in run.spent)
    assert write_gallery(tmp_path).is_file()


@pytest.mark.parametrize(("scheme", "size"), [("light", (1280, 800)), ("dark", (420, 900))])
def test_the_page_shows_them(
    open_page: Callable[..., Page], folder: Path, tmp_path: Path, scheme: str, size: tuple[int, int]
) -> None:
    page = open_page(write_gallery(folder, tmp_path / "page.html"), scheme=scheme, size=size, anchor="#bars")
    expect(page.locator("#facts")).to_contain_text(
        "3 answers, 2 of which given before, 1 request failed, 15,200 tokens in, 310 out, 34.2 s waited for, cost 0.42"
    )
    assert page.locator(".request p").text_content() == f"Bars, {HOSTILE}"
    lines = page.locator(".rounds li")
    assert lines.all_text_contents() == [
        "Round 1ssim 0.500the first",
        f"Round 2failed{HOSTILE} · no such colour",
        "Round 3ssim 0.900the result · better by 0.4",
    ]
    assert page.locator(".rounds li.chosen b").all_text_contents() == ["Round 3"]
    assert page.evaluate("document.querySelector('dialog').scrollWidth - innerWidth") <= 0
    page.get_by_role("button", name="round 1", exact=True).click()
    expect(page.locator("dialog .stage img").last).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_placeholder("Search").fill("no such words")
    expect(page.locator("#list .name")).to_have_count(0)
    page.get_by_placeholder("Search").fill("bars, </script>")
    expect(page.locator("#list .name")).to_have_count(1)
