"""What things are called outside that know one level of names where there are two."""

CANDIDATE = "candidate"
"""Stands in a stage's place for what has not entered any; no stage may be called that."""


def registered_name(model: str, stage: str = CANDIDATE) -> str:
    """Name of the MLflow experiment, and of the registered model, of one stage of a model.

    Two models may come to the same name (``a-b`` with ``c``, ``a`` with ``b-c``): opening a gate refuses the second.
    """
    return f"{model}-{stage}"
