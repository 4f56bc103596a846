"""The recipe of each task."""

from __future__ import annotations

from functools import cache

from sluicegate.spec.model import Task
from sluicegate.training.recipes.causal_lm import CausalLanguageModelling
from sluicegate.training.recipes.image_classification import ImageClassification
from sluicegate.training.recipes.masked_lm import MaskedLanguageModelling
from sluicegate.training.recipes.recipe import Recipe
from sluicegate.training.recipes.sequence_classification import SequenceClassification
from sluicegate.training.recipes.token_classification import TokenClassification

_RECIPES: dict[Task, type[Recipe]] = {
    "sequence-classification": SequenceClassification,
    "token-classification": TokenClassification,
    "causal-lm": CausalLanguageModelling,
    "masked-lm": MaskedLanguageModelling,
    "image-classification": ImageClassification,
}


@cache
def recipe_for(task: Task) -> Recipe:
    """The recipe of `task`."""
    return _RECIPES[task]()
