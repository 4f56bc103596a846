"""Both cards of a dossier, from its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sluicegate.evidence.model_card.escaping import code, markdown
from sluicegate.evidence.model_card.front_matter import front_matter, source_name
from sluicegate.evidence.model_card.held import Held, read_folder
from sluicegate.evidence.model_card.rows import analyses, by_kind, tables, unmeasured
from sluicegate.evidence.model_card.wording import CHINESE, ENGLISH, Counted, Wording

CARDS = {"model_card.md": ENGLISH, "model_card.zh.md": CHINESE}
"""File → its language."""


def write_cards(folder: Path) -> None:
    """Writes ``model_card.md`` and ``model_card.zh.md`` into a dossier's folder, from the JSON files in it.

    The same files give the same bytes.

    Raises:
        Unavailable: There is no dossier.
        TamperingDetected: A file of it is not the one that was measured.
        ValueError: The front matter is none that `huggingface_hub` reads.
    """
    held = read_folder(folder)
    for name, wording in CARDS.items():
        (folder / name).write_text(card(held, wording), encoding="utf-8")


def card(held: Held, wording: Wording) -> str:
    """A card: the front matter and the text, read once by `huggingface_hub`."""
    from huggingface_hub import ModelCard

    data = front_matter(held)
    read = ModelCard(f"---\n{data.to_yaml()}\n---\n\n{_text(held, wording)}")
    if read.data.to_yaml() != data.to_yaml():
        raise ValueError("the card's front matter does not come back as it was written")
    return str(read)


def _text(held: Held, wording: Wording) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sluicegate.evidence", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: markdown(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = code
    return environment.get_template(wording.template).render(_told(held, wording))


def _told(held: Held, wording: Wording) -> dict[str, Any]:
    """What the template tells."""
    dossier, data, found = held.dossier, held.part("data"), tables(held.dossier, wording)
    columns = [{"column": of["column"], **by_kind(of["groups"], "group", wording)} for of in held.figures["groups"]]
    counted: Counted = "entities" if held.task == "token-classification" else "rows"
    base = held.part("base_model")
    return {
        "model": held.model,
        "lineage": dossier.lineage,
        "candidate": dossier.candidate,
        "task": held.task,
        "labels": dossier.labels,
        "groups": dossier.groups,
        "base": base,
        "base_name": wording.sentence(str(base.get("name") or "")) if _is_made_up(base) else base.get("name"),
        "data": data,
        "source": source_name(held.part("data", "source")),
        "rows": held.figures["data"].get("rows", {}),
        "passages": held.sheet.get("passages", []),
        "canaries": held.part("canaries"),
        "training": _settings(held.part("training")),
        "threshold": held.part("fairness").get("thresholds"),
        "settings": dossier.settings,
        "answer": held.answer,
        "form": held.figures["use"],
        "harm_checks": [_harm_check(check, wording) for check in held.figures["use"]["harm_checks"]],
        "scrubbed": _scrubbed(held.figures["data"].get("scrubbing", {})),
        "by_label": by_kind(held.figures["performance"]["labels"], "label", wording, counted),
        "by_group": columns,
        "found": found,
        "analyses": [(wording.area(area), found[area]) for area in analyses(found)],
        "not_evaluated": unmeasured(dossier, "not_evaluated", wording),
        "not_applicable": unmeasured(dossier, "not_applicable", wording),
        "live": dossier.live,
        "digest": held.digest,
    }


def _is_made_up(base: Mapping[str, Any]) -> bool:
    """Whether there is no base model, and its name says how large the new one is."""
    return str(base.get("name") or "").startswith("none: ")


def _settings(training: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the training was set to, by the spec's own keys; null is left out."""
    return [
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in training.items()
        if value is not None
    ]


def _harm_check(check: Mapping[str, Any], wording: Wording) -> dict[str, Any]:
    said = {key: wording.sentence(str(check.get(key) or "")) for key in ("why", "classifier", "limits")}
    return {**check, **said}


def _scrubbed(scrubbing: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Entity type → how many were found in the texts; none where nothing was scrubbed."""
    found = {kind: entry.get("found", 0) for kind, entry in (scrubbing.get("by_entity") or {}).items()}
    return sorted((kind, count) for kind, count in found.items() if count)
