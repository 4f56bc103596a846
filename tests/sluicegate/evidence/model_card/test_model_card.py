"""The model card: what the hub reads of it, what a person reads of it, and that both languages say the same."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shutil
import socket
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest
from huggingface_hub import ModelCard
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import sluicegate.evidence
from sluicegate.errors import TamperingDetected
from sluicegate.evidence.check import AREAS, Check
from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.finding import measured
from sluicegate.evidence.model_card import CARDS, write_cards
from sluicegate.evidence.model_card.chinese_reasons import in_chinese
from sluicegate.evidence.model_card.chinese_titles import AREAS as CHINESE_AREAS
from sluicegate.evidence.model_card.chinese_titles import TITLES
from sluicegate.evidence.model_card.escaping import code, markdown
from sluicegate.evidence.model_card.licences import hub_licence
from sluicegate.spec.model import Task
from tests.sluicegate.evidence.model_card.dossiers import FIGURES, HARM, LINEAGE, write_folder

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?")
HOSTILE = "<script>alert(1)</script> | a ` b \x1b[2J ![p](http://evil/p.png) **c** {{ 7*7 }}\n# HEADED"


def every_check() -> dict[str, Check]:
    """All checks of all catalogues, wherever they are in the package."""
    found: dict[str, Check] = {}
    for module in pkgutil.walk_packages(sluicegate.evidence.__path__, "sluicegate.evidence."):
        for value in vars(importlib.import_module(module.name)).values():
            held = value if isinstance(value, tuple) else (value,)
            found |= {check.name: check for check in held if isinstance(check, Check)}
    return found


CHECKS = every_check()


def cards(folder: Path) -> dict[str, str]:
    write_cards(folder)
    return {name: (folder / name).read_text(encoding="utf-8") for name in CARDS}


# --- languages ------------------------------------------------------------------------------------


def test_all_catalogues_are_found() -> None:
    of_each = ("performance.accuracy", "identity.template_flips", "robustness.accuracy_kept", "drift.image_auc",
               "privacy.membership_auc", "performance.risk_coverage_area", "transparency.form_filled")  # fmt: skip
    assert set(of_each) <= CHECKS.keys()


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.name)
def test_every_check_has_a_chinese_title_of_the_same_numbers(check: Check) -> None:
    title = TITLES[check.name]
    assert title.count("{}") == check.title.count("{}")
    assert Counter(NUMBER.findall(title)) == Counter(NUMBER.findall(check.title))


def test_every_area_has_a_chinese_heading() -> None:
    assert AREAS.keys() <= CHINESE_AREAS.keys()


@pytest.mark.parametrize("task", get_args(Task))
def test_both_cards_hold_the_same_numbers(tmp_path: Path, task: Task) -> None:
    lineage = LINEAGE | {"training": {"task": task}}
    english, chinese = cards(write_folder(tmp_path, lineage=lineage, task=task)).values()
    assert Counter(NUMBER.findall(english)) == Counter(NUMBER.findall(chinese))
    assert english.count("⚠ not") == chinese.count("⚠ 未")
    assert english.count("\n|") == chinese.count("\n|")


def test_a_measured_dossier_is_told_in_chinese_without_a_word_left_over(
    first_dossier: Path, second_dossier: Path
) -> None:
    for folder in (first_dossier, second_dossier):
        english, chinese = ((folder / name).read_text(encoding="utf-8") for name in CARDS)
        assert Counter(NUMBER.findall(english)) == Counter(NUMBER.findall(chinese))
        assert "原文）" not in chinese


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        pytest.param(
            "3 of 4 groups have fewer than 30 test rows", "4 个群组中有 3 个的测试样本少于 30 条", id="numbers"
        ),
        pytest.param(
            "1 of 5 groups have fewer than 30 test rows; 2 of 5 groups have 30 training rows or more and no test row",
            "5 个群组中有 1 个的测试样本少于 30 条；5 个群组中有 2 个的训练样本不少于 30 条，却没有测试样本",
            id="two reasons",
        ),
        pytest.param(
            "2 of 11 kinds are not evaluated; swap: 4 entities were found before, fewer than 5",
            "11 种中有 2 种未评估；swap：此前只找到 4 个实体，少于 5 个",
            id="kinds",
        ),
        pytest.param(
            "1 of 3 groups have fewer than 30 test rows; 1 of 2 groups with enough test rows hold fewer than 30 "
            "entities",
            "3 个群组中有 1 个的测试样本少于 30 条；测试样本足够的 2 个群组中有 1 个的实体少于 30 个",
            id="rows and entities",
        ),
        pytest.param(
            "the column has a single group in the test rows; 1 of 1 groups with enough test rows hold fewer than 30 "
            "entities",
            "测试样本中该列只有一个群组；测试样本足够的 1 个群组中有 1 个的实体少于 30 个",
            id="a single group of few entities",
        ),
        pytest.param(
            "3 entities of this type were found, fewer than 30", "只找到 3 个该类型的实体，少于 30 个", id="type"
        ),
        pytest.param("nothing was scrubbed: the texts are generated", "没有做脱敏：文本是生成的", id="one in another"),
        pytest.param("the moon was full", "the moon was full（原文）", id="not in the table"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_reasons_in_chinese(english: str, chinese: str) -> None:
    assert in_chinese(english) == chinese


# --- what the hub reads ---------------------------------------------------------------------------


def test_the_front_matter_is_what_the_dossier_says(tmp_path: Path) -> None:
    findings = [
        measured("performance.accuracy", 0.7512345678, n=1200),
        measured("performance.macro_f1", 0.7, n=1200, interval=(0.6, 0.8), confidence=0.95),
        measured("performance.calibration_error", 0.1, n=1200),
    ]
    for text in cards(write_folder(tmp_path, findings=findings)).values():
        assert ModelCard(text).data.to_dict() == {
            "language": ["en", "zh"],
            "license": "apache-2.0",
            "library_name": "transformers",
            "pipeline_tag": "text-classification",
            "tags": ["sluicegate"],
            "metrics": ["accuracy", "f1"],
            "model-index": [
                {
                    "name": "reviews",
                    "results": [
                        {
                            "task": {"type": "text-classification"},
                            "dataset": {
                                "name": "reviews==1.0", "type": "reviews-1.0", "split": "test", "revision": "fa" * 32
                            },
                            "metrics": [
                                {"type": "accuracy", "value": 0.751235, "name": "Right answers"},
                                {"type": "f1", "value": 0.7, "name": "Macro-F1", "args": {"average": "macro"}},
                            ],
                        }
                    ],
                }
            ],
        }  # fmt: skip


def test_names_of_the_hub_are_given_as_the_hub_has_them(tmp_path: Path) -> None:
    source = {"kind": "dataset", "path": "owner/texts", "name": "zh", "split": "train", "revision": "ab" * 20}
    lineage = LINEAGE | {
        "base_model": {"name": f"owner/bert@{'cd' * 20}", "licence": "CC-BY-SA-4.0"},
        "data": LINEAGE["data"] | {"source": source},
    }
    text = cards(write_folder(tmp_path, lineage=lineage))["model_card.md"]
    data = ModelCard(text).data
    assert (data.base_model, data.datasets, data.license) == ("owner/bert", ["owner/texts"], "cc-by-sa-4.0")
    result = data.eval_results[0]
    assert (result.dataset_type, result.dataset_config, result.dataset_split) == ("owner/texts", "zh", "train")
    assert (result.dataset_revision, result.dataset_args) == ("ab" * 20, {"part": "test"})


def test_a_dossier_that_says_little_gives_a_card_that_claims_little(tmp_path: Path) -> None:
    text = cards(write_folder(tmp_path, lineage={}, findings=[], labels=(), harm={}))["model_card.md"]
    assert ModelCard(text).data.to_dict() == {"library_name": "transformers", "tags": ["sluicegate"]}
    assert text.count("**⚠ not filled in**") == 7
    assert "**⚠ not evaluated**: no check for harmful text ran" in text


@pytest.mark.parametrize(
    ("spdx", "name"),
    [
        ("Apache-2.0", "apache-2.0"), ("MIT", "mit"), ("CC-BY-NC-SA-4.0", "cc-by-nc-sa-4.0"), ("ODbL-1.0", "odbl"),
        ("PDDL-1.0", "pddl"), ("GPL-3.0-only", "gpl-3.0"), ("AGPL-3.0-or-later", "agpl-3.0"), ("proprietary", "other"),
        ("MIT AND CC-BY-4.0", "other"), ("LicenseRef-Ours", "other"),
    ],
)  # fmt: skip
def test_licences_have_the_hubs_names(spdx: str, name: str) -> None:
    assert hub_licence(spdx) == name


def test_a_licence_that_the_hub_has_no_name_for_is_named_beside_other(tmp_path: Path) -> None:
    lineage = LINEAGE | {"base_model": {"name": "bert", "licence": "MIT AND CC-BY-4.0"}}
    data = ModelCard(cards(write_folder(tmp_path, lineage=lineage))["model_card.md"]).data
    assert (data.license, data.license_name) == ("other", "MIT AND CC-BY-4.0")


# --- what a person reads --------------------------------------------------------------------------


def test_every_finding_is_in_the_card_with_its_value_or_its_reason(tmp_path: Path) -> None:
    folder = write_folder(tmp_path)
    told = cards(folder)
    for finding in load_dossier(folder).findings:
        if finding.value is not None and re.match(r"performance\.(f1|precision|recall)\[", finding.check):
            continue  # figures by label are rows of a table of their own
        for text in told.values():
            (row,) = [line for line in text.splitlines() if f"| `{finding.check}` |" in line]
            assert finding.value is not None or finding.why in row or in_chinese(finding.why) in row
            assert finding.value is None or f"{finding.value:.3f}" in row or f"{finding.value:g}" in row


def test_an_interval_says_its_confidence(tmp_path: Path) -> None:
    found = measured("performance.macro_f1", 0.7, n=9, interval=(0.6, 0.8), confidence=0.995)
    assert "0.600 to 0.800 (99.5 %)" in cards(write_folder(tmp_path, findings=[found]))["model_card.md"]


def test_a_share_next_to_nothing_is_not_told_as_none(tmp_path: Path) -> None:
    found = measured("data.leaked_share", 4 / 9000, n=9000, interval=(0.0001, 0.0011), confidence=0.95)
    labels = [row | {"f1": {"value": 0.9998, "interval": [0.99, 0.9999]}} for row in FIGURES["performance"]["labels"]]
    figures = FIGURES | {"performance": {"labels": labels}}
    text = cards(write_folder(tmp_path, findings=[found], figures=figures))["model_card.md"]
    assert r"| \<0.001 | \<0.001 to 0.001 (95 %) |" in text
    assert r"| \>0.999 (0.990 to \>0.999) |" in text


def test_a_tagger_is_told_by_characters_and_entities(tmp_path: Path) -> None:
    labels = [row | {"entity_f1": row["f1"]} for row in FIGURES["performance"]["labels"]]
    figures = FIGURES | {"performance": {"labels": labels}}
    lineage = LINEAGE | {"training": {"task": "token-classification"}}
    folder = write_folder(tmp_path, lineage=lineage, figures=figures, task="token-classification")
    english, chinese = cards(folder).values()
    assert "| label | entities | character F1 | character precision | character recall | entity F1 |" in english
    assert "| 标签 | 实体数 | 字符 F1 | 字符精确率 | 字符召回率 | 实体 F1 |" in chinese
    assert "| group | rows |" in english
    assert "| 群组 | 样本数 |" in chinese
    assert "| what | value | interval | better | n | unit |" in english
    assert "| 指标 | 数值 | 区间 | 优劣方向 | n | 单位 |" in chinese


def test_a_classifiers_labels_are_counted_in_rows(tmp_path: Path) -> None:
    english, chinese = cards(write_folder(tmp_path)).values()
    assert "| label | rows | F1 |" in english
    assert "| 标签 | 样本数 | F1 |" in chinese


@pytest.mark.parametrize("task", ["masked-lm", "causal-lm"])
def test_figures_of_a_masked_model_are_called_a_pseudo_likelihood(tmp_path: Path, task: Task) -> None:
    folder = write_folder(tmp_path, lineage=LINEAGE | {"training": {"task": task}}, task=task)
    english, chinese = cards(folder).values()
    body = english.partition("\n---\n")[2]
    named = [result.metric_name for result in ModelCard(english).data.eval_results]

    is_masked = task == "masked-lm"
    assert ("pseudo-likelihood" in body, "伪似然" in chinese) == (is_masked, is_masked)
    assert ("Bits per byte (pseudo-likelihood)" in named) == is_masked
    assert ("Bits per byte" in named) != is_masked


def test_what_people_wrote_is_seen_and_does_nothing(tmp_path: Path) -> None:
    lineage = LINEAGE | {
        "model": HOSTILE, "description": HOSTILE, "use": {"known_harms": HOSTILE}, "owner": HOSTILE,
        "training": {"task": "sequence-classification", "x": HOSTILE},
    }  # fmt: skip
    groups = [{"column": HOSTILE, "groups": [{"group": HOSTILE, "rows": 3, "status": "not_evaluated", "why": HOSTILE}]}]
    figures, harm = FIGURES | {"groups": groups}, HARM | {"classifier": HOSTILE}
    folder = write_folder(tmp_path, lineage=lineage, figures=figures, harm=harm, labels=(HOSTILE, "good"))
    renderer = MarkdownIt("commonmark", {"html": True}).enable("table")
    for text in cards(folder).values():
        tokens = [t for token in renderer.parse(ModelCard(text).text) for t in [token, *(token.children or [])]]
        assert not {token.type for token in tokens} & {"html_block", "html_inline", "image"}
        assert sum(token.type == "heading_open" and token.tag == "h1" for token in tokens) == 1
        assert "\x1b" not in text
        for rows in cells_of_tables(tokens):
            assert len(set(rows)) == 1


def cells_of_tables(tokens: list[Any]) -> list[list[int]]:
    """For each table the number of cells of each row."""
    tables: list[list[int]] = []
    for token in tokens:
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append(0)
        elif token.type in ("td_open", "th_open"):
            tables[-1][-1] += 1
    return tables


@given(st.text())
def test_escaped_text_is_read_back_as_it_was(text: str) -> None:
    renderer = MarkdownIt("commonmark").enable("table")
    for escaped in (markdown(text), code(text)):
        tokens = renderer.parse(f"| a | b |\n|---|---|\n| x{escaped}x | y |\n")
        assert [token.content for token in tokens if token.type == "inline"][3] == "y"
        assert not {t.type for token in tokens for t in token.children or []} - {"text", "code_inline", "text_special"}


# --- files ----------------------------------------------------------------------------------------


def test_cards_are_made_of_the_json_files_and_always_the_same(second_dossier: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(second_dossier, tmp_path / "dossier", ignore=shutil.ignore_patterns("index.html", "*.md"))
    for name, text in cards(folder).items():
        assert text == (second_dossier / name).read_text(encoding="utf-8")


def test_both_cards_are_linked_from_the_page(first_dossier: Path) -> None:
    page = (first_dossier / "index.html").read_text(encoding="utf-8")
    assert [f'href="{name}"' in page for name in CARDS] == [True, True]


def test_making_cards_opens_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    cards(write_folder(tmp_path))


def test_no_card_is_made_of_figures_that_were_changed(second_dossier: Path, tmp_path: Path) -> None:
    shutil.copytree(second_dossier, tmp_path / "dossier")
    with (tmp_path / "dossier" / "use.json").open("a") as file:
        file.write(" ")
    with pytest.raises(TamperingDetected, match=r"use\.json was changed"):
        write_cards(tmp_path / "dossier")
