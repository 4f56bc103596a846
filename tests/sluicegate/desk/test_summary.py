"""What the Prefect UI shows of a dossier, whose page it cannot open."""

from __future__ import annotations

from sluicegate.desk.summary import summary
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import measured, not_evaluated

FINDINGS = (
    measured("performance.macro_f1", 0.7, interval=(0.6, 0.8), confidence=0.95, n=100),
    measured("group.accuracy_gap[shop]", 0.4, interval=(0.3, 0.5), confidence=0.95, n=100),
    measured("data.leaked_share", 0.2, n=100),
    measured("performance.f1[good]", 0.9, n=100),
    not_evaluated("data.harmful_share", "no check ran"),
)


def of(**lineage: str) -> str:
    return summary(Dossier(candidate="c1" * 32, findings=FINDINGS, lineage=lineage))


def test_it_begins_with_what_is_furthest_from_ideal_of_each_area() -> None:
    lines = [line for line in of(model="reviews").splitlines() if line[:3] in ("1. ", "2. ", "3. ")]
    assert lines == [
        "1. Accuracy gap between groups of shop: **0.400** (0.300 to 0.500), lower is better",
        "2. Test rows that are also in training: **0.200**, lower is better",
        "3. F1 of “good”: **0.900**, higher is better",
    ]


def test_it_shows_the_main_figures_and_what_was_not_measured() -> None:
    shown = of(model="reviews")
    assert shown.startswith("# reviews: what was measured\n")
    assert "| Macro-F1 | 0.700 | 0.600 to 0.800 |" in shown
    assert "**Not measured: 1**\n\n- data.harmful\\_share: no check ran" in shown


def test_what_people_wrote_does_nothing() -> None:
    shown = of(model="m", description="<img src=x onerror=alert(1)> [here](javascript:alert(1)) {{7*7}}")
    assert "<img" not in shown
    assert r"\[here\](javascript&#58;" in shown
    assert "{{" not in shown
