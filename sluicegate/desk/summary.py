"""The first screen of a dossier's page as Markdown, for where the page itself cannot be opened: the Prefect UI.

A browser follows no link from there to a file. So what a reviewer should see first stands in the artifact itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from sluicegate.desk.escaping import LONGEST_REASONED, markdown
from sluicegate.evidence import words
from sluicegate.evidence.checks import check_of
from sluicegate.evidence.dossier import Dossier
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.first_look import first_look
from sluicegate.evidence.page import TILES
from sluicegate.evidence.page_tables import missing_of


def summary(dossier: Dossier) -> str:
    """What is furthest from ideal, the main figures, what was not measured, and where the page is."""
    tiles = [found for name in TILES if (found := dossier.find(name)) is not None]
    sections = [
        f"# {markdown(str(dossier.lineage.get('model') or 'Candidate'))}: what was measured",
        markdown(str(dossier.lineage.get("description") or ""), LONGEST_REASONED),
        _first(first_look(dossier.findings)),
        "| | value | interval |\n| --- | --- | --- |\n" + "\n".join(_row(finding) for finding in tiles),
        _missing(dossier.findings),
        _where(dossier),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _first(worst: Sequence[Finding]) -> str:
    heading = "**Furthest from ideal, one of each area** (whether that is good enough, the policy says)"
    lines = [f"{place}. {_sentence(finding)}" for place, finding in enumerate(worst, 1)]
    return "\n".join([heading, "", *lines]) if lines else ""


def _sentence(finding: Finding) -> str:
    check, span = check_of(finding.check), words.span(finding)
    shown = f" ({markdown(span)})" if span else ""
    return f"{markdown(check.title)}: **{markdown(words.amount(finding))}**{shown}, {check.better} is better"


def _row(finding: Finding) -> str:
    cells = (check_of(finding.check).title, words.amount(finding), words.span(finding))
    return "| " + " | ".join(markdown(cell) for cell in cells) + " |"


def _missing(findings: Sequence[Finding]) -> str:
    lines = [
        f"- {markdown(', '.join(one['check'] for one in line['checks']))}: {markdown(line['why'], LONGEST_REASONED)}"
        for line in missing_of(findings)
    ]
    total = sum(finding.status == "not_evaluated" for finding in findings)
    return "\n".join([f"**Not measured: {total}**", "", *lines]) if lines else ""


def _where(dossier: Dossier) -> str:
    page = str(dossier.folder / "index.html") if dossier.folder else "in the dossier's folder"
    lines = (
        f"Candidate `{dossier.candidate}`",
        f"The whole page: {markdown(page)}, on the machine that measured",
        "In MLflow it is among the artifacts of the candidate's run, as soon as that is registered",
    )
    return "\n".join(["**The whole dossier**", "", *(f"- {line}" for line in lines)])
