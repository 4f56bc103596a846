"""Where Great Expectations cannot evaluate an expectation on these data: what it raises, and what it would log."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from sluicegate.data.validation.over_all import NotMeasurable

_CHATTER = ("", ".validator.metrics_calculator", ".validator.validation_graph")


def not_evaluated() -> tuple[type[Exception], ...]:
    """What Great Expectations raises where an expectation cannot be evaluated on these data."""
    from great_expectations.exceptions import GreatExpectationsError

    return (
        NotMeasurable,
        GreatExpectationsError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        ArithmeticError,
        AssertionError,
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Silence from Great Expectations, which logs the error of a metric; that, and a warning, may quote a cell."""
    loggers = [logging.getLogger(f"great_expectations{name}") for name in _CHATTER]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # dateutil names a time zone that it does not know
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
