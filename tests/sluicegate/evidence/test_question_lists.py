from __future__ import annotations

from pathlib import Path

import pytest

from sluicegate.errors import InputRefused, SpecRefused
from sluicegate.evidence.identity.terms import read_terms
from sluicegate.evidence.lists import SHIPPED_ALONE, Lists
from sluicegate.spec.evidence import ATTRIBUTES


def test_the_spec_knows_the_attributes_of_the_shipped_lists() -> None:
    assert set(ATTRIBUTES) == set(read_terms().attributes())


def test_the_shipped_lists_are_those_of_the_languages() -> None:
    def chinese(languages: list[str]) -> set[bool]:
        return {template.is_chinese for template in SHIPPED_ALONE.templates_of(languages)}

    assert chinese(["en"]) == {False}
    assert chinese(["zh"]) == {True}
    assert chinese(["en", "zh"]) == {True, False}
    assert chinese(["de"]) == set()
    assert [file.language for file in SHIPPED_ALONE.behaviours_of(["zh"])] == ["zh"]
    english, chinese_terms = (SHIPPED_ALONE.terms_of([code], ["gender"]).terms for code in ("en", "zh"))
    assert "boy" in {form for term in english for form in term.forms}
    assert "男孩" in {form for term in chinese_terms for form in term.forms}


def test_a_list_of_ones_own_stands_beside_them(tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("profession\tnurse\tnurse(s)\tperson\n", encoding="utf-8")

    terms = Lists(terms=(own,)).terms_of(["en"], ["gender", "profession"])

    assert "profession" in terms.attributes()
    assert "gender" in terms.attributes()


def test_an_attribute_without_terms_is_refused() -> None:
    with pytest.raises(InputRefused, match=r"evidence.identity.attributes: profession has no term in any list \(lan"):
        SHIPPED_ALONE.terms_of(["en"], ["gender", "profession"])
    with pytest.raises(InputRefused, match="gender has no term in any list"):
        SHIPPED_ALONE.terms_of(["de"], ["gender"])


def test_a_list_that_is_missing_or_broken_is_named(tmp_path: Path) -> None:
    missing, broken = tmp_path / "missing.tsv", tmp_path / "broken.yaml"
    broken.write_text("language: en\n", encoding="utf-8")
    with pytest.raises(InputRefused, match="missing.tsv: there is no such file"):
        Lists(templates=(missing,)).templates_of(["en"])
    with pytest.raises(SpecRefused, match="broken.yaml"):
        Lists(behaviours=(broken,)).behaviours_of(["en"])
