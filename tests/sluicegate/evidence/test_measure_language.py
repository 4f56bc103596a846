"""A stub language model that counts letters, measured from end to end; and base models of some thousand weights."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sluicegate.errors import InputRefused
from sluicegate.evidence.checks import check_of, checks_for
from sluicegate.evidence.comparison import LiveRelease
from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.language_scores import differences
from sluicegate.evidence.model_card.chinese_reasons import in_chinese
from sluicegate.evidence.predictions import Likelihoods, predict_likelihoods
from sluicegate.evidence.resampling import Resampling
from sluicegate.evidence.tracing import trace_all
from sluicegate.manifest import Manifest
from sluicegate.spec import Evidence
from tests.sluicegate.evidence.conftest import Measure

LOADER = r"""
import json, math
from pathlib import Path

class Model:
    "Bits a letter as the file says; ☂ it does not know."
    def __init__(self, bits):
        self.bits = bits

    def tokens(self, texts):
        return [[ord(c) % 128 for c in text if c != "☂"] for text in texts]

    def predict(self, texts):
        nats, told = self.bits * math.log(2), self.tokens(texts)
        return [
            {"log_likelihood": -nats * len(of), "tokens": len(of), "unknown_bytes": 3 * text.count("☂")}
            for of, text in zip(told, texts)
        ]

def load(folder):
    return Model(json.loads((Path(folder) / "bits.json").read_text()))
"""


def write_model(folder: Path, bits: float, task: str = "masked-lm") -> Path:
    folder.mkdir(parents=True)
    (folder / "bits.json").write_text(json.dumps(bits))
    (folder / "loader.py").write_text(LOADER)
    config = {"vocab_size": 128, "model_type": "gpt2", "n_positions": 64}  # of a causal one, too few to write texts
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "candidate.json").write_text(json.dumps({"task": task, "labels": [], "max_length_tokens": 64}))
    return folder


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``candidate``, ``older`` (needs more bits), ``other`` (another task) and ``split``."""
    folder = tmp_path_factory.mktemp("told")
    write_model(folder / "candidate", 2.0)
    write_model(folder / "older", 2.5)
    write_model(folder / "other", 2.5, "causal-lm")
    (folder / "split").mkdir()
    draw = random.Random(0)
    for part, count in (("train", 150), ("validation", 20), ("test", 80)):
        rows = [
            (f"{part}-{n}", f"qtext{part}{n} " + "abca"[: draw.randint(1, 4)] * 9 + "☂" * (n % 2), ("x", "y")[n % 2])
            for n in range(count)
        ]
        table = pd.DataFrame(rows, columns=["id", "text", "shop"])
        table.to_parquet(folder / "split" / f"{part}.parquet", index=False)
    return folder


def live(told: Path, name: str = "older") -> LiveRelease:
    return LiveRelease("internal", Manifest.of_folder(told / name).digest, told / name, told / "split")


def of(told: Path, **changed: object) -> dict[str, object]:
    return {
        "candidate": told / "candidate",
        "candidate_digest": Manifest.of_folder(told / "candidate").digest,
        "split": told / "split",
        "spec_evidence": Evidence(
            baselines=["unigram", "trigram", "untuned"], bootstrap_rounds=100, minimum_group_size=10
        ),
        "labels": (),
        "groups": ["shop"],
        "task": "masked-lm",
    } | changed


@pytest.fixture(scope="module")
def told_dossier(told: Path, run_measure: Measure) -> Path:
    return run_measure(**of(told, live=[live(told)]))


@pytest.fixture(scope="module")
def causal_dossier(told: Path, run_measure: Measure) -> Path:
    digest = Manifest.of_folder(told / "other").digest
    return run_measure(**of(told, task="causal-lm", candidate=told / "other", candidate_digest=digest))


def test_there_is_a_finding_for_every_check_of_the_task_and_for_no_other(told_dossier: Path) -> None:
    findings = load_dossier(told_dossier).findings
    names = checks_for([], ["shop"], ["unigram", "trigram", "untuned"], "masked-lm")

    assert list(dict.fromkeys(f.check for f in findings)) == list(names)
    assert {f.check: f.status for f in findings if f.status != "measured"} == {
        "baseline.bits_per_byte_gain[unigram]": "not_applicable",
        "baseline.bits_per_byte_gain[trigram]": "not_applicable",
        "baseline.bits_per_byte[untuned]": "not_evaluated",
        "baseline.bits_per_byte_gain[untuned]": "not_evaluated",
        "data.label_share_lowest": "not_applicable",
        "data.conflicting_share": "not_applicable",
        "privacy.membership_tpr_at_0_1_percent": "not_evaluated",
        "privacy.membership_tpr_at_1_percent": "not_evaluated",
        "privacy.canary_exposure_mean": "not_applicable",
        "privacy.canary_exposure_largest": "not_applicable",
        "privacy.extracted_share": "not_applicable",
        "privacy.extracted_share_excess": "not_applicable",
    }
    units = {f.check: f.unit.removesuffix(" (modelled)").removesuffix(" (delta 1e-06)") for f in findings}
    assert units == {name: check.unit for name, check in names.items()}


def test_figures_are_those_of_the_texts(told_dossier: Path, told: Path) -> None:
    texts = pd.read_parquet(told / "split" / "test.parquet")["text"]
    size = sum(len(text.encode()) for text in texts)
    unknown = sum(3 * text.count("☂") for text in texts)
    dossier = load_dossier(told_dossier)
    values = {f.check: f.value for f in dossier.findings}

    assert values["performance.bits_per_byte"] == pytest.approx((2 * (size - unknown) + 8 * unknown) / size)
    assert values["performance.perplexity"] == pytest.approx(4)
    assert values["performance.unknown_share"] == pytest.approx(unknown / size)
    assert dossier.find("performance.bits_per_byte").interval is not None


def test_a_group_with_unknown_words_is_harder(told_dossier: Path) -> None:
    held = json.loads((told_dossier / "groups.json").read_text(encoding="utf-8"))["figures"]
    x, y = ({g["group"]: g["bits_per_byte"]["value"] for g in held[0]["groups"]}[name] for name in "xy")
    dossier = load_dossier(told_dossier)

    assert x == pytest.approx(2)
    assert dossier.find("group.bits_per_byte_highest[shop]").value == pytest.approx(y)
    assert dossier.find("group.bits_per_byte_gap[shop]").value == pytest.approx(y - x)


def test_counts_of_three_tell_more_than_counts_of_one(causal_dossier: Path) -> None:
    dossier = load_dossier(causal_dossier)
    one, three = (dossier.find(f"baseline.bits_per_byte[{name}]").value for name in ("unigram", "trigram"))
    own = dossier.find("performance.bits_per_byte").value

    assert three < one
    assert dossier.find("baseline.bits_per_byte_gain[unigram]").value == pytest.approx(one - own)


@pytest.mark.parametrize("baseline", ["unigram", "trigram"])
def test_a_masked_model_is_told_no_gain_over_counts(told_dossier: Path, causal_dossier: Path, baseline: str) -> None:
    """Its pseudo-likelihood can take fewer bits than the texts hold, as here where it takes two for any letter."""
    masked, causal = (load_dossier(folder) for folder in (told_dossier, causal_dossier))
    gain = masked.find(f"baseline.bits_per_byte_gain[{baseline}]")
    name = f"baseline.bits_per_byte[{baseline}]"

    assert (gain.status, in_chinese(gain.why).endswith("（原文）")) == ("not_applicable", False)
    assert masked.find(name).value == causal.find(name).value  # counts themselves are measured
    held = json.loads((told_dossier / "baselines.json").read_text(encoding="utf-8"))["figures"]
    assert [list(of_one["estimates"]) for of_one in held if of_one["baseline"] == baseline] == [["other"]]


def test_the_candidate_tells_texts_in_fewer_bits_than_the_live_release(told_dossier: Path) -> None:
    dossier = load_dossier(told_dossier)
    against = dossier.live[0]["candidate"]
    change = dossier.find("comparison.bits_per_byte_change", against)

    assert -0.5 < change.value < 0
    assert change.interval[1] < 0
    assert dossier.find("comparison.less_likely_share", against).value == 0
    by_shop = dossier.find_all("comparison.group_bits_per_byte_change[shop]", against)
    assert [(finding.group, finding.n, finding.unit) for finding in by_shop] == [
        ("x", 40, "bits per byte"), ("y", 40, "bits per byte")
    ]  # fmt: skip
    assert by_shop[0].value < change.value < by_shop[1].value < 0  # texts of y hold a byte that neither can spell


def test_models_of_different_tasks_are_not_compared(
    told: Path, run_measure: Measure, older_release: LiveRelease
) -> None:
    dossier = load_dossier(run_measure(**of(told, live=[live(told, "other"), older_release])))

    for digest in (entry["candidate"] for entry in dossier.live):
        found = dossier.find("comparison.bits_per_byte_change", digest)
        assert (found.status, found.why) == ("not_evaluated", "the live release does another task")


def test_a_classifier_is_not_compared_with_a_language_model_that_is_live(
    run_measure: Measure, told: Path, world: Path
) -> None:
    release = LiveRelease("internal", live(told).candidate_digest, told / "older", world / "split")
    dossier = load_dossier(run_measure(live=[release]))

    found = dossier.find("comparison.macro_f1_change", release.candidate_digest)
    assert (found.status, found.why) == ("not_evaluated", "the live release knows other labels")


def test_of_few_texts_nothing_is_concluded(told: Path, run_measure: Measure) -> None:
    settings = Evidence(baselines=["unigram", "untuned", "tfidf"], bootstrap_rounds=100, minimum_group_size=81)
    folder = run_measure(**of(told, live=[live(told)], spec_evidence=settings))
    own = ("performance.", "baseline.", "comparison.")
    found = [f for f in load_dossier(folder).findings if f.check.startswith(own) and f.check != "comparison.seen_share"]

    assert {f.status for f in found} == {"not_evaluated"}
    assert {f.why for f in found if "tfidf" not in f.check} == {"80 rows, fewer than 81"}
    assert {f.why for f in found if "tfidf" in f.check} == {"tfidf does not tell texts"}
    assert all(f.unit == check_of(f.check).unit for f in found)
    held = json.loads((folder / "performance.json").read_text(encoding="utf-8"))["figures"]
    assert {of_one["value"] for of_one in held["estimates"].values()} == {None}


def test_no_text_is_anywhere_in_the_dossier(told_dossier: Path) -> None:
    for path in told_dossier.rglob("*"):
        if path.suffix in (".json", ".html"):
            assert "qtext" not in path.read_text(encoding="utf-8"), path.name
    kept = pd.read_parquet(told_dossier / "predictions.parquet")
    assert list(kept.columns) == ["id", "shop", "nats", "tokens", "bytes", "unknown"]


def test_the_page_speaks_of_bits(told_dossier: Path, causal_dossier: Path) -> None:
    masked, causal = ((folder / "index.html").read_text(encoding="utf-8") for folder in (told_dossier, causal_dossier))

    for page in (masked, causal):
        assert "bits a byte, where the bytes themselves take 8" in page
        assert "hardest to tell are texts of “y”" in page
        assert "<h3>By label</h3>" not in page
    assert "in bits per byte ahead of" in causal or "in bits per byte behind" in causal
    assert "in bits per byte ahead of" not in masked
    assert "in bits per byte behind" not in masked
    assert ("Both rest on a pseudo-likelihood" in masked, "Both rest on a pseudo-likelihood" in causal) == (True, False)


def test_the_same_bytes_come_out_again(run_measure: Measure, told: Path, told_dossier: Path) -> None:
    again = run_measure(**of(told, live=[live(told)]))

    assert Manifest.of_folder(told_dossier).differences(again) == ()


def test_a_baseline_for_labels_is_not_asked_for_likelihoods(run_measure: Measure, told: Path) -> None:
    settings = Evidence(baselines=["tfidf"], bootstrap_rounds=100, minimum_group_size=10)
    found = load_dossier(run_measure(**of(told, spec_evidence=settings))).find("baseline.bits_per_byte[tfidf]")

    assert (found.status, found.why) == ("not_evaluated", "tfidf does not tell texts")


def test_a_masked_model_is_not_measured_as_a_causal_one(run_measure: Measure, told: Path) -> None:
    with pytest.raises(InputRefused, match="task: is masked-lm, not causal-lm"):
        run_measure(**of(told, task="causal-lm"))


@pytest.mark.parametrize("likelihood", [pytest.param("1.0", id="above one"), pytest.param("float('nan')", id="NaN")])
def test_answers_that_cannot_be_are_refused(tmp_path: Path, likelihood: str) -> None:
    folder = write_model(tmp_path / "model", 1.0)
    (folder / "loader.py").write_text(
        "class M:\n    def predict(self, texts):\n"
        f"        return [{{'log_likelihood': {likelihood}, 'tokens': 1, 'unknown_bytes': 0}} for _ in texts]\n\n"
        "def load(folder):\n    return M()\n"
    )
    with pytest.raises(InputRefused, match="gave what is no likelihood"):
        predict_likelihoods(folder, ["ab"], "test")


def test_differences_worked_by_hand() -> None:
    ones = np.ones(2)
    said = Likelihoods(nats_N=np.log(2) * np.array([2.0, 6.0]), tokens_N=ones, bytes_N=2 * ones, unknown_N=0 * ones)
    found = differences(said, np.log(2) * np.array([4.0, 5.0]), Resampling(2, 100, 0.95, 0))

    assert found["other"].value == pytest.approx(9 / 4)
    assert found["bits_per_byte"].value == pytest.approx(1 / 4)
    assert found["change"].value == pytest.approx(-1 / 4)
    assert found["less_likely"].value == 0.5


@pytest.mark.parametrize("task", ["causal-lm", "masked-lm"])
def test_further_training_is_held_against_the_base_model(
    task: str, run_measure: Measure, told: Path, tmp_path: Path
) -> None:
    """The base and the candidate are one model here, so nothing was gained."""
    import torch

    from sluicegate.spec.model import Scratch
    from sluicegate.training.candidate import pack
    from sluicegate.training.scratch import make_base

    sizes = {"layers": 1, "hidden": 16, "heads": 2, "vocabulary": 300, "longest": 32}
    torch.manual_seed(0)
    base = make_base(["qtext abca test"] * 3, (), task, Scratch(**sizes))
    for part in (base.model, base.tokenizer):
        part.save_pretrained(tmp_path / "base")
    pack(tmp_path / "base", tmp_path / "candidate", labels=(), max_length_tokens=32, task=task)
    settings = Evidence(baselines=["untuned"], bootstrap_rounds=100, minimum_group_size=10)
    given = of(
        told,
        task=task,
        spec_evidence=settings,
        base_model=tmp_path / "base",
        candidate=tmp_path / "candidate",
        candidate_digest=Manifest.of_folder(tmp_path / "candidate").digest,
    )
    dossier = load_dossier(run_measure(**given))

    own = dossier.find("performance.bits_per_byte").value
    assert math.isfinite(own)
    assert dossier.find("baseline.bits_per_byte[untuned]").value == own
    assert dossier.find("baseline.bits_per_byte_gain[untuned]").value == 0

    body = base.model.base_model  # a body alone has no head for the task
    if task == "masked-lm":
        body.save_pretrained(tmp_path / "body")
        found = load_dossier(run_measure(**(given | {"base_model": tmp_path / "body"}))).find(
            "baseline.bits_per_byte_gain[untuned]"
        )
        assert found.status == "not_evaluated"
        assert found.why.startswith("the base model cannot tell texts: has no weights for cls.predictions")


def test_it_traces_whole(told_dossier: Path) -> None:
    dossier = load_dossier(told_dossier)
    assert trace_all(dossier).keys() == dossier.files.keys()
