"""Whatever a model answers, nothing that was good is lost."""

import dataclasses
import time

import pytest

from derender.agents import Acceptance, Budget, Score, Stop, Task, refine
from derender.core import Failure, FailureKind, Language, Program, Rendering
from derender.models import ImagePart, Message, Sampling

from .conftest import BROKEN, CLOSE, ROUGH, WANTED, WORSE, fenced


def test_better_programs_are_taken_round_by_round(task, engine, scorer, answers):
    model = answers(fenced(ROUGH), fenced(CLOSE), fenced(WANTED))
    done = refine(task, model, engine, scorer)
    assert [each.accepted for each in done.rounds] == [True] * 3
    values = [each.score.value for each in done.rounds]
    assert values == sorted(values) and values[-1] == pytest.approx(1)
    assert done.chosen is done.last is done.rounds[2] and done.stop is Stop.ROUNDS
    assert done.chosen.program.source.strip() == WANTED and done.chosen.drawn
    assert [each.number for each in done.rounds] == [1, 2, 3]
    assert [item for *_, item in model.asked] == ["chart", "chart~2", "chart~3"]


def test_the_model_is_shown_what_is_wanted_and_what_it_drew(task, engine, scorer, answers):
    model = answers(fenced(ROUGH), fenced(CLOSE))
    done = refine(task, model, engine, scorer, budget=Budget(rounds=2))
    assert [model.pictures(number) for number in (1, 2)] == [1, 2]
    assert ROUGH in model.text(2) and "120 by 80 pixels" in model.text(2) and "{" not in model.text(2)
    wanted, drawn = (part for part in model.asked[1][0][0].parts if isinstance(part, ImagePart))
    assert wanted == model.asked[0][0][0].parts[0] and drawn != wanted
    assert len({each.prompt for each in done.rounds}) == len({each.request for each in done.rounds}) == 2


def test_a_worse_program_is_kept_but_not_taken_and_not_gone_on_from(task, engine, scorer, answers):
    model = answers(fenced(CLOSE), fenced(WORSE), fenced(WANTED))
    done = refine(task, model, engine, scorer)
    assert [each.accepted for each in done.rounds] == [True, False, True]
    assert done.rounds[1].why == "no better than round 1" and done.rounds[1].rendering.ok
    assert model.pictures(3) == 3 and CLOSE in model.text(3) and WORSE not in model.text(3)


def test_last_chosen_and_oracle_are_three_things(task, engine, scorer, answers):
    model = answers(fenced(ROUGH), fenced(CLOSE), fenced(WORSE))
    done = refine(task, model, engine, scorer)
    assert done.last.number == 3 and done.chosen.number == 2
    assert done.oracle(lambda each: -each.score.worth).number == 3
    assert done.oracle(lambda each: 1.0 if each.number < 3 else None).number == 1
    assert done.oracle(lambda _: None) is None


def test_a_failed_program_comes_back_with_sentence_and_line_in_place_of_a_picture(task, engine, scorer, answers):
    model = answers(fenced(BROKEN), fenced(CLOSE))
    done = refine(task, model, engine, scorer, budget=Budget(rounds=2))
    failure = done.rounds[0].rendering.failure
    assert model.pictures(2) == 1
    assert failure.message in model.text(2) and f"at line {failure.line}" in model.text(2)
    assert f"line {failure.line}: {BROKEN.splitlines()[failure.line - 1]}" in model.text(2)
    assert done.rounds[0].score.value == 0 and done.chosen.number == 2
    assert done.chosen.why == "the first that draws"


def test_a_change_that_fails_is_mended_and_the_best_stays(task, engine, scorer, answers):
    model = answers(fenced(CLOSE), fenced(BROKEN), fenced(ROUGH))
    done = refine(task, model, engine, scorer)
    assert [each.accepted for each in done.rounds] == [True, False, False]
    assert done.rounds[1].why == "failed" and done.chosen.number == 1 and done.last.number == 3


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("I see a chart.", "without a program"),
        ({"text": "", "refusal": "I won't"}, "refused"),
        ({"text": "", "finish": "length"}, "all its tokens"),
        ("DONE", "without a program"),
    ],
)
def test_a_reply_without_a_program_is_a_round_and_asked_again(task, engine, scorer, answers, reply, words):
    model = answers(reply, fenced(CLOSE))
    done = refine(task, model, engine, scorer, budget=Budget(rounds=2))
    assert words in done.rounds[0].why and done.rounds[0].program is None
    assert model.text(2).startswith(model.text(1)) and "No program was found" in model.text(2)
    assert done.chosen.number == 2


def test_programs_never_come(task, engine, scorer, answers):
    done = refine(task, answers("no", "No.", "never"), engine, scorer)
    assert done.chosen is None and done.oracle(lambda _: 1.0) is None
    assert done.last.reply == "never" and [each.reply for each in done.rounds] == ["no", "No.", "never"]


def test_the_same_program_again_ends_the_loop_undrawn(task, engine, scorer, answers):
    done = refine(task, answers(fenced(CLOSE), fenced(WORSE), f"```svg\n\n{CLOSE}\n\n```"), engine, scorer)
    assert done.stop is Stop.REPEATED and "same program as in round 1" in done.why
    assert done.last.rendering is done.rounds[0].rendering and done.chosen.number == 1


@pytest.mark.parametrize("word", ["DONE", "done.", "<think>looks\nright</think>\n**DONE**"])
def test_a_model_may_find_that_it_is_done(task, engine, scorer, answers, word):
    done = refine(task, answers(fenced(CLOSE), word), engine, scorer)
    assert done.stop is Stop.DONE and len(done.rounds) == 2
    assert done.chosen is done.last is done.rounds[0]


def test_tokens_are_a_budget_and_a_replay_ends_where_its_original_did(task, engine, scorer, answers):
    usage = {"usage": {"input_tokens": 60, "output_tokens": 40}}
    model = answers(*({"text": fenced(text), **usage} for text in (ROUGH, CLOSE, WANTED)))
    done = refine(task, model, engine, scorer, budget=Budget(rounds=3, tokens=200))
    assert done.stop is Stop.TOKENS and len(done.rounds) == 2 and "200 of 200" in done.why
    assert done.rounds[0].usage.output_tokens == 40


class Uncounting:
    """A model at an endpoint that does not count tokens."""

    name = identity = "uncounting"

    def __init__(self, model):
        self.model = model

    async def ask(self, messages, sampling=None, *, deadline=None, item=None):
        answer = await self.model.ask(messages, sampling, deadline=deadline, item=item)
        return dataclasses.replace(answer, usage=None, saved=None)


def test_a_budget_of_tokens_that_nobody_counts_ends_the_loop(task, engine, scorer, answers):
    model = Uncounting(answers(fenced(ROUGH), fenced(CLOSE)))
    assert len(refine(task, model, engine, scorer, budget=Budget(rounds=2)).rounds) == 2
    done = refine(task, model, engine, scorer, budget=Budget(rounds=2, tokens=1000))
    assert done.stop is Stop.TOKENS and "does not count" in done.why and done.chosen.number == 1


def test_after_the_deadline_nothing_is_begun(task, engine, scorer, answers):
    model = answers(fenced(ROUGH), fenced(CLOSE))
    deadline = time.monotonic()
    done = refine(task, model, engine, scorer, budget=Budget(deadline=deadline))
    assert done.stop is Stop.DEADLINE and len(done.rounds) == 1
    assert model.asked[0][2] == deadline


def test_an_endpoint_that_fails_in_between_loses_no_round(task, engine, scorer, answers):
    done = refine(task, answers(fenced(CLOSE), {"error": "the endpoint was down"}), engine, scorer)
    assert done.stop is Stop.MODEL_FAILED and done.why == str(done.error) == "the endpoint was down"
    assert done.chosen.number == 1
    never = refine(task, answers({"error": "the endpoint was down"}), engine, scorer)
    assert never.rounds == () and never.chosen is never.last is None and never.error is not None


def test_always_takes_the_last_program(task, engine, scorer, answers):
    model = answers(fenced(CLOSE), fenced(WORSE), fenced(BROKEN))
    done = refine(task, model, engine, scorer, acceptance=Acceptance.ALWAYS)
    assert [each.accepted for each in done.rounds] == [True] * 3 and done.chosen is done.last
    assert WORSE in model.text(3)


def test_a_gain_below_the_least_one_is_none(task, engine, scorer, answers):
    done = refine(task, answers(fenced(CLOSE), fenced(WANTED)), engine, scorer, budget=Budget(rounds=2), min_gain=0.5)
    assert done.chosen.number == 1 and done.rounds[1].score.value > done.rounds[0].score.value


def test_a_scorer_that_breaks_leaves_rounds_unscored(task, engine, answers):
    def broken(rendering):
        raise ZeroDivisionError("no judge today")

    done = refine(task, answers(fenced(CLOSE), fenced(WANTED)), engine, broken, budget=Budget(rounds=2))
    assert [each.why for each in done.rounds] == ["the first program", "unscored"]
    assert done.rounds[1].score.value is None and "no judge today" in done.rounds[1].score.unscored
    assert done.chosen.number == 1


def test_any_callable_may_judge(task, engine, answers):
    def shortest(rendering):
        return Score("length", len(rendering.program.source), -len(rendering.program.source))

    done = refine(task, answers(fenced(CLOSE), fenced(WORSE)), engine, shortest, budget=Budget(rounds=2))
    assert done.chosen.number == 2


def test_the_same_answers_make_the_same_trajectory(task, engine, scorer, answers):
    def run():
        model = answers(fenced(ROUGH), "nothing", fenced(BROKEN), fenced(CLOSE), fenced(WORSE))
        done = refine(task, model, engine, scorer, budget=Budget(rounds=5), sampling=Sampling(n=4, seed=7))
        seeds = [sampling.seed for _, sampling, *_ in model.asked]
        assert seeds == [7, 8, 9, 10, 11] and all(sampling.n == 1 for _, sampling, *_ in model.asked)
        return [(each.request, each.prompt, each.accepted, each.why, each.score) for each in done.rounds]

    first = run()
    assert first == run() and len({request for request, *_ in first}) == 5


class Bare:
    """An engine on a machine that can't draw from the second program on."""

    def __init__(self, engine):
        self.engine = engine
        self.drawn = 0

    def render(self, program, options):
        self.drawn += 1
        absent = Failure(FailureKind.RENDERER_ABSENT, "there is no renderer")
        return self.engine.render(program, options) if self.drawn == 1 else Rendering(program, failure=absent)


def test_what_this_machine_can_not_draw_is_never_held_against_the_program(task, engine, scorer, answers):
    model = answers(fenced(ROUGH), fenced(WANTED), fenced(CLOSE))
    done = refine(task, model, Bare(engine), scorer)
    assert done.stop is Stop.NOT_DRAWN and "there is no renderer" in done.why and len(model.asked) == 2
    assert done.chosen.number == 1 and done.last.program.source.strip() == WANTED
    assert done.last.score.value is None and done.last.why == "not drawn, by no fault of the program"


def test_a_pythons_line_is_named_too(image, engine, scorer, answers):
    broken = "import matplotlib.pyplot as plt\nfig = plt.figure(figsize=(1.2, 0.8))\nfig.text(x)"
    good = "import matplotlib.pyplot as plt\nplt.figure(figsize=(1.2, 0.8))\nplt.savefig('a.png', dpi=100)"
    model = answers(f"```python\n{broken}\n```", f"```python\n{good}\n```")
    done = refine(Task(image, Language.PYTHON, "chart"), model, engine, scorer, budget=Budget(rounds=2))
    assert done.rounds[0].rendering.failure.line == 3
    assert "line 3: fig.text(x)" in model.text(2) and "Matplotlib" in model.text(2)
    assert done.chosen.number == 2 and done.chosen.drawn


def test_a_loop_that_only_knows_the_last_picture_goes_on_from_it_whatever_it_is_like(task, engine, scorer, answers):
    model = answers(fenced(CLOSE), fenced(WORSE), fenced(WORSE), fenced(WANTED))
    done = refine(task, model, engine, scorer, budget=Budget(rounds=4), acceptance=Acceptance.PREVIOUS)
    assert [each.accepted for each in done.rounds] == [True] * 4 and done.stop is Stop.ROUNDS
    assert [model.pictures(number) for number in (1, 2, 3, 4)] == [1, 2, 2, 2]
    assert WORSE in model.text(3) and CLOSE not in model.text(3)


@pytest.mark.parametrize(
    ("second", "why"), [(fenced(BROKEN), "round 2 gave no picture: "), ("none", "round 2 gave no program: ")]
)
def test_a_loop_that_only_knows_the_last_picture_ends_where_there_is_none(task, engine, scorer, answers, second, why):
    model = answers(fenced(CLOSE), second, fenced(WANTED))
    done = refine(task, model, engine, scorer, budget=Budget(rounds=4), acceptance=Acceptance.PREVIOUS)
    assert len(done.rounds) == len(model.asked) == 2
    assert done.stop is Stop.FAILED and done.why.startswith(why) and done.last.number == 2


def test_a_task_may_ask_read_and_draw_in_its_own_way(image, engine, scorer, answers):
    class Own(Task):
        def draft(self):
            plain = super().draft()
            return dataclasses.replace(plain, messages=[Message.system("Be brief."), *plain.messages])

        def read(self, answer):
            return Program(answer.said().removeprefix("program: "), self.target)

    model = answers(f"program: {ROUGH}", f"program: {WANTED}")
    done = refine(Own(image, Language.SVG, "chart"), model, engine, scorer, budget=Budget(rounds=2))
    assert [each.drawn for each in done.rounds] == [True, True] and done.chosen.number == 2
    rules, question = model.asked[1][0]
    assert rules == Message.system("Be brief.")
    assert ROUGH in "".join(part for part in question.parts if isinstance(part, str))
