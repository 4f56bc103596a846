from __future__ import annotations

from pathlib import Path

from sluicegate.evidence.catalogue_page import catalogue_page

PAGE = Path(__file__).parents[3] / "docs" / "checks.md"


def test_the_page_in_the_docs_is_the_catalogues() -> None:
    told = "make it anew: python -m sluicegate.evidence.catalogue_page > docs/checks.md"
    assert PAGE.read_text(encoding="utf-8") == catalogue_page(), told
