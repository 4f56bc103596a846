r"""Rules that make texts: choices and slots, read from a file.

    ## greeting 3
    <Hi|Hello|Dear> {first},
    {titled}, <good morning|hello again>!

`## greeting 3` opens the rule `greeting`; the number is its weight where rules are drawn by weight, 0 if it is only
used by others. Each line after it is one alternative, all equally likely. `<a|b|>` is a choice, the last of these
empty; choices nest. `{first}` is filled by a rule of that name, or else by a slot that the caller provides. `\n` is
a line end. Lines that begin with `# ` are comments.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sluicegate.data.scrubbing.corpus.labelled import Piece
from sluicegate.errors import InputRefused

Slot = Callable[[random.Random], list[Piece]]
"""Makes what stands in a slot."""
_TOKEN = re.compile(r"[<|>]|\{[a-z_0-9]+\}|[^<|>{}]+")


@dataclass(frozen=True, slots=True)
class _Choice:
    options: tuple[tuple[_Node, ...], ...]


@dataclass(frozen=True, slots=True)
class _Reference:
    name: str


_Node = str | _Choice | _Reference


class Grammar:
    """The rules of a file, and the slots that they use.

    Args:
        path: The file of rules.
        slots: What fills the slots that are no rules.

    Raises:
        InputRefused: A line cannot be read, or uses a name that is neither a rule nor a slot.
    """

    def __init__(self, path: Path, slots: Mapping[str, Slot]) -> None:
        self._slots = slots
        self._rules: dict[str, list[tuple[_Node, ...]]] = {}
        weights: dict[str, float] = {}
        rule = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.startswith("## "):
                _, rule, weight = line.split()
                self._rules[rule], weights[rule] = [], float(weight)
            elif line and not line.startswith("# "):
                self._rules[rule].append(self._parsed(line, path, number))
        self._check(path)
        self._drawn = [name for name, weight in weights.items() if weight]
        self._weights = [weights[name] for name in self._drawn]

    @property
    def registers(self) -> tuple[str, ...]:
        """The rules that are drawn by weight."""
        return tuple(self._drawn)

    def text(self, rng: random.Random) -> list[Piece]:
        """A text by a rule drawn by weight."""
        return self.expand(rng.choices(self._drawn, self._weights)[0], rng)

    def expand(self, name: str, rng: random.Random) -> list[Piece]:
        """A text by the rule `name`."""
        out: list[Piece] = []
        self._write(rng.choice(self._rules[name]), rng, out)
        return out

    def _write(self, nodes: Sequence[_Node], rng: random.Random, out: list[Piece]) -> None:
        for node in nodes:
            if isinstance(node, str):
                out.append((node, ""))
            elif isinstance(node, _Choice):
                self._write(rng.choice(node.options), rng, out)
            elif node.name in self._rules:
                self._write(rng.choice(self._rules[node.name]), rng, out)
            else:
                out.extend(self._slots[node.name](rng))

    def _parsed(self, line: str, path: Path, number: int) -> tuple[_Node, ...]:
        tokens = _TOKEN.findall(line)
        if "".join(tokens) != line:
            raise InputRefused(path, f"line {number}", "has a brace that is no slot")
        stack: list[list[list[_Node]]] = [[[]]]
        for token in tokens:
            if token == "<":
                stack.append([[]])
            elif token == "|" and len(stack) > 1:
                stack[-1].append([])
            elif token == ">" and len(stack) > 1:
                choice = _Choice(tuple(tuple(option) for option in stack.pop()))
                stack[-1][-1].append(choice)
            elif token[0] == "{" and token[-1] == "}":
                stack[-1][-1].append(_Reference(token[1:-1]))
            else:
                stack[-1][-1].append(token.replace("\\n", "\n"))
        if len(stack) != 1:
            raise InputRefused(path, f"line {number}", "opens a choice and does not close it")
        return tuple(stack[0][0])

    def _check(self, path: Path) -> None:
        known = set(self._rules) | set(self._slots)
        missing = {name for rule in self._rules.values() for nodes in rule for name in _names(nodes)} - known
        if missing:
            raise InputRefused(path, ", ".join(sorted(missing)), "neither a rule nor a slot")


def _names(nodes: Sequence[_Node]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, _Reference):
            found.add(node.name)
        elif isinstance(node, _Choice):
            for option in node.options:
                found |= _names(option)
    return found
