from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sluicegate.errors import TamperingDetected
from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.latency import (
    BATCH,
    latency_findings,
    latency_in_words,
    quantile_interval,
    time_candidate,
    time_questions,
)
from sluicegate.manifest import Manifest
from tests.sluicegate.evidence.conftest import DATA_REPORTS, Measure
from tests.sluicegate.evidence.made_up import LOADER, write_candidate


def test_an_interval_of_the_median_of_ten_is_the_second_and_the_ninth() -> None:
    # two heads or fewer of ten: 56 of 1024, more than 2.5 %; one or fewer: 11 of 1024, less
    assert quantile_interval([float(n) for n in range(10, 0, -1)], 0.5, 0.95) == (2.0, 9.0)


def test_the_interval_holds_the_quantile_as_often_as_it_says() -> None:
    random, true = np.random.default_rng(0), 0.95
    held = []
    for _ in range(400):
        low, high = quantile_interval(list(random.random(200)), 0.95, 0.9) or (1, 0)
        held.append(low <= true <= high)
    assert 0.87 < np.mean(held) <= 1


@pytest.mark.parametrize(("count", "share"), [(0, 0.5), (1, 0.5), (5, 0.5), (40, 0.95)])
def test_of_too_few_timings_there_is_no_interval(count: int, share: float) -> None:
    assert quantile_interval([1.0] * count, share, 0.95) is None


@pytest.mark.parametrize(("fewest", "share"), [(72, 0.95), (6, 0.5)])
def test_the_fewest_that_are_enough_are_those_that_the_documentation_names(fewest: int, share: float) -> None:
    assert quantile_interval([1.0] * (fewest - 1), share, 0.95) is None
    assert quantile_interval([1.0] * fewest, share, 0.95) == (1.0, 1.0)


def test_a_quantile_of_too_few_timings_is_not_evaluated() -> None:
    timed = {"single_ms": [1.0, 2.0, 3.0] * 4, "batch_ms": [0.5] * 3, "batch": BATCH, "seed": 0}
    median, tail, batch = latency_findings(timed, 0.95)
    assert (median.status, median.value, median.n, median.unit) == ("measured", 2.0, 12, "ms")
    too_few = "timings are too few for an interval of this quantile; there are no more than fit in 30 s"
    assert tail.why == f"12 {too_few}"
    assert batch.why == f"3 {too_few}"
    assert {finding.why for finding in latency_findings({}, 0.95)} == {"it was not timed"}


@pytest.mark.parametrize(
    ("seconds_each", "timings"),
    [
        pytest.param(1 / 1024, 300, id="quick: all questions, in less than two seconds"),
        pytest.param(1 / 64, 129, id="two seconds, then no more"),
        pytest.param(1 / 4, 72, id="slow: on until there is an interval"),
        pytest.param(1.0, 28, id="too slow: 30 seconds with the three that are not timed"),
        pytest.param(64.0, 1, id="one that takes longer than there is time for"),
    ],
)
def test_timing_goes_on_until_there_are_enough_for_an_interval_or_the_time_is_up(
    seconds_each: float, timings: int
) -> None:
    now = [0.0]  # a clock that the answers move on: nothing here takes time

    def answer(question: list[str]) -> None:
        now[0] += seconds_each

    found = time_questions(answer, [["a"]] * 300, 72, lambda: now[0])
    assert found == [round(1000 * seconds_each, 4)] * timings
    tail = latency_findings({"single_ms": found, "seed": 0}, 0.95)[1]
    assert tail.status == ("measured" if timings >= 72 else "not_evaluated")


def test_a_candidate_is_timed_one_row_at_a_time_and_in_batches(tmp_path: Path, world: Path) -> None:
    asked = tmp_path / "asked.txt"
    noting = f"        with open({str(asked)!r}, 'a') as file: print(len(texts), file=file)\n        hits ="
    candidate = write_candidate(tmp_path / "candidate", loader=LOADER.replace("        hits =", noting))
    test = pd.read_parquet(world / "split" / "test.parquet")
    timed = time_candidate(candidate, Manifest.of_folder(candidate).digest, test, 0, 0.95)
    sizes = [int(line) for line in asked.read_text().split()]
    warm = 3  # asked before each of the two, and not timed
    assert sizes == [1] * (warm + len(timed["single_ms"])) + [BATCH] * (warm + len(timed["batch_ms"]))
    assert min(timed["single_ms"] + timed["batch_ms"]) > 0
    assert timed["threads"] >= 1
    assert timed["processor"]
    lengths = test["text"].str.len()
    assert lengths.min() <= timed["median_characters"] <= lengths.max()


def test_a_candidate_of_other_bytes_is_not_run(world: Path) -> None:
    with pytest.raises(TamperingDetected):
        time_candidate(world / "candidate", "0" * 64, pd.DataFrame({"text": ["a"]}), 0, 0.95)


def test_the_dossier_names_the_machine_and_keeps_every_timing(first_dossier: Path) -> None:
    dossier = load_dossier(first_dossier)
    found = dossier.find("footprint.latency")
    assert found is not None
    assert (found.value, found.n) == (pytest.approx(2.495), 100)
    assert found.interval is not None
    said = latency_in_words(DATA_REPORTS["latency"], dossier.findings)
    assert said == [
        "One row at a time takes 2.5 ms, and 95 of 100 take 2.94 ms at most; in batches of 32 it is 0.595 ms each "
        "(2 threads of 4 processors, a made-up processor, texts of 30 characters)."
    ]
    assert said[0] in (first_dossier / "index.html").read_text(encoding="utf-8")
    assert "`footprint.latency_p95`" in (first_dossier / "model_card.md").read_text(encoding="utf-8")


def test_a_dossier_without_timings_says_so(run_measure: Measure) -> None:
    dossier = load_dossier(run_measure(data_reports={}))
    found = dossier.find("footprint.latency")
    assert found is not None
    assert (found.status, found.why) == ("not_evaluated", "it was not timed")
