"""How the paper trained on its sets, as numbers for whoever trains on sets of one's own."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """Hyper-parameters of supervised fine-tuning.

    Attributes:
        source: whose they are.
        base_model: what is trained.
        method: which of its weights are.
        devices: processes, one for each GPU.
        sharding: how the weights are spread over them.
        learning_rate: at its highest.
        schedule: how it falls.
        warmup_ratio: share of the steps in which it rises first.
        epochs: times that each pair is seen.
        per_device_batch_size: pairs at once.
        gradient_accumulation_steps: batches to a step.
        precision: of the numbers.
        max_grad_norm: gradients are cut to it.
        gradient_checkpointing: whether activations are computed anew.
        reentrant_checkpointing: whether the older way of it is taken.
        max_length: tokens of a talk; what is longer is cut off.
        seed: of everything random.
        eval_steps: steps from one look at the pairs for development to the next.
        save_steps: steps from one checkpoint to the next.
        best_by: which number of the development pairs names the best checkpoint; the last one is kept beside it.
        min_pixels: pictures of fewer are enlarged.
        max_pixels: those of more are made smaller.
        loss_on: whose words count; the prompt, padding and the picture's tokens do not.
    """

    source: str
    base_model: str
    method: str
    devices: int
    sharding: str
    learning_rate: float
    schedule: str
    warmup_ratio: float
    epochs: int
    per_device_batch_size: int
    gradient_accumulation_steps: int
    precision: str
    max_grad_norm: float
    gradient_checkpointing: bool
    reentrant_checkpointing: bool
    max_length: int
    seed: int
    eval_steps: int
    save_steps: int
    best_by: str
    min_pixels: int
    max_pixels: int
    loss_on: str

    @property
    def batch_size(self) -> int:
        """Pairs to a step."""
        return self.devices * self.per_device_batch_size * self.gradient_accumulation_steps

    def steps(self, pairs: int) -> int:
        """Steps of a whole training on so many pairs."""
        return self.epochs * -(-pairs // self.batch_size)


@cache
def published_recipe() -> TrainingRecipe:
    """The paper's."""
    file = resources.files("derender.benchmarks.vision2code.ablations").joinpath("training_recipe.json")
    return TrainingRecipe(**json.loads(file.read_text("utf-8")))
