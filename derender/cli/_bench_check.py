"""Endpoints asked next to nothing before a run of a benchmark, so that it does not fail row by row."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from derender.core import UserError

if TYPE_CHECKING:
    from derender.models import ChatModel, Sampling

Check = Annotated[
    bool, typer.Option("--check/--no-check", help="Ask both next to nothing first, to see whether they answer.")
]
RaterFields = Annotated[
    str | None, typer.Option("--judge-extra-body", metavar="JSON", help="The same for the judge's endpoint.")
]
_CHECK_S = 120.0


def need_judge(name: str | None, url: str | None, extra_body: str | None) -> None:
    """Make sure that what is said of a judge is said of one.

    Raises:
        UserError: nobody is named to judge.
    """
    for option, said in (("--judge-url", url), ("--judge-extra-body", extra_body)):
        if said is not None and not name:
            raise UserError(f"{option} is about a judge: name it by --judge")


def check_model(model: "ChatModel", sampling: "Sampling") -> None:
    """See whether a model that writes answers.

    Args:
        model: itself, without a cache around it.
        sampling: how it will be asked.

    Raises:
        UserError: it can't be asked; one sentence.
    """
    from derender.models.health import AS_JUDGES_ASK

    _check("model", model, replace(sampling, max_tokens=AS_JUDGES_ASK.max_tokens), plain=True)


def check_judge(model: "ChatModel", extra: Mapping[str, Any], *, plain: bool) -> None:
    """See whether a judge's model answers.

    Args:
        model: itself, without a cache around it.
        extra: further fields that its endpoint is sent.
        plain: whether it will be sent neither schema nor temperature.

    Raises:
        UserError: it can't be asked, or not as a judge; one sentence.
    """
    from derender.models.health import AS_JUDGES_ASK

    _check("judge", model, replace(AS_JUDGES_ASK, extra=extra), plain=plain)


def _check(who: str, model: "ChatModel", sampling: "Sampling", *, plain: bool) -> None:
    from derender.models import InspectModel, OpenAIModel, wait
    from derender.models.health import check

    if not isinstance(model, OpenAIModel | InspectModel):
        return
    health = wait(check(model, sampling=sampling, deadline=time.monotonic() + _CHECK_S))
    problem = health.problem(judge=who == "judge", plain=plain)
    if problem:
        raise UserError(f"the {who} {model.name} can't be used: {problem}")
