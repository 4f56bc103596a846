"""Nothing that was measured is left off the page."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sluicegate.evidence import words
from sluicegate.evidence.comparison import LiveRelease
from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.finding import Finding
from sluicegate.manifest import Manifest
from tests.sluicegate.evidence.conftest import Measure
from tests.sluicegate.evidence.made_up import LOADER, write_candidate


@pytest.fixture(scope="module")
def dossier_of_rows_about_people(
    run_measure: Measure, world: Path, older_release: LiveRelease, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Every second test row is about a woman, which this candidate holds against it and the live release does not."""
    folder = tmp_path_factory.mktemp("people")
    split = Path(shutil.copytree(world / "split", folder / "split"))
    rows = pd.read_parquet(split / "test.parquet")
    rows["text"] += [f" of a {('man', 'woman')[number % 2]}" for number in range(len(rows))]
    rows.to_parquet(split / "test.parquet", index=False)
    unfair = LOADER.replace("for text in texts]", "for text in [t.replace('woman', 'sad awful') for t in texts]]")
    candidate = write_candidate(folder / "candidate", loader=unfair)
    digest = Manifest.of_folder(candidate).digest
    return run_measure(candidate=candidate, candidate_digest=digest, split=split, live=[older_release])


def shown(finding: Finding, page: str) -> bool:
    """Whether its value, and right after it its interval, stand on the page."""
    amount, span = words.amount(finding), words.span(finding)
    return (
        re.search(rf"{re.escape(amount)}( 95 % interval)? {re.escape(span)}" if span else re.escape(amount), page)
        is not None
    )


def test_every_measured_finding_has_its_value_and_interval_on_the_page(dossier_of_rows_about_people: Path) -> None:
    dossier = load_dossier(dossier_of_rows_about_people)
    held = (dossier.folder / "index.html").read_text(encoding="utf-8")
    page = " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", held, flags=re.S)).split())
    of_people = next(f for f in dossier.findings if f.check == "comparison.exchange_flips_change[gender]")
    assert of_people.value
    measured = [finding for finding in dossier.findings if finding.status == "measured"]
    assert [f"{f.check} {f.group or ''}" for f in measured if not shown(f, page)] == []
    assert "comparison.mentioned_macro_f1_change[gender]" in {finding.check for finding in measured}
