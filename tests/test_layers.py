"""The house rule: flows → tasks → sluicegate, and inside the library from the ground up; never upward."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOUSE = {"sluicegate": 0, "tasks": 1, "flows": 2}
LIBRARY = (
    {"errors"},
    {"addresses", "cluster", "manifest", "progress", "settings", "signing", "spelling", "templates", "terms"},
    {"spec", "steps", "runs"},
    {"data", "training", "evidence", "drafting"},
    {"policy", "ledger"},
    {"gates"},
    {"desk"},
    {"audit"},
    {"registry"},
    {"housekeeping"},
    {"pipeline", "releasing"},
    {"selftest"},
)
FLOORS = {name: floor for floor, names in enumerate(LIBRARY) for name in names}
STRANGERS = LIBRARY[3]


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imports(source: str) -> Iterator[str]:
    """Every module that the source imports, those inside functions included, those for type checking too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def upward(place: str, source: str) -> list[str]:
    """Imports of `source`, which lies at the dotted `place`, that point up or at a stranger."""
    house, *inside = place.split(".")
    found = []
    for name in imports(source):
        other, *within = name.split(".")
        if other in HOUSE and HOUSE[other] > HOUSE[house]:
            found.append(name)
        if house == other == "sluicegate" and inside and within and within[0] in FLOORS and inside[0] in FLOORS:
            mine, theirs = inside[0], within[0]
            strangers = mine != theirs and {mine, theirs} <= STRANGERS
            if FLOORS[theirs] > FLOORS[mine] or strangers:
                found.append(name)
        if house == "sluicegate" and other == "prefect":
            found.append(name)
    return found


@pytest.mark.parametrize(
    "path", [pytest.param(p, id=str(p.relative_to(ROOT))) for p in sources("sluicegate", "tasks", "flows")]
)
def test_no_import_points_up(path: Path) -> None:
    place = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    assert upward(place, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("place", "source"),
    [
        pytest.param("sluicegate.data.sources.reading", "import tasks.data", id="library to tasks"),
        pytest.param("tasks.data", "from flows import build", id="tasks to flows"),
        pytest.param("sluicegate.policy", "def f():\n    from prefect import task", id="library to prefect"),
        pytest.param("sluicegate.data.splits", "from sluicegate.training import loop", id="strangers"),
        pytest.param("sluicegate.policy", "from sluicegate import gates", id="policy to gates"),
        pytest.param("sluicegate.gates.gate", "import sluicegate.registry.stages", id="gates to registry"),
    ],
)
def test_an_import_that_points_up_is_found(place: str, source: str) -> None:
    assert upward(place, source)


def test_every_module_of_the_library_has_a_floor() -> None:
    names = {p.stem if p.is_file() else p.name for p in (ROOT / "sluicegate").iterdir() if p.suffix in ("", ".py")}
    assert names - {"__init__", "__pycache__"} <= FLOORS.keys()
