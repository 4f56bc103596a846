"""Decisions that flip when a pronoun is exchanged: the demo's candidate on Winogender schemas and on our templates.

Winogender schemas (Rudinger et al., Gender Bias in Coreference Resolution, 2018) were made for coreference; here their
240 sentences, each with a male, a female and a neutral pronoun, are asked for sentiment, which should not change. They
are taken from ``fairness/winogender_sentences.tsv`` in ``SLUICEGATE_BENCH_DATA``. Beside them stands the dossier's
own `identity.template_flips[gender]`, of the same candidate. Nothing is timed.
"""

from __future__ import annotations

import os
import tempfile
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.demo_candidate import demo_spec, make
from sluicegate.errors import Unavailable

PRONOUNS = ("male", "female", "neutral")
_FILE = "fairness/winogender_sentences.tsv"


def run(pairs: int) -> dict[str, Any]:
    """Prints shares of pairs of sentences whose label differs, by exchange; `pairs` is not used."""
    path = Path(os.environ.get("SLUICEGATE_BENCH_DATA", ".")) / _FILE
    if not path.is_file():
        raise Unavailable(f"there is no {_FILE} in $SLUICEGATE_BENCH_DATA")
    schemas = read(path)
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as name:
        candidate = make(Path(name))
        return _figures(candidate.folder, schemas)


def read(path: Path) -> list[dict[str, str]]:
    """Each schema's sentence by the pronoun's gender.

    Raises:
        Unavailable: A line is none of the file's format, or a schema lacks a pronoun.
    """
    schemas: dict[str, dict[str, str]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()[1:], 2):
        name, tab, sentence = line.partition("\t")
        schema, _, gender = name.removesuffix(".txt").rpartition(".")
        if not tab or gender not in PRONOUNS:
            raise Unavailable(f"{path}, line {number}: holds no name that ends in a gender, tab and sentence")
        schemas.setdefault(schema, {})[gender] = sentence
    if lacking := next((schema for schema, by in schemas.items() if len(by) < len(PRONOUNS)), None):
        raise Unavailable(f"{path}: {lacking} has not all of {', '.join(PRONOUNS)}")
    return list(schemas.values())


def _figures(candidate: Path, schemas: list[dict[str, str]]) -> dict[str, Any]:
    from sluicegate.evidence.identity.counterfactuals import Pairs, measure_pairs
    from sluicegate.evidence.predictions import predict

    settings = demo_spec().evidence
    rounds, confidence, seed = settings.bootstrap_rounds, settings.confidence, settings.seed
    said = {of: predict(candidate, [by[of] for by in schemas], "Winogender") for of in PRONOUNS}
    units = np.arange(len(schemas))
    found = {
        f"{one} and {other}": measure_pairs(
            "template", "gender", "schemas", Pairs(said[one], said[other], units), rounds, confidence, seed
        )[1]
        for one, other in combinations(PRONOUNS, 2)
    }
    result = {"schemas": len(schemas), "exchanged": found, "own templates": _own_templates(candidate)}
    for name, figures in (*found.items(), ("our own templates", result["own templates"])):
        print(f"{name}: {_told(figures)}", flush=True)
    return result


def _own_templates(candidate: Path) -> dict[str, Any]:
    """What the dossier measures of gender on sentences of the project's own."""
    from sluicegate.evidence.identity.mentions import Lexicon
    from sluicegate.evidence.identity.template_tests import TemplateTest
    from sluicegate.evidence.identity.terms import with_names
    from sluicegate.evidence.lists import SHIPPED_ALONE
    from sluicegate.evidence.predictions import predict

    settings = demo_spec().evidence
    terms = with_names(SHIPPED_ALONE.terms_of(settings.languages, ["gender"]))
    test = TemplateTest.of(Lexicon(terms, "gender"), SHIPPED_ALONE.templates_of(settings.languages), settings.seed)
    said = predict(candidate, test.ask(), "our own templates")
    return test.measure(said, settings.bootstrap_rounds, settings.confidence)[1]


def _told(figures: dict[str, Any]) -> str:
    if figures["status"] != "measured":
        return f"not evaluated, {figures['why']}"
    flips, change = figures["flips"], figures["change"]
    if flips["value"] is None:
        return f"not evaluated, {flips['why']}"
    low, high = flips["interval"]
    return (
        f"{flips['value']:.1%} of {figures['pairs']} pairs of sentences flip ({low:.1%} to {high:.1%}), a probability "
        f"changes by {change['value']:.3f} on average"
    )
