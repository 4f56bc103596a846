"""The front matter of a card: what the Hugging Face hub reads of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sluicegate.evidence.checks import check_of
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.model_card.held import Held
from sluicegate.evidence.model_card.licences import OTHER, hub_licence

if TYPE_CHECKING:
    from huggingface_hub import EvalResult, ModelCardData

PIPELINES = {
    "sequence-classification": "text-classification",
    "token-classification": "token-classification",
    "causal-lm": "text-generation",
    "masked-lm": "fill-mask",
    "image-classification": "image-classification",
}
"""Task → the hub's tag of the pipeline."""
_MACRO = {"average": "macro"}
_METRICS: dict[str, tuple[str, dict[str, Any] | None]] = {
    "performance.accuracy": ("accuracy", None),
    "performance.macro_f1": ("f1", _MACRO),
    "performance.roc_auc": ("roc_auc", {"average": "macro", "multi_class": "ovr"}),
    "performance.entity_f1": ("f1", None),
    "performance.entity_precision": ("precision", None),
    "performance.entity_recall": ("recall", None),
    "performance.perplexity": ("perplexity", None),
    "performance.bits_per_byte": ("bits_per_byte", None),
}
"""Check → the metric as the hub calls it, and its arguments."""
_OF_LIKELIHOODS = ("performance.perplexity", "performance.bits_per_byte")
_HUB_NAME = re.compile(r"^([\w.-]+/[\w.-]+)@[0-9a-f]{7,64}$")
_DIGITS = 6


def front_matter(held: Held) -> ModelCardData:
    """The card's data; what the dossier does not say is left out."""
    from huggingface_hub import ModelCardData

    base, data = held.part("base_model"), held.part("data")
    results = _results(held)
    named = re.match(_HUB_NAME, str(base.get("name") or ""))
    licence = str(base.get("licence") or "")
    known = hub_licence(licence) if licence else None
    return ModelCardData(
        language=list(data.get("languages") or ()) or None,
        license=known,
        license_name=licence if known == OTHER else None,
        library_name="transformers",
        pipeline_tag=PIPELINES.get(held.task or ""),
        tags=["sluicegate"],
        base_model=named[1] if named else None,
        datasets=[source["path"]] if is_of_hub(source := held.part("data", "source")) else None,
        metrics=list(dict.fromkeys(result.metric_type for result in results)) or None,
        model_name=held.model if results else None,
        eval_results=results or None,
    )


def is_of_hub(source: Mapping[str, Any]) -> bool:
    """Whether a source is a data set of the hub, pinned by its commit."""
    return source.get("kind") == "dataset" and bool(source.get("revision"))


def source_name(source: Mapping[str, Any]) -> str:
    """A source in a word or two: what it is called where it comes from; empty if the lineage does not say."""
    archive = source.get("archive")
    if isinstance(archive, Mapping):
        return str(archive.get("package") or "")
    return str(source.get("path") or source.get("table") or source.get("corpus") or source.get("kind") or "")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.casefold()).strip("-")


def _results(held: Held) -> list[EvalResult]:
    if held.task is None:
        return []
    return [_result(held, found, *_METRICS[found.check]) for found in held.dossier.findings if _is_result(found)]


def _title(held: Held, finding: Finding) -> str:
    """What a metric is, which its type alone does not say of a masked model."""
    title = check_of(finding.check).title
    is_pseudo = held.task == "masked-lm" and finding.check in _OF_LIKELIHOODS
    return f"{title} (pseudo-likelihood)" if is_pseudo else title


def _is_result(finding: Finding) -> bool:
    return finding.check in _METRICS and finding.value is not None


def _result(held: Held, finding: Finding, metric: str, arguments: dict[str, Any] | None) -> EvalResult:
    from huggingface_hub import EvalResult

    source = held.part("data", "source")
    name = source_name(source) or held.model
    return EvalResult(
        task_type=PIPELINES[held.task or ""],
        dataset_type=name if is_of_hub(source) else _slug(name) or _slug(held.model) or "own",
        dataset_name=name,
        dataset_config=source.get("name") if is_of_hub(source) else None,
        dataset_split=source.get("split") if is_of_hub(source) else "test",
        dataset_revision=source.get("revision") or held.part("data").get("fingerprint"),
        dataset_args={"part": "test"} if is_of_hub(source) else None,  # held out of the rows of that split
        metric_type=metric,
        metric_name=_title(held, finding),
        metric_value=round(finding.value or 0.0, _DIGITS),
        metric_args=arguments,
    )
