"""What is particular to a task: how its rows are encoded, what a model's outputs stand for, and how they are scored.

A file for each task; `recipe_for` gives the one that a spec names.
"""

from sluicegate.training.recipes.choice import recipe_for
from sluicegate.training.recipes.recipe import Recipe

__all__ = ["Recipe", "recipe_for"]
