"""What a tagger is asked besides the test rows as they are: perturbed and exchanged texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sluicegate.evidence.finding import Finding
from sluicegate.evidence.identity.exchange_tests import ExchangeTest
from sluicegate.evidence.identity.exchanged_spans import measure_exchanged_spans
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.identity.terms import with_names
from sluicegate.evidence.lists import Lists
from sluicegate.evidence.measurement import Measurement
from sluicegate.evidence.robustness.odd_inputs import (
    answer_each,
    ask_odd_inputs,
    faults_of_spans,
    measure_odd_inputs,
)
from sluicegate.evidence.robustness.perturbed_rows import PerturbedRows
from sluicegate.evidence.robustness.perturbed_spans import measure_perturbed_spans
from sluicegate.evidence.sampling import sample_rows
from sluicegate.evidence.scores import Indices
from sluicegate.evidence.span_scores import Spans, Tagged


@dataclass(frozen=True)
class SpanQuestions:
    """Everything that one tagger is asked; the same for the same test rows, lists and seed."""

    sample_S: Indices
    """Test rows that are perturbed."""
    perturbed: PerturbedRows
    """What becomes of them."""
    exchanges: list[ExchangeTest]
    """One for each attribute."""

    @classmethod
    def of(cls, at: Measurement[Tagged], lists: Lists) -> SpanQuestions:
        """Draws and perturbs rows, exchanges terms.

        Raises:
            InputRefused: A list cannot be read, or knows no such attribute.
        """
        settings, texts = at.settings, at.parts["test"]["text"].tolist()
        rows = sample_rows(len(texts), settings.seed, settings.robustness.rows)
        terms = with_names(lists.terms_of(settings.languages, settings.identity.attributes))
        lexicons = [Lexicon(terms, attribute) for attribute in settings.identity.attributes]
        return cls(
            rows,
            PerturbedRows.of([texts[row] for row in rows], settings.seed),
            [ExchangeTest.of(lexicon, texts, settings.seed) for lexicon in lexicons],
        )

    def ask(self) -> list[str]:
        """The texts to be answered, each once."""
        exchanged = [text for test in self.exchanges for text in test.texts]
        return list(dict.fromkeys([*self.perturbed.ask(), *exchanged]))

    def measure(self, at: Measurement[Tagged], answers: dict[str, Spans | None], tagger: Any) -> None:
        """Adds findings and figures of robustness and identity.

        Args:
            at: The measurement.
            answers: Each text of `ask` → the spans found in it; None where the answer cannot be used.
            tagger: The candidate; odd inputs are asked one by one, since any of them may raise.
        """
        settings, said, texts = at.settings, at.answers, at.parts["test"]["text"].tolist()
        parts = {
            "perturbed": measure_perturbed_spans(
                self.perturbed,
                [said.actual_N[row] for row in self.sample_S],
                [said.given_N[row] for row in self.sample_S],
                [answers[text] for text in self.perturbed.ask()],
                at.resampling,
                settings.minimum_group_size,
            ),
            "odd_inputs": measure_odd_inputs(
                faults_of_spans(answer_each(tagger.predict, ask_odd_inputs()), said.labels)
            ),
        }
        at.figures["robustness"] = {name: _kept(at, *part) for name, part in parts.items()}
        at.figures["identity"] = []
        for test in self.exchanges:
            after = [answers[text] for text in test.texts]
            part = measure_exchanged_spans(
                test, texts, said.actual_N, said.given_N, after, settings.bootstrap_rounds, settings.confidence
            )
            at.figures["identity"].append({"attribute": test.attribute, "exchanges": _kept(at, *part)})


def _kept(at: Measurement[Tagged], findings: list[Finding], figures: dict[str, Any]) -> dict[str, Any]:
    """The figures; the findings go to all the others."""
    at.findings += findings
    return figures
