"""A whole run over rows with planted personal values: afterwards they are nowhere but in the source and the vault."""

from __future__ import annotations

import csv
import gzip
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from pyrage import x25519

from sluicegate.data.vault import SCRATCH_ENV
from tests.flows.conftest import Cli, Done, Team
from tests.flows.conftest import run as command
from tests.memory import folder_in_memory

pytestmark = pytest.mark.slow

PLANTED = {
    "EMAIL_ADDRESS": "quentin.abelard@postal-garrison.org",
    "PHONE_NUMBER": "+44 20 7946 0958",
    "CREDIT_CARD": "4539 1488 0343 6467",
    "IBAN_CODE": "GB33BUKB20201555555555",
    "IP_ADDRESS": "203.0.113.77",
    "US_SSN": "536-22-8145",
    "CN_RESIDENT_ID": "11010519491231002X",
}


@pytest.fixture(scope="module")
def world(small_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world with planted values in its rows, one of which the suite sets aside, and a vault."""
    folder = tmp_path_factory.mktemp("planted") / "world"
    shutil.copytree(small_world, folder)
    with (folder / "rows.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    for place, value in enumerate(PLANTED.values()):
        rows[7 + place][1] += f" please answer {value} today"
        rows[40 + place][1] += f" x{'y' * 600} {value}"  # longer than the suite allows: set aside
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    spec = yaml.safe_load((folder / "spec.yaml").read_text(encoding="utf-8"))
    spec["validation"]["quarantine_max_share"] = 0.1
    spec["scrubbing"] = {"processes": 1, "canaries": 20}
    identity = x25519.Identity.generate()
    spec["vault"] = {"recipient": str(identity.to_public())}
    (folder / "spec.yaml").write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    (folder / "identity").write_text(str(identity), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the run may write to a disk outside its home."""
    folder = tmp_path_factory.mktemp("away")
    (folder / "tmp").mkdir()
    return folder


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """Where the run may hold rows in the clear."""
    with folder_in_memory() as folder:
        yield folder


def settings(world: Path, away: Path, memory: Path) -> dict[str, str]:
    return {
        "SLUICEGATE_VAULT_IDENTITY": str(world / "identity"),
        SCRATCH_ENV: str(memory),
        "TMPDIR": str(away / "tmp"),
    }


@pytest.fixture(scope="module")
def finished(world: Path, away: Path, memory: Path, module_home: Path, team: Team) -> Done:
    team.found(module_home)
    return command("run", str(world / "spec.yaml"), home=module_home, **settings(world, away, memory))


def contents(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file below, also what is compressed or in columns, as text."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
        raw = path.read_bytes()
        yield path, raw.decode("utf-8", "replace")
        yield path, raw.decode("utf-16-le", "replace")
        if path.suffix == ".parquet":
            yield path, str(pq.read_table(path).to_pylist())
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((path, archive.read(name).decode("utf-8", "replace")) for name in archive.namelist())
        elif raw[:2] == b"\x1f\x8b":
            yield path, gzip.decompress(raw).decode("utf-8", "replace")


def found_in(folder: Path) -> list[tuple[str, str]]:
    return sorted(
        {
            (str(path.relative_to(folder)), kind)
            for path, text in contents(folder)
            for kind, value in PLANTED.items()
            if value in text or value.replace(" ", "") in text
        }
    )


def test_the_run_reaches_its_gate(finished: Done) -> None:
    assert finished.code == 0, finished.err
    assert "Awaiting review" in finished.out


def test_no_planted_value_is_in_any_file_that_the_run_left(
    finished: Done, module_home: Path, away: Path, memory: Path
) -> None:
    assert finished.code == 0
    assert found_in(module_home) == []
    assert found_in(away) == []
    assert list(memory.iterdir()) == []


def test_none_is_in_what_it_said(finished: Done) -> None:
    assert [kind for kind, value in PLANTED.items() if value in finished.out + finished.err] == []


def test_the_search_would_find_them(world: Path, tmp_path: Path, module_home: Path, finished: Done) -> None:
    """The same search over a run without a vault finds every one."""
    spec = yaml.safe_load((world / "spec.yaml").read_text(encoding="utf-8"))
    del spec["vault"]
    (world / "open.yaml").write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    done = command("run", str(world / "open.yaml"), "--set", "training.epochs=1", home=tmp_path / "home")
    assert {kind for _, kind in found_in(tmp_path / "home" / "steps")} == set(PLANTED), done.err


def test_rows_set_aside_are_kept_sealed_and_can_be_opened(finished: Done, world: Path, module_home: Path) -> None:
    import pyrage

    (sealed,) = module_home.glob("steps/validate-*/quarantined.parquet.age")
    identity = x25519.Identity.from_str((world / "identity").read_text(encoding="utf-8"))
    plain = world / "quarantined.parquet"
    plain.write_bytes(pyrage.decrypt(sealed.read_bytes(), [identity]))
    texts = pq.read_table(plain).column("text").to_pylist()
    assert all(any(value in text for text in texts) for value in PLANTED.values())


def test_without_the_identity_nothing_is_read(world: Path, tmp_path: Path, sluicegate: Cli) -> None:
    done = sluicegate("run", str(world / "spec.yaml"), home=tmp_path / "home")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "SLUICEGATE_VAULT_IDENTITY: is not set, and the vault cannot be opened" in done.err
    assert not list((tmp_path / "home").rglob("table.parquet*"))


def test_a_second_run_finds_the_sealed_steps_again(
    finished: Done, world: Path, away: Path, memory: Path, module_home: Path
) -> None:
    before = sorted(p.name for p in (module_home / "steps").iterdir())
    again = command("run", str(world / "spec.yaml"), home=module_home, **settings(world, away, memory))
    assert again.code == 0, again.err
    assert sorted(p.name for p in (module_home / "steps").iterdir()) == before
