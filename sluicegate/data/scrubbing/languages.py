"""Which modules of recognizers serve which language: another language is another module and a line here.

Each module has one function, ``recognizers() -> list[EntityRecognizer]``. What needs no language is always there.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

EVERY = ("common",)
MODULES = {"en": ("english",), "zh": ("chinese",)}
"""Language → modules in `sluicegate.data.scrubbing.recognizers`."""


def rule_recognizers(languages: Iterable[str]) -> list[Any]:
    """The recognizers by rule for texts in `languages`, those that need no language first."""
    names = dict.fromkeys([*EVERY, *(name for language in languages for name in MODULES[language])])
    modules = [import_module(f"sluicegate.data.scrubbing.recognizers.{name}") for name in names]
    return [recognizer for module in modules for recognizer in module.recognizers()]
