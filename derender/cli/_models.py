"""The models that commands ask: options, the cache of answers, and what was spent."""

import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core.pictures import write_whole

from ._exits import complain
from ._output import seconds, style
from ._run_folder import RunFolder

if TYPE_CHECKING:
    from derender.models import ChatModel, Ledger, Sampling
    from derender.models.ledger import Spending

AskedModel = Annotated[
    str,
    typer.Option(
        "--model", "-m", metavar="MODEL", help="Who writes: openai/NAME, hf/CHECKPOINT, or replay/PATH of answers."
    ),
]
BaseUrl = Annotated[str | None, typer.Option(metavar="URL", help="The OpenAI-compatible endpoint of an openai/ model.")]
ExtraBody = Annotated[
    str | None, typer.Option(metavar="JSON", help="Object of further fields that the model's endpoint is sent.")
]
Prices = Annotated[
    Path | None, typer.Option(metavar="FILE", help="TOML file of what models cost a million tokens, for the cost.")
]
NoCacheOfAnswers = Annotated[
    bool, typer.Option("--no-cache", help="Ask and render anew; neither use nor keep what there is.")
]
Samples = Annotated[int, typer.Option("--samples", "-n", metavar="N", help="Programs wanted.")]
Seed = Annotated[int | None, typer.Option(metavar="N", help="Makes answers repeatable where the endpoint can.")]
Temperature = Annotated[float | None, typer.Option(metavar="T", help="0 gives the likeliest answer.")]
MaxTokens = Annotated[int | None, typer.Option(metavar="N", help="How long an answer may be, thoughts included.")]
Wanted = Annotated[
    Path | None, typer.Option(metavar="PICTURE", help="A picture of what is wanted, to score renderings against.")
]
ScoredBy = Annotated[
    list[str] | None, typer.Option(metavar="a,b", help="How renderings are scored; all metrics by default.")
]


@dataclass(frozen=True, slots=True)
class Asked:
    """A model whose answers are kept and counted.

    Attributes:
        model: with cache and ledger around it.
        ledger: what it cost.
    """

    model: "ChatModel"
    ledger: "Ledger"

    @classmethod
    def around(cls, model: "ChatModel", prices: Path | None, *, cache: bool, extra_body: str | None = None) -> "Asked":
        """A model with what the user wants around it.

        Raises:
            UserError: the prices can't be read, or the fields are no JSON object.
        """
        ledger = ledger_of(prices)
        return cls(metered(model, ledger, cache=cache, extra_body=extra_body), ledger)

    def tell(self, folder: RunFolder, *, json_lines: bool) -> None:
        """Write ``ledger.json``, and say what was spent.

        Raises:
            InfraError: it can't be written.
        """
        write_ledger(folder.path, self.ledger, resumed=bool(folder.kept))
        if not json_lines:
            tell_spent(self.ledger)


def write_ledger(folder: Path, ledger: "Ledger", *, resumed: bool) -> None:
    """Write what a run spent, and with it what earlier starts of the same run did.

    Raises:
        InfraError: it can't be written.
    """
    path = folder / "ledger.json"
    earlier: object = None
    with suppress(OSError, ValueError, RecursionError):
        earlier = json.loads(path.read_bytes()) if resumed else None
    write_whole(path, (json.dumps(ledger.and_earlier(earlier).to_json(), indent=1) + "\n").encode())


def ledger_of(prices: Path | None) -> "Ledger":
    """A ledger that knows the user's prices.

    Raises:
        UserError: the prices can't be read.
    """
    from derender.models import Ledger, read_prices

    return Ledger(read_prices(prices) if prices else None)


def metered(model: "ChatModel", ledger: "Ledger", *, cache: bool, extra_body: str | None = None) -> "ChatModel":
    """A model whose answers are counted, and kept where that is wanted; recorded ones are kept already.

    Raises:
        UserError: the further fields are no JSON object.
    """
    from derender.models import Metered
    from derender.models.cache import kept
    from derender.models.extended import Extended

    asked = kept(model) if cache else model
    return Metered(Extended(asked, fields_of(extra_body)) if extra_body else asked, ledger)


def fields_of(extra_body: str | None) -> dict[str, Any]:
    """Further fields of a request's body, as the user wrote them.

    Raises:
        UserError: they are no JSON object.
    """
    from derender.models.extended import read_fields

    return read_fields(extra_body) if extra_body else {}


def tell_spent(ledger: "Ledger") -> None:
    """Say on standard error what was spent."""
    spending = ledger.spending()
    for model, spent in spending.items():
        if spent.requests:
            who = f"{model}: " if len(spending) > 1 else ""
            print(style(f"{who}{_sentence(spent, ledger.cost(model))}", sys.stderr, dim=True), file=sys.stderr)
            if ledger.priced and ledger.price(model) is None:
                complain(f"no price of {model!r} is among the prices, which are of {', '.join(ledger.priced)}")


def sampling_of(
    samples: int, seed: int | None, temperature: float | None = None, max_tokens: int | None = None
) -> "Sampling":
    """How the user wants to be answered.

    Raises:
        UserError: no answers, or none of any length, are wanted.
    """
    from derender.models import Sampling

    return Sampling(samples, temperature, max_tokens=max_tokens, seed=seed)


def _sentence(spent: "Spending", cost: float | None) -> str:
    parts = ["1 answer" if spent.samples == 1 else f"{spent.samples} answers"]
    parts += [f"{spent.cached} of which had been given before"] if spent.cached else []
    if spent.uncounted:
        parts.append("tokens not counted by the endpoint")
    elif spent.usage.input_tokens or spent.usage.output_tokens:
        parts.append(f"{spent.usage.input_tokens} tokens in, {spent.usage.output_tokens} out")
    parts += [f"cost {cost:.4f}"] if cost else []
    return f"{', '.join(parts)}, {seconds(spent.elapsed_s)} waited for"
