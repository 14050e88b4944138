"""What Inspect finds here by the entry point ``inspect_ai``: ``derender/vision2code`` and its scorers, the provider."""

from inspect_ai.model import ModelAPI, modelapi

from derender.benchmarks.vision2code.inspect_task import drawn_again, rating_again, vision2code

__all__ = ["derender", "drawn_again", "rating_again", "vision2code"]


@modelapi(name="derender")
def derender() -> type[ModelAPI]:
    """What `load_chat_model` knows by name."""
    from .inspect_provider import DerenderAPI

    return DerenderAPI
