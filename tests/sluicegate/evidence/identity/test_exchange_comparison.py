from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sluicegate.evidence.comparison import LiveRelease, answers_of
from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.identity.exchange_comparison import change_of_flips, compare_exchanges
from sluicegate.evidence.identity.exchange_tests import ExchangeTest
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.identity.terms import Terms, read_terms
from sluicegate.evidence.lists import Lists
from sluicegate.evidence.predictions import Predictions, predict
from sluicegate.evidence.resampling import Resampling
from sluicegate.manifest import Manifest
from sluicegate.spec import Evidence, IdentityTests
from tests.sluicegate.evidence.conftest import Measure
from tests.sluicegate.evidence.made_up import LABELS, LOADER, WORDS, make_rows, write_candidate

TERMS = "side\tleft\tlefty\tperson\nside\tright\trighty\tperson\n"
RESAMPLING = Resampling(1, 400, 0.95, 0)


def write_model(folder: Path, **learned: str) -> Path:
    """A stub that has learned a word more of each label."""
    write_candidate(folder)
    (folder / "words.json").write_text(json.dumps([[*WORDS[label], learned.get(label, "…")] for label in LABELS]))
    return folder


def live(folder: Path) -> LiveRelease:
    return LiveRelease("internal", Manifest.of_folder(folder).digest, folder, None)


@pytest.fixture
def terms(tmp_path: Path) -> Terms:
    (tmp_path / "terms.tsv").write_text(TERMS, encoding="utf-8")
    return read_terms([tmp_path / "terms.tsv"])


@pytest.fixture
def fair(tmp_path: Path) -> Path:
    return write_model(tmp_path / "fair")


@pytest.fixture
def biased(tmp_path: Path) -> Path:
    """Takes one side for bad and the other for good, where nothing else tells."""
    return write_model(tmp_path / "biased", negative="lefty", positive="righty")


def rows(plain: int, praised: int, nobody: int = 5) -> pd.DataFrame:
    """Texts in which the side tells the biased model's answer, in which it does not, and without a side."""
    sides = ("lefty", "righty")
    texts = [f"the {sides[n % 3 == 0]} sang {n}" for n in range(plain)]
    texts += [f"a lovely and good song by the {sides[n % 2]} {n}" for n in range(praised)]
    return pd.DataFrame({"text": [*texts, *(f"a song {n}" for n in range(nobody))], "label": "neutral"})


def compared(candidate: Path, release: LiveRelease, terms: Terms, test: pd.DataFrame) -> tuple[Finding, dict]:
    texts = test["text"].tolist()
    exchange = ExchangeTest.of(Lexicon(terms, "side"), texts, 0)
    said = Predictions(LABELS, np.ones(len(texts), np.int64), predict(candidate, texts, "test"))
    exchanged = {"side": predict(candidate, exchange.ask(), "test", keep_improper=True)}
    given = answers_of(release, LABELS, test)
    (finding,), (figures,) = compare_exchanges(release, [exchange], said, given, exchanged, RESAMPLING)
    return finding, figures


def test_a_candidate_that_no_side_flips_is_ahead_by_all_that_flip_in_the_live_release(
    fair: Path, biased: Path, terms: Terms
) -> None:
    finding, figures = compared(fair, live(biased), terms, rows(plain=18, praised=12))
    assert finding.check == "comparison.exchange_flips_change[side]"
    assert (figures["texts"], figures["candidate"], figures["live"]) == (30, 0, 18 / 30)
    assert finding.value == pytest.approx(-18 / 30)
    low, high = finding.interval or (0, 0)
    assert -0.8 < low < -0.6 < high < -0.4  # 0.6 give or take 2 √(0.6 × 0.4 / 30)
    assert (finding.n, finding.against) == (30, live(biased).candidate_digest)

    worse, _ = compared(biased, live(fair), terms, rows(plain=18, praised=12))
    assert worse.value == pytest.approx(18 / 30)


def test_where_no_flip_differs_the_interval_is_that_of_no_difference_in_so_many_rows(
    biased: Path, terms: Terms
) -> None:
    finding, _ = compared(biased, live(biased), terms, rows(plain=18, praised=12))
    limit = 1 - 0.025 ** (1 / 30)  # of 30 rows none differs
    assert finding.value == 0
    assert finding.interval == pytest.approx((-limit, limit))


def test_flips_of_the_same_text_are_paired() -> None:
    both, other = np.arange(200) < 100, np.arange(200) >= 100
    resampling = Resampling(200, 500, 0.95, 0)
    one_more = both.copy()
    one_more[150] = True
    assert change_of_flips(one_more, both, resampling).interval == pytest.approx((0, 0.015), abs=0.006)
    low, high = change_of_flips(both, other, resampling).interval or (0, 0)
    assert (low, high) == pytest.approx((-0.139, 0.139), abs=0.03)  # 2 √(1 / 200)


@pytest.mark.parametrize(
    ("test", "status", "why"),
    [
        pytest.param(rows(0, 0), "not_applicable", "no test row has a term of it that can be exchanged", id="no term"),
        pytest.param(rows(5, 4), "not_evaluated", "9 texts to exchange a term in, fewer than 10", id="few texts"),
        pytest.param(
            rows(0, 30),
            "not_evaluated",
            "all are given the same label, so that no exchange can be told to flip it",
            id="one label",
        ),
    ],
)
def test_what_nothing_can_be_concluded_from_has_a_reason_and_no_value(
    fair: Path, biased: Path, terms: Terms, test: pd.DataFrame, status: str, why: str
) -> None:
    finding, figures = compared(fair, live(biased), terms, test)
    assert (finding.status, finding.why, finding.against) == (status, why, live(biased).candidate_digest)
    assert (figures["status"], figures["why"]) == (status, why)


@pytest.mark.parametrize("candidate_fails", [True, False], ids=["the candidate", "the live release"])
def test_answers_to_exchanged_texts_that_are_no_probabilities_count_as_nothing(
    fair: Path, biased: Path, terms: Terms, tmp_path: Path, candidate_fails: bool
) -> None:
    asked = rows(plain=18, praised=12)
    before = set(asked["text"])
    loader = LOADER.replace(
        "return powers / powers.sum(1, keepdims=True)",
        f"powers[[t not in {before!r} for t in texts]] = np.nan; return powers / powers.sum(1, keepdims=True)",
    )
    broken = write_candidate(tmp_path / "broken", loader=loader)
    candidate, release = (broken, live(fair)) if candidate_fails else (fair, live(broken))
    finding, figures = compared(candidate, release, terms, asked)
    assert (finding.status, finding.why) == ("not_evaluated", "30 of 30 answers are no probabilities")
    assert "candidate" not in figures


def test_a_live_release_with_other_labels_is_not_evaluated(fair: Path, terms: Terms, tmp_path: Path) -> None:
    other = write_candidate(tmp_path / "other", labels=("negative", "positive"))
    finding, _ = compared(fair, live(other), terms, rows(18, 12))
    assert (finding.status, finding.why) == ("not_evaluated", "the live release knows other labels")


def test_the_dossier_says_whether_counterfactual_copies_helped(
    run_measure: Measure, fair: Path, biased: Path, terms: Terms, tmp_path: Path
) -> None:
    (tmp_path / "split").mkdir()
    for part, count in (("train", 90), ("validation", 30), ("test", 60)):
        told = make_rows(count, seed=count, prefix=part)
        told["text"] = [f"{text} of the {('lefty', 'righty')[n % 2]}" for n, text in enumerate(told["text"])]
        told.to_parquet(tmp_path / "split" / f"{part}.parquet", index=False)
    settings = Evidence(
        bootstrap_rounds=100,
        minimum_group_size=10,
        identity=IdentityTests(attributes=["side"], terms=[str(tmp_path / "terms.tsv")]),
    )
    folder = run_measure(
        candidate=fair,
        candidate_digest=Manifest.of_folder(fair).digest,
        live=[live(biased)],
        split=tmp_path / "split",
        spec_evidence=settings,
        lists=Lists(terms=(tmp_path / "terms.tsv",)),
        lineage={"model": "stub", "training": {"fairness": {"counterfactual": {"pairs": []}}}},
    )
    finding = load_dossier(folder).find("comparison.exchange_flips_change[side]", live(biased).candidate_digest)
    assert finding is not None
    assert finding.value is not None
    assert finding.value < 0
    (held,) = json.loads((folder / "comparison.json").read_text())["figures"][0]["exchanges"]
    assert finding.value == held["candidate"] - held["live"] == held["change"]["value"]
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert f"side 0.0 % (of 60; the live release’s {100 * held['live']:.1f} %)".replace("’", "&#39;") in page
    assert "It was trained with counterfactual copies." in page
    assert f"attribute, against {live(biased).candidate_digest[:12]}…" in page
