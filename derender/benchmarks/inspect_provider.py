"""derender's models as a provider of Inspect's: ``derender/trace``, ``derender/replay/PATH``, ``derender/openai/NAME``.

None of them needs the network beyond its own endpoint: tokens are estimated here, where Inspect would fetch a
vocabulary.
"""

from dataclasses import replace
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    Content,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    StopReason,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from derender.core import Language, UserError
from derender.models import Answer, ChatModel, OpenAIModel, Sample, load_chat_model
from derender.models.inspect import RETRIES, TIMEOUT_S, asked_about, from_inspect, sampling_of, told_of
from derender.models.openai import place_of

MANY = 64
"""Requests under way at once where the model has no limit of its own."""
_FINISHES: dict[str | None, StopReason] = {"length": "max_tokens", "content_filter": "content_filter", None: "unknown"}
_LETTERS_OF_TOKEN = 4


class DerenderAPI(ModelAPI):
    """A `ChatModel` of ours, by its own name.

    Args:
        model_name: such as ``replay/said.jsonl``.
        base_url: the endpoint of an ``openai/`` model.
        api_key: its key; by default ``OPENAI_API_KEY``.
        config: how it is asked; ``max_connections`` are the requests under way at once.
        timeout_s: seconds that one try at an endpoint may take.
        retries: how often a request is repeated there.

    Raises:
        UserError: there is no such model.
    """

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008 - as Inspect's own providers have it
        timeout_s: float = TIMEOUT_S,
        retries: int = RETRIES,
    ) -> None:
        # What Inspect has goes into its logs; the model below has the whole address.
        super().__init__(model_name, place_of(base_url) if base_url else None, api_key, [], config)
        model = load_chat_model(model_name, base_url, target=Language.PYTHON)
        if isinstance(model, OpenAIModel):
            at_once = config.max_connections or model.concurrency
            model = replace(model, api_key=api_key, timeout_s=timeout_s, retries=retries, concurrency=at_once)
        self.chat_model: ChatModel = model

    async def generate(
        self, input: list[ChatMessage], tools: list[ToolInfo], tool_choice: ToolChoice, config: GenerateConfig
    ) -> ModelOutput:
        """The model's answer.

        Raises:
            ModelError: there is none.
            UserError: tools are offered, which these models don't use.
        """
        if tools:
            raise UserError(f"{self.chat_model.name} uses no tools")
        answer = await self.chat_model.ask(from_inspect(input), sampling_of(config), item=asked_about.get() or _item())
        return _output(answer)

    def connection_key(self) -> str:
        """Each model has limits of its own."""
        return self.chat_model.identity

    def max_connections(self) -> int:
        """Requests under way at once."""
        return self.chat_model.concurrency if isinstance(self.chat_model, OpenAIModel) else MANY

    async def count_text_tokens(self, text: str) -> int:
        """About how many tokens a text has."""
        return len(text) // _LETTERS_OF_TOKEN + 1


def _item() -> str | None:
    """The id of the sample that is running, by which recorded answers are found."""
    from inspect_ai.log._samples import sample_active

    active = sample_active()
    return str(active.sample.id) if active and active.sample.id is not None else None


def _output(answer: Answer) -> ModelOutput:
    choices = [
        ChatCompletionChoice(
            message=ChatMessageAssistant(content=_content(sample), model=answer.model, source="generate"),
            stop_reason=_FINISHES.get(sample.finish, "stop"),
        )
        for sample in answer.samples
    ]
    return ModelOutput(model=answer.model, choices=choices, usage=_usage(answer), metadata=told_of(answer))


def _content(sample: Sample) -> str | list[Content]:
    parts: list[Any] = [ContentReasoning(reasoning=sample.thoughts)] if sample.thoughts else []
    if sample.refusal and not sample.text.strip():
        parts.append(ContentText(text=sample.refusal, refusal=True))
    elif not parts:
        return sample.text
    else:
        parts.append(ContentText(text=sample.text))
    return parts


def _usage(answer: Answer) -> ModelUsage | None:
    spent = answer.usage
    if spent is None:
        return None
    return ModelUsage(
        input_tokens=spent.input_tokens - min(spent.cached_tokens, spent.input_tokens),
        input_tokens_cache_read=spent.cached_tokens,
        output_tokens=spent.output_tokens,
        total_tokens=spent.input_tokens + spent.output_tokens,
    )
