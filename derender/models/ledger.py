"""What models cost: tokens, time, and money by prices that the user gives."""

import asyncio
import math
import threading
import time
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derender.core import UserError

from .chat import Answer, ChatModel, Message, Sampling, Usage, forget
from .errors import ModelError
from .records import read_usage, usage_row


@dataclass(frozen=True, slots=True)
class Price:
    """What a model asks for a million tokens, in a currency of the user's choice.

    Attributes:
        input: of what is sent.
        output: of what is written.
        cached: of what is sent and the endpoint has at hand; None is as much as ``input``.
    """

    input: float
    output: float
    cached: float | None = None

    def of(self, usage: Usage) -> float:
        """The cost of so many tokens."""
        cached = min(usage.cached_tokens, usage.input_tokens)
        at_hand = self.input if self.cached is None else self.cached
        fresh = usage.input_tokens - cached
        return (fresh * self.input + cached * at_hand + usage.output_tokens * self.output) / 1e6


@dataclass(frozen=True, slots=True)
class Spending:
    """What one model was used for.

    Attributes:
        requests: that were answered, those out of the cache included.
        failed: that were not.
        samples: answers in all.
        cached: those of the answers that came out of the cache.
        uncounted: requests of which the endpoint did not say the tokens.
        usage: tokens spent.
        saved: tokens that the cache saved.
        elapsed_s: seconds waited, all requests' added up though they may have been under way together.
    """

    requests: int = 0
    failed: int = 0
    samples: int = 0
    cached: int = 0
    uncounted: int = 0
    usage: Usage = field(default_factory=Usage)
    saved: Usage = field(default_factory=Usage)
    elapsed_s: float = 0.0

    def plus(self, answer: Answer) -> "Spending":
        """With one more request."""
        return Spending(
            self.requests + 1,
            self.failed,
            self.samples + len(answer.samples),
            self.cached + answer.cached,
            self.uncounted + (answer.usage is None),
            self.usage + (answer.usage or Usage()),
            self.saved + (answer.saved or Usage()),
            self.elapsed_s + answer.elapsed_s,
        )

    def __add__(self, other: "Spending") -> "Spending":
        return Spending(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


class Ledger:
    """Adds up what models cost. Thread-safe.

    Args:
        prices: by the model's name.
    """

    def __init__(self, prices: Mapping[str, Price] | None = None) -> None:
        self._prices = dict(prices or {})
        self._spent: dict[str, Spending] = {}
        self._lock = threading.Lock()

    def add(self, answer: Answer) -> None:
        """Write a request down."""
        with self._lock:
            self._spent[answer.model] = self._spent.get(answer.model, Spending()).plus(answer)

    def add_failure(self, model: str, elapsed_s: float) -> None:
        """Write down a request that came to nothing."""
        with self._lock:
            so_far = self._spent.get(model, Spending())
            self._spent[model] = replace(so_far, failed=so_far.failed + 1, elapsed_s=so_far.elapsed_s + elapsed_s)

    def spending(self) -> dict[str, Spending]:
        """Model → what it was used for."""
        with self._lock:
            return dict(self._spent)

    @property
    def priced(self) -> list[str]:
        """The models whose prices are known."""
        return sorted(self._prices)

    def price(self, model: str) -> Price | None:
        """What a model asks for; None where nobody said."""
        return self._prices.get(model)

    def cost(self, model: str) -> float | None:
        """What a model cost; None where its price or some of its tokens are not known."""
        spent = self.spending().get(model, Spending())
        if spent.uncounted:
            return None
        if spent.usage == Usage():
            return 0.0
        price = self._prices.get(model)
        return None if price is None else price.of(spent.usage)

    def blank(self) -> "Ledger":
        """One with the same prices and nothing in it."""
        return Ledger(self._prices)

    def and_earlier(self, said: object) -> "Ledger":
        """One in which earlier starts of the same run stand too.

        Args:
            said: what `to_json` gave then; what of it is no spending is left out.
        """
        both = self.blank()
        both._spent = self.spending()
        for model, row in said.items() if isinstance(said, dict) else ():
            spent = _read_spending(row)
            if spent is not None:
                both._spent[model] = both._spent.get(model, Spending()) + spent
        return both

    def total(self) -> float | None:
        """What all models together cost; None where that of one is not known."""
        costs = [self.cost(model) for model in self.spending()]
        known = [cost for cost in costs if cost is not None]
        return math.fsum(known) if len(known) == len(costs) else None

    def to_json(self) -> dict[str, dict[str, Any]]:
        """Model → its numbers, for a run's folder."""
        return {
            model: {
                "requests": spent.requests,
                "failed": spent.failed,
                "samples": spent.samples,
                "cached": spent.cached,
                "uncounted": spent.uncounted,
                "usage": usage_row(spent.usage),
                "saved": usage_row(spent.saved),
                "elapsed_s": round(spent.elapsed_s, 3),
                "cost": self.cost(model),
            }
            for model, spent in sorted(self.spending().items())
        }


def _read_spending(row: object) -> Spending | None:
    """A model's numbers out of JSON; None where they are none."""
    if not isinstance(row, dict):
        return None
    counts: dict[str, Any] = {name: row.get(name) for name in ("requests", "failed", "samples", "cached", "uncounted")}
    elapsed: Any = row.get("elapsed_s")
    if not all(type(count) is int and count >= 0 for count in counts.values()) or type(elapsed) not in {int, float}:
        return None
    try:
        usage, saved = (read_usage({"usage": row.get(name)}) or Usage() for name in ("usage", "saved"))
    except ValueError:
        return None
    return Spending(**counts, usage=usage, saved=saved, elapsed_s=elapsed)


class Metered:
    """A `ChatModel` that writes down what it costs."""

    def __init__(self, model: ChatModel, ledger: Ledger) -> None:
        self._model = model
        self._ledger = ledger

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def identity(self) -> str:
        """The model's identity."""
        return self._model.identity

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The model's answer.

        Raises:
            ModelError: as the model does; the time is written down.
        """
        started = time.monotonic()
        try:
            answer = await self._model.ask(messages, sampling, deadline=deadline, item=item)
        except ModelError:
            self._ledger.add_failure(self.name, time.monotonic() - started)
            raise
        self._ledger.add(answer)
        return answer

    async def forget(self, messages: Sequence[Message], sampling: Sampling | None = None) -> None:
        """Let go of what the model keeps of a talk; what it cost stays written down."""
        await forget(self._model, messages, sampling)


class Cap:
    """What models may cost together.

    Args:
        ledger: knows the prices; what it holds already doesn't count.
        most: in the currency of the prices.
        at_once: requests under way at once: so many may be asked beyond the cap.
    """

    def __init__(self, ledger: Ledger, most: float, at_once: int) -> None:
        self._spent = ledger.blank()
        self._most = most
        self._slots = asyncio.Semaphore(at_once)

    @asynccontextmanager
    async def slot(self, name: str) -> AsyncIterator[Callable[[Answer], None]]:
        """A place for a request of the model's, and what its answer is to be told to.

        Raises:
            ModelError: the model must not be asked, as enough is spent, or nobody knows what is.
        """
        async with self._slots:
            spent = self._spent.total()
            if spent is None:
                raise ModelError(f"not asked: {name}'s endpoint doesn't count tokens, so that no limit can be kept")
            if spent >= self._most:
                raise ModelError(f"not asked: {spent:.4f} is spent, and {self._most:g} is the most that may be")
            yield self._spent.add


class Capped:
    """A `ChatModel` that is asked no more once so much is spent; in one event loop. A cache belongs around it."""

    def __init__(self, model: ChatModel, cap: Cap) -> None:
        self._model = model
        self._cap = cap

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def identity(self) -> str:
        """The model's identity."""
        return self._model.identity

    async def ask(
        self,
        messages: Sequence[Message],
        sampling: Sampling | None = None,
        *,
        deadline: float | None = None,
        item: str | None = None,
    ) -> Answer:
        """The model's answer.

        Raises:
            ModelError: as the model does, or it must not be asked any more.
        """
        async with self._cap.slot(self.name) as spend:
            answer = await self._model.ask(messages, sampling, deadline=deadline, item=item)
            spend(answer)
            return answer


def read_prices(path: str | Path) -> dict[str, Price]:
    """Prices out of a TOML file: a table per model, with ``input``, ``output`` and, if need be, ``cached``.

    ::

        ["some/model"]
        input = 0.5      # per million tokens
        output = 1.5

    Raises:
        UserError: there is no such file, or it says something else; one sentence.
    """
    path = Path(path)
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such file") from None
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror})") from None
    except ValueError as error:
        raise UserError(f"{path}: is no TOML ({error})") from None
    return {model: _price(path, model, table) for model, table in tables.items()}


def _price(path: Path, model: str, table: object) -> Price:
    wanted = {"input", "output"}
    if not isinstance(table, dict) or not wanted <= set(table) <= {*wanted, "cached"}:
        raise UserError(f"{path}: {model!r} must have input and output, and may have cached")
    for name, value in table.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise UserError(f"{path}: {name} of {model!r} is no price of a million tokens: {value!r}")
    return Price(**{name: float(value) for name, value in table.items()})
