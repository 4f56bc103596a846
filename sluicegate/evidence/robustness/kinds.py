"""The kinds of perturbation by name, for those who need no more than that; `perturbations.py` has them all."""

PERTURBED = (
    "adjacent_key",
    "swap",
    "drop",
    "word_drop",
    "upper_case",
    "lower_case",
    "doubled_spaces",
    "trailing_spaces",
    "non_breaking_spaces",
    "look_alikes",
    "full_width",
)
"""In reading order."""
