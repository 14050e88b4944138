"""A hundred pairs before a judge at once: none is lost, none waits past its deadline, none leaves anything behind."""

import asyncio
import time
from itertools import pairwise

import numpy as np
import pytest
from models.endpoint import answer, running
from scripted import reply

from derender.core import ContentStore
from derender.judges import Case, Judge, get_rubric
from derender.models import Cached, Ledger, Metered, OpenAIModel

RUBRIC = get_rubric("ChartQA")
NOISE = np.random.default_rng(0).integers(0, 256, (101, 64, 80, 3), np.uint8)
CASES = [Case(one, other) for one, other in pairwise(NOISE)]
GOOD = answer(reply(RUBRIC), {"prompt_tokens": 100, "completion_tokens": 10})


@pytest.fixture
def endpoint():
    with running() as server:
        yield server


async def _all(model, deadline=None):
    return await asyncio.gather(*(Judge(model, RUBRIC).judge(each, deadline=deadline) for each in CASES))


def test_each_is_asked_once_and_no_more_at_a_time_than_allowed(endpoint, tmp_path):
    endpoint.script = [GOOD]
    store, ledger = ContentStore(tmp_path), Ledger()
    model = Metered(Cached(OpenAIModel("m", base_url=endpoint.url, concurrency=7), store), ledger)
    for _ in range(2):
        assert {verdict.final for verdict in asyncio.run(_all(model))} == {4.0}
    assert len(endpoint.requests) == 100
    assert endpoint.most_active <= 7
    spent = ledger.spending()["m"]
    assert (spent.requests, spent.cached, spent.usage.input_tokens) == (200, 100, 10_000)
    store.close()


def test_a_deadline_holds_for_those_in_the_queue_too(endpoint):
    endpoint.script = ["silent"]
    started = time.monotonic()
    verdicts = asyncio.run(_all(OpenAIModel("m", base_url=endpoint.url), started + 1.5))
    assert time.monotonic() - started < 10
    assert all("deadline" in (verdict.unscored or "") for verdict in verdicts), {v.unscored for v in verdicts}


def test_those_that_are_called_off_make_room(endpoint):
    endpoint.script = ["silent"]
    model = OpenAIModel("m", base_url=endpoint.url)

    async def called_off():
        work = asyncio.create_task(_all(model))
        await asyncio.to_thread(endpoint.asked.wait, 10)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(called_off())
    endpoint.script = [GOOD]
    verdict = asyncio.run(Judge(model, RUBRIC).judge(CASES[0], deadline=time.monotonic() + 10))
    assert verdict.final == 4.0
