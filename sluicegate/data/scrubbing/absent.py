"""Libraries that a scrubbing process starts without, since loading them takes longer than scrubbing a thousand texts.

Presidio imports spaCy and PyTorch at its top and uses neither for recognizers that work by rule. PyTorch and
transformers are simply not found. spaCy and its thinc become modules in which every name is an empty class: enough
to be named in a signature or to register something with, of no other use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

NOT_FOUND = ("torch", "transformers", "stanza", "spacy_stanza", "gliner", "langextract", "azure", "openai")
"""Presidio looks whether they are there, and goes on without them."""


def do_without(*names: str) -> None:
    """Lets every import of these packages, and of modules inside them, give a module of empty classes."""
    wanted = {name for name in names if name not in sys.modules}
    sys.meta_path.insert(0, _Finder(frozenset(wanted)))


def not_found(*names: str) -> None:
    """Lets every import of these packages fail."""
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type]  # None makes an import fail


def found_again(*names: str) -> None:
    """Lets imports of packages that were not to be found find them from now on."""
    for name in names:
        if name in sys.modules and sys.modules[name] is None:
            del sys.modules[name]


class _Finder(MetaPathFinder):
    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        return ModuleSpec(name, _Loader(), is_package=True) if name.partition(".")[0] in self._names else None


class _Loader(Loader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _Empty(ModuleType):
    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        made = _EmptyClass(name, (), {"__module__": self.__name__})
        setattr(self, name, made)
        return made


class _EmptyClass(type):
    def __getattr__(cls, name: str) -> Callable[..., Callable[[Any], Any]]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: lambda registered: registered
