"""Whatever the answers are and in whichever order they come."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derender.agents import Budget, Stop, refine
from derender.models import Replay

from .conftest import BROKEN, CLOSE, ROUGH, WANTED, WORSE, fenced

ANSWERS = [
    *map(fenced, (WANTED, CLOSE, ROUGH, WORSE, BROKEN)),
    "DONE",
    "I can't.",
    "",
    "```svg\n```",
    "``` ```` {program} \ud800",
    {"text": "", "refusal": "no"},
    {"error": "down"},
]


@given(st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_nothing_is_lost(task, engine, scorer, tmp_path, replies):
    rows = [
        {"id": task.item_of(number), **(reply if isinstance(reply, dict) else {"text": reply})}
        for number, reply in enumerate(replies, 1)
    ]
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = refine(task, Replay(path), engine, scorer, budget=Budget(len(replies)))
    said = [row.get("text") or row.get("refusal", "") for row in rows if "error" not in row]
    assert [each.reply for each in done.rounds] == said[: len(done.rounds)]
    assert len(done.rounds) == len(replies) or done.stop is not Stop.ROUNDS
    assert (done.error is not None) == (done.stop is Stop.MODEL_FAILED)
    drawn = [each.score.value for each in done.rounds if each.drawn]
    assert (done.chosen is None) == all(each.program is None for each in done.rounds)
    if drawn:
        assert done.chosen.score.value == max(drawn)
        assert done.oracle(lambda each: each.score.worth).score == done.chosen.score
