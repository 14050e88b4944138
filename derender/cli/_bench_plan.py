"""What a run of a benchmark would ask, before it asks: rows, answers at hand, requests, tokens and cost."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._output import say, style

if TYPE_CHECKING:
    from derender.benchmarks.vision2code.scoring import Task
    from derender.models import ChatModel, Ledger, Sampling


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be done about a dataset.

    Attributes:
        samples: of the dataset.
        scored: that an earlier run into the folder scored.
        kept: whose answer is kept.
        unusable: whose picture can't be shown.
        asked: requests to the model.
        judged: requests to the judge, if every program draws and every reply can be read.
        model_tokens: about what the model is sent.
        judge_tokens: about what the judge is sent.
    """

    samples: int = 0
    scored: int = 0
    kept: int = 0
    unusable: int = 0
    asked: int = 0
    judged: int = 0
    model_tokens: int = 0
    judge_tokens: int = 0

    def __add__(self, other: "Part") -> "Part":
        return Part(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def record(self) -> dict[str, int]:
        """As JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is asked, and how.

    Attributes:
        model: without cache or ledger.
        sampling: how it is asked.
        cached: whether kept answers are used.
        judge: likewise; None where nobody rates.
        ledger: what knows the prices.
    """

    model: "ChatModel"
    sampling: "Sampling"
    cached: bool
    judge: "ChatModel | None"
    ledger: "Ledger"

    def tell(self, tasks: "Sequence[Task]", scored: set[str], *, json_lines: bool) -> None:
        """Say what a run would ask; nobody is asked.

        Args:
            tasks: the samples.
            scored: names of those that were scored before.
            json_lines: whether a program reads it.
        """
        parts: dict[str, Part] = {}
        for task in tasks:
            dataset = task.sample.source_dataset
            parts[dataset] = parts.get(dataset, Part()) + self._part(task, task.sample.question_folder in scored)
        whole = sum(parts.values(), Part())
        if json_lines:
            rows = {name: each.record() for name, each in parts.items()}
            say(json.dumps({"datasets": rows, "all": whole.record(), "most": self._most(whole)}))
            return
        for line in self._lines(parts, whole):
            say(line)

    def _part(self, task: "Task", scored: bool) -> Part:
        from derender.benchmarks.vision2code.prompt import messages
        from derender.benchmarks.vision2code.scoring import reference_of
        from derender.core import UserError
        from derender.models import Cached
        from derender.models.cache import kept
        from derender.models.estimates import tokens_of

        if scored:
            return Part(samples=1, scored=1)
        try:
            asked = messages(reference_of(task))
        except UserError:
            return Part(samples=1, unusable=1)
        store = kept(self.model) if self.cached else self.model
        at_hand = isinstance(store, Cached) and store.holds(asked, self.sampling)
        judged = self._judged(task) if self.judge else 0
        return Part(
            samples=1,
            kept=int(at_hand),
            asked=int(not at_hand),
            model_tokens=0 if at_hand else tokens_of(asked),
            judged=int(self.judge is not None),
            judge_tokens=judged,
        )

    def _judged(self, task: "Task") -> int:
        """About what the judge is sent of a sample: the rubric, and two pictures of the reference's size."""
        import numpy as np
        from PIL import Image

        from derender.judges import Shown
        from derender.judges.prompt import Exhibits, messages
        from derender.models.estimates import tokens_of, tokens_of_picture

        dot = np.zeros((1, 1, 3), np.uint8)
        asked = messages(task.rubric, Exhibits({Shown.REFERENCE: dot, Shown.CANDIDATE: dot}, {}, {}))
        with Image.open(task.sample.image(task.package)) as image:
            return tokens_of(asked) + 2 * (tokens_of_picture(*image.size) - 1)

    def _most(self, whole: Part) -> dict[str, dict[str, Any]]:
        """Who → the most it can come to: requests, tokens and, where the price is known, cost."""
        from derender.judges.judge import MAX_TOKENS
        from derender.models import Usage

        found = {"model": (self.model, whole.asked, whole.model_tokens, self.sampling.max_tokens or 0)}
        if self.judge:
            found["judge"] = (self.judge, whole.judged, whole.judge_tokens, MAX_TOKENS)
        told: dict[str, dict[str, Any]] = {}
        for who, (model, requests, sent, longest) in found.items():
            price = self.ledger.price(model.name)
            cost = price.of(Usage(sent, requests * longest)) if price else None
            told[who] = {"name": model.name, "requests": requests, "input_tokens": sent}
            told[who] |= {"output_tokens": requests * longest, "cost": cost}
        return told

    def _lines(self, parts: Mapping[str, Part], whole: Part) -> Iterator[str]:
        wide = max(map(len, parts))
        yield style(f"{'':<{wide}}  samples  scored  answer kept  to ask", dim=True)
        for name, each in {**parts, "all": whole}.items():
            yield f"{name:<{wide}}  {each.samples:>7}  {each.scored:>6}  {each.kept:>11}  {each.asked:>6}"
        if whole.unusable:
            yield f"{whole.unusable} pictures of the package are missing or not those that were published"
        for who, most in self._most(whole).items():
            cost = "" if most["cost"] is None else f", cost at most {most['cost']:.2f}"
            tokens = f"about {most['input_tokens']:,} tokens in, at most {most['output_tokens']:,} out"
            yield f"{who} {most['name']}: at most {most['requests']:,} requests, {tokens}{cost}"
        yield style("nobody was asked", dim=True)
