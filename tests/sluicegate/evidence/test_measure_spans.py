"""A stub tagger that marks the words it knows, measured from end to end."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pandas as pd
import pytest

from sluicegate.errors import InputRefused
from sluicegate.evidence.checks import checks_for
from sluicegate.evidence.comparison import LiveRelease
from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.predictions import labels_of, predict_spans, task_of
from sluicegate.evidence.span_baseline import learn, look_up
from sluicegate.evidence.tracing import trace_all
from sluicegate.manifest import Manifest
from sluicegate.spec import Evidence
from sluicegate.spec.spans import Span, dump_spans, parse_spans
from tests.sluicegate.evidence.conftest import Measure

LABELS = ("PERSON", "PLACE")
KNOWN = {"PERSON": ("Adaxq", "Bramxq", "Cleoxq", "Dirkxq"), "PLACE": ("Romexq", "Osloxq", "Limaxq")}
LOADER = r"""
import json, re
from pathlib import Path

class Tagger:
    def __init__(self, words):
        self.words = words

    def predict(self, texts):
        return [
            [
                {"start": m.start(), "end": m.end(), "entity_type": self.words[m[0]], "score": 1.0}
                for m in re.finditer(r"\w+", text) if m[0] in self.words
            ]
            for text in texts
        ]

def load(folder):
    return Tagger(json.loads((Path(folder) / "words.json").read_text()))
"""
OF_A_TEXT = re.compile(r"[a-z]xq\b|qtext\d+")


def write_tagger(folder: Path, *, known: int = 9, labels: tuple[str, ...] = LABELS) -> Path:
    folder.mkdir(parents=True)
    words = {word: kind for kind, of in KNOWN.items() for word in of[:known]}
    (folder / "words.json").write_text(json.dumps(words))
    (folder / "loader.py").write_text(LOADER)
    (folder / "config.json").write_text(json.dumps({"id2label": {str(i): t for i, t in enumerate(("O", *labels))}}))
    card = {"task": "token-classification", "labels": list(labels), "max_length_tokens": 64}
    (folder / "candidate.json").write_text(json.dumps(card))
    return folder


def write_rows(path: Path, count: int, seed: int) -> None:
    draw, rows = random.Random(seed), []
    for number in range(count):
        words, spans, text = [], [], f"qtext{seed}{number}"
        for _ in range(draw.randint(0, 4)):
            kind = draw.choice([*LABELS, "", ""])
            words.append((draw.choice(KNOWN[kind]) if kind else draw.choice(["saw", "in", "her"]), kind))
        for word, kind in words:
            start = len(text) + 1
            text += f" {word}"
            if kind:
                spans.append(Span(start, len(text), kind))
        rows.append(
            (f"{seed}-{number}", text, "some" if spans else "none", dump_spans(spans), ("en", "zh")[number % 2])
        )
    pd.DataFrame(rows, columns=["id", "text", "label", "spans", "language"]).to_parquet(path, index=False)


@pytest.fixture(scope="module")
def tags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``candidate`` (knows all), ``older`` (knows less) and ``split``."""
    folder = tmp_path_factory.mktemp("tags")
    write_tagger(folder / "candidate", known=3)
    write_tagger(folder / "older", known=1)
    (folder / "split").mkdir()
    for part, count in (("train", 200), ("validation", 20), ("test", 120)):
        write_rows(folder / "split" / f"{part}.parquet", count, seed=count)
    return folder


@pytest.fixture(scope="module")
def tagged_dossier(tags: Path, run_measure: Measure) -> Path:
    return run_measure(**of(tags, live=[live(tags)]))


def live(tags: Path) -> LiveRelease:
    return LiveRelease("internal", Manifest.of_folder(tags / "older").digest, tags / "older", tags / "split")


def of(tags: Path, **changed: object) -> dict[str, object]:
    return {
        "candidate": tags / "candidate",
        "candidate_digest": Manifest.of_folder(tags / "candidate").digest,
        "split": tags / "split",
        "spec_evidence": Evidence(baselines=["lookup"], bootstrap_rounds=100, minimum_group_size=10),
        "labels": LABELS,
        "groups": ["language"],
        "task": "token-classification",
    } | changed


def test_there_is_a_finding_for_every_check_of_the_task_and_for_no_other(tagged_dossier: Path) -> None:
    findings = load_dossier(tagged_dossier).findings

    known = checks_for(LABELS, ["language"], ["lookup"], "token-classification")
    assert list(dict.fromkeys(f.check for f in findings)) == list(known)
    others = {f.check for f in findings if f.status != "measured"}
    unmentioned = {name for name in known if name.startswith("identity.") and "[gender]" not in name}
    assert others == {"data.label_share_lowest", "data.conflicting_share"} | unmentioned
    assert {f.status for f in findings if f.check in others} == {"not_applicable"}


def test_a_tagger_of_exact_words_loses_them_to_capitals_and_not_to_another_pronoun(tagged_dossier: Path) -> None:
    dossier = load_dossier(tagged_dossier)

    assert dossier.find("robustness.recall_kept[upper_case]").value == 0
    assert dossier.find("robustness.recall_kept[trailing_spaces]").value == 1
    assert dossier.find("robustness.recall_kept_lowest").value == 0
    assert dossier.find("robustness.odd_inputs_held").value == 1
    assert dossier.find("identity.exchange_recall_kept[gender]").value == 1
    assert dossier.find("identity.exchange_flips[gender]").value == 0
    told = json.loads((tagged_dossier / "robustness.json").read_text(encoding="utf-8"))["figures"]
    assert told["perturbed"]["sampled_rows"] == 120


def test_what_a_tagger_is_asked_is_traced_to_what_was_read(tagged_dossier: Path) -> None:
    sources = load_dossier(tagged_dossier).sources

    assert set(sources["robustness.json"]) == set(sources["identity.json"])
    assert set(sources["robustness.json"]) == {"predictions.parquet", "candidate", "test.parquet"}
    assert any(name.startswith("live release") for name in sources["comparison.json"])


def test_a_first_release_has_nothing_to_be_compared_with(run_measure: Measure, tags: Path) -> None:
    dossier = load_dossier(run_measure(**of(tags)))

    compared = {f.check: f.status for f in dossier.findings if f.check.startswith("comparison.")}
    assert set(compared.values()) == {"not_applicable"}


def test_figures_are_those_of_the_kept_answers(tagged_dossier: Path, tags: Path) -> None:
    kept, texts = pd.read_parquet(tagged_dossier / "predictions.parquet"), pd.read_parquet(tags / "split/test.parquet")
    right = actual = given = 0
    for text, true, found in zip(texts["text"], kept["spans"], kept["predicted"], strict=True):
        one, other = set(parse_spans(true, len(text))), set(parse_spans(found, len(text)))
        right, actual, given = right + len(one & other), actual + len(one), given + len(other)

    dossier = load_dossier(tagged_dossier)
    values = {name: dossier.find(f"performance.entity_{name}").value for name in ("precision", "recall")}
    assert values == pytest.approx({"precision": right / given, "recall": right / actual})
    assert values["precision"] == 1
    assert values["recall"] < 1


def test_the_candidate_knows_more_than_the_live_release(tagged_dossier: Path) -> None:
    dossier = load_dossier(tagged_dossier)
    change = dossier.find("comparison.character_recall_change", dossier.live[0]["candidate"])

    assert change.value > 0
    assert change.interval is not None


def test_the_lookup_has_seen_every_word_and_is_ahead(tagged_dossier: Path) -> None:
    dossier = load_dossier(tagged_dossier)

    # it runs neighbours of one type together, space and all, which costs it a little precision
    assert dossier.find("baseline.character_f1[lookup]").value == pytest.approx(1, abs=0.03)
    assert dossier.find("baseline.character_f1_gain[lookup]").value < 0


def test_no_text_is_anywhere_in_the_dossier(tagged_dossier: Path) -> None:
    for path in tagged_dossier.rglob("*"):
        if path.suffix in (".json", ".html"):
            assert not OF_A_TEXT.search(path.read_text(encoding="utf-8")), path.name
    kept = pd.read_parquet(tagged_dossier / "predictions.parquet")
    assert not kept.astype(str).apply(lambda column: column.str.contains(OF_A_TEXT)).to_numpy().any()


def test_the_page_speaks_of_entities(tagged_dossier: Path) -> None:
    page = (tagged_dossier / "index.html").read_text(encoding="utf-8")

    assert "By entity type" in page
    assert "character recall" in page
    assert "in character F1 behind lookup" in page
    assert "does most harm: of what was marked" in page
    assert "gender hides most" in page
    assert "Still found under" in page


def test_the_same_bytes_come_out_again(run_measure: Measure, tags: Path, tagged_dossier: Path) -> None:
    again = run_measure(**of(tags, live=[live(tags)]))

    assert Manifest.of_folder(tagged_dossier).differences(again) == ()


def test_a_baseline_for_labels_is_not_asked_for_spans(run_measure: Measure, tags: Path) -> None:
    settings = Evidence(baselines=["tfidf"], bootstrap_rounds=100, minimum_group_size=10)
    found = load_dossier(run_measure(**of(tags, spec_evidence=settings))).find("baseline.character_f1[tfidf]")

    assert (found.status, found.why) == ("not_evaluated", "tfidf gives a whole text one label and finds no spans")


def test_a_classifier_is_not_measured_as_a_tagger(run_measure: Measure, tags: Path, world: Path) -> None:
    digest = Manifest.of_folder(world / "candidate").digest
    with pytest.raises(InputRefused, match="task: is sequence-classification, not token-classification"):
        run_measure(**of(tags, candidate=world / "candidate", candidate_digest=digest))


def test_a_tagger_is_not_compared_with_a_classifier_that_is_live(
    run_measure: Measure, tags: Path, older_release: LiveRelease
) -> None:
    dossier = load_dossier(run_measure(**of(tags, live=[older_release])))

    found = dossier.find("comparison.entity_f1_change", older_release.candidate_digest)
    assert (found.status, found.why) == ("not_evaluated", "the live release does another task")


def test_a_classifier_is_not_compared_with_a_tagger_that_is_live(run_measure: Measure, tags: Path, world: Path) -> None:
    release = LiveRelease("internal", live(tags).candidate_digest, tags / "older", world / "split")
    dossier = load_dossier(run_measure(live=[release]))

    found = dossier.find("comparison.macro_f1_change", release.candidate_digest)
    assert (found.status, found.why) == ("not_evaluated", "the live release knows other labels")


@pytest.fixture(scope="module")
def sparse(tags: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A split whose 60 English test rows hold a person each, of the 60 Chinese ones three."""
    folder = tmp_path_factory.mktemp("sparse")
    (folder / "train.parquet").write_bytes((tags / "split/train.parquet").read_bytes())
    (folder / "validation.parquet").write_bytes((tags / "split/validation.parquet").read_bytes())
    rows = []
    for number in range(120):
        named = number % 2 == 0 or number < 6
        text, spans = (f"Adaxq q{number}", [Span(0, 5, "PERSON")]) if named else (f"saw q{number}", [])
        rows.append((str(number), text, "some" if named else "none", dump_spans(spans), ("en", "zh")[number % 2]))
    table = pd.DataFrame(rows, columns=["id", "text", "label", "spans", "language"])
    table.to_parquet(folder / "test.parquet", index=False)
    return folder


def sparsely(tags: Path, sparse: Path, smallest: int) -> dict[str, object]:
    settings = Evidence(baselines=["lookup"], bootstrap_rounds=100, minimum_group_size=smallest)
    return of(tags, split=sparse, live=[live(tags)], spec_evidence=settings)


def is_told_in_chinese(folder: Path) -> bool:
    return "原文）" not in (folder / "model_card.zh.md").read_text(encoding="utf-8")


def test_a_group_and_a_type_of_few_entities_are_told_as_not_evaluated(
    run_measure: Measure, tags: Path, sparse: Path
) -> None:
    folder = run_measure(**sparsely(tags, sparse, 30))
    dossier = load_dossier(folder)

    en, zh = dossier.find_all("comparison.group_character_f1_change[language]", dossier.live[0]["candidate"])
    assert (en.group, en.status, en.n) == ("en", "measured", 60)
    assert (zh.group, zh.status, zh.n) == ("zh", "not_evaluated", 60)
    assert zh.why == "3 entities are there, fewer than 30"
    assert dossier.find("group.character_recall_lowest[language]").status == "not_evaluated"
    assert dossier.find("performance.character_recall_of[PLACE]").status == "not_evaluated"
    assert dossier.find("performance.character_recall_of[PERSON]").n == 63
    assert dossier.find("baseline.character_f1_gain[lookup]").status == "measured"
    assert "1 of 2 groups have too few rows or entities to measure" in (folder / "index.html").read_text(
        encoding="utf-8"
    )
    assert is_told_in_chinese(folder)


def test_changes_and_gains_on_few_entities_are_not_evaluated_and_shares_of_rows_are(
    run_measure: Measure, tags: Path, sparse: Path
) -> None:
    folder = run_measure(**sparsely(tags, sparse, 64))
    dossier = load_dossier(folder)
    against, few = dossier.live[0]["candidate"], ("not_evaluated", "63 entities are there, fewer than 64")

    for name in ("entity_f1_change", "character_f1_change", "character_recall_change"):
        change = dossier.find(f"comparison.{name}", against)
        assert (change.status, change.why) == few
    assert dossier.find("comparison.disagreement", against).status == "measured"
    assert dossier.find("comparison.regressed_share", against).status == "measured"
    for name in ("character_f1", "character_f1_gain", "entity_f1_gain"):
        gain = dossier.find(f"baseline.{name}[lookup]")
        assert (gain.status, gain.why) == few
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "of the answers differ" in page
    assert "changes by" not in page
    assert "hold too few PERSON to measure" in page
    assert is_told_in_chinese(folder)


def test_of_few_rows_nothing_is_concluded(run_measure: Measure, tags: Path, sparse: Path) -> None:
    folder = run_measure(**sparsely(tags, sparse, 121))

    kept = {"comparison.seen_share", "group.evaluated_share[language]"}
    of_rows = [
        f
        for f in load_dossier(folder).findings
        if f.check.startswith(("performance.", "group.", "baseline.", "comparison.")) and f.check not in kept
    ]
    assert {f.status for f in of_rows} == {"not_evaluated"}
    assert {f.why for f in of_rows if not f.check.startswith("group.")} == {"120 rows, fewer than 121"}
    assert is_told_in_chinese(folder)


def test_entity_types_of_a_tagger_are_its_labels(tags: Path) -> None:
    assert labels_of(tags / "candidate") == LABELS
    assert task_of(tags / "candidate") == "token-classification"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param('[{"start": 0, "end": 99, "entity_type": "PERSON"}]', "outside its text", id="outside"),
        pytest.param('[{"start": 0, "end": 1, "entity_type": "COLOUR"}]', "not one of its labels", id="another type"),
        pytest.param("{}", "is not a list", id="no list"),
    ],
)
def test_answers_that_cannot_be_are_refused(tmp_path: Path, answer: str, said: str) -> None:
    tagger = write_tagger(tmp_path / "tagger")
    (tagger / "loader.py").write_text(
        f"class T:\n    def predict(self, texts):\n        return [{answer}] * len(texts)\n\n"
        "def load(folder):\n    return T()\n"
    )
    with pytest.raises(InputRefused, match=said):
        predict_spans(tagger, ["ab"], "test")


def test_the_lookup_gives_each_word_its_commonest_type_and_joins_neighbours() -> None:
    known = learn(
        ["Mr Ada Lovelace", "Ada", "the Ada bridge", "王小明"],
        [[Span(3, 15, "PERSON")], [Span(0, 3, "PERSON")], [], [Span(0, 3, "PERSON")]],
    )

    assert known == dict.fromkeys(["Ada", "Lovelace", "王", "小", "明"], "PERSON")
    assert look_up("Dr Ada  Lovelace, 王明 the", known) == [Span(3, 16, "PERSON"), Span(18, 20, "PERSON")]


def test_it_traces_whole(tagged_dossier: Path) -> None:
    dossier = load_dossier(tagged_dossier)
    assert trace_all(dossier).keys() == dossier.files.keys()
