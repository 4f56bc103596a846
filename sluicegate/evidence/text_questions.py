"""What a text classifier is asked besides the test rows as they are: perturbed, exchanged and made-up texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sluicegate.evidence.baselines import indices_of
from sluicegate.evidence.finding import Finding
from sluicegate.evidence.identity.by_mention import measure_mentions
from sluicegate.evidence.identity.exchange_comparison import compare_exchanges
from sluicegate.evidence.identity.exchange_tests import ExchangeTest
from sluicegate.evidence.identity.mentions import Lexicon
from sluicegate.evidence.identity.template_tests import TemplateTest
from sluicegate.evidence.identity.terms import Terms, with_names
from sluicegate.evidence.lists import Lists
from sluicegate.evidence.measurement import Measurement
from sluicegate.evidence.predictions import Predictions
from sluicegate.evidence.questions import Answer, Questions
from sluicegate.evidence.resampling import Floats
from sluicegate.evidence.robustness.behaviour import ask_behaviour, measure_behaviour
from sluicegate.evidence.robustness.behaviour_file import BehaviourFile
from sluicegate.evidence.robustness.odd_inputs import (
    answer_each,
    ask_odd_inputs,
    faults_of_probabilities,
    measure_odd_inputs,
)
from sluicegate.evidence.robustness.perturbed import measure_perturbed
from sluicegate.evidence.robustness.perturbed_rows import PerturbedRows
from sluicegate.evidence.robustness.trigger_words import TriggerTest
from sluicegate.evidence.robustness.worst_slice import measure_worst_slice
from sluicegate.evidence.sampling import sample_rows
from sluicegate.evidence.scores import Indices

Answers = dict[str, Floats]


@dataclass(frozen=True)
class TextQuestions:
    """Everything that one candidate is asked; the same for the same test rows, lists and seed."""

    sample_S: Indices
    """Test rows that are perturbed."""
    perturbed: PerturbedRows
    """What becomes of them."""
    behaviours: list[BehaviourFile]
    triggers: TriggerTest
    terms: Terms
    templates: list[TemplateTest]
    """One for each attribute."""
    exchanges: list[ExchangeTest]
    """One for each attribute."""

    @classmethod
    def of(cls, at: Measurement[Predictions], lists: Lists) -> TextQuestions:
        """Draws rows, fills templates, exchanges terms.

        Raises:
            InputRefused: A list cannot be read, or knows no such attribute.
            SpecRefused: A file of behavioural tests breaks its schema.
        """
        settings, train, texts = at.settings, at.parts["train"], at.parts["test"]["text"].tolist()
        rows = sample_rows(len(texts), settings.seed, settings.robustness.rows)
        terms = lists.terms_of(settings.languages, settings.identity.attributes)
        sentences = lists.templates_of(settings.languages)
        named = [Lexicon(with_names(terms), attribute) for attribute in settings.identity.attributes]
        return cls(
            rows,
            PerturbedRows.of([texts[row] for row in rows], settings.seed),
            lists.behaviours_of(settings.languages),
            TriggerTest.of(
                train["text"].tolist(),
                indices_of(train["label"], at.answers.labels),
                texts,
                at.answers,
                smallest=settings.minimum_group_size,
            ),
            terms,
            [TemplateTest.of(lexicon, sentences, settings.seed) for lexicon in named],
            [ExchangeTest.of(lexicon, texts, settings.seed) for lexicon in named],
        )

    def add_to(self, questions: Questions, at: Measurement[Predictions]) -> None:
        """Adds all of it to the questions of the one pass."""
        seed = at.settings.seed
        questions.add("perturbed", self.perturbed.ask())
        questions.add("behaviours", ask_behaviour(self.behaviours, at.answers.labels, seed))
        questions.add("triggers", self.triggers.ask())
        for template, exchange in zip(self.templates, self.exchanges, strict=True):
            questions.add(f"template {template.attribute}", template.ask())
            questions.add(f"exchange {exchange.attribute}", exchange.ask())

    def measure_robustness(self, at: Measurement[Predictions], answers: Answers, answer: Answer) -> None:
        """What is left of the quality; odd inputs are asked one by one, since any of them may raise."""
        settings, said = at.settings, at.answers
        before = Predictions(said.labels, said.actual_N[self.sample_S], said.probabilities_NL[self.sample_S])
        smallest, confidence, seed = settings.minimum_group_size, settings.confidence, settings.seed
        test = at.parts["test"]
        by_group = {column: at.groups_of(column) for column in at.groups}
        parts = {
            "perturbed": measure_perturbed(self.perturbed, before, answers["perturbed"], at.resampling, smallest),
            "behaviours": measure_behaviour(self.behaviours, said.labels, answers["behaviours"], confidence, seed),
            "odd_inputs": measure_odd_inputs(
                faults_of_probabilities(answer_each(answer, ask_odd_inputs()), len(said.labels))
            ),
            "triggers": self.triggers.measure(said, answers["triggers"], smallest, confidence),
            "slices": measure_worst_slice(test["text"].tolist(), by_group, said, smallest, confidence),
        }
        at.figures["robustness"] = _kept(at, parts)

    def measure_identity(self, at: Measurement[Predictions], answers: Answers) -> None:
        """How evenly it treats the groups that texts mention; figures by attribute."""
        settings, said, texts = at.settings, at.answers, at.parts["test"]["text"].tolist()
        rounds, confidence = settings.bootstrap_rounds, settings.confidence
        at.figures["identity"] = []
        for template, exchange in zip(self.templates, self.exchanges, strict=True):
            attribute = template.attribute
            parts = {
                "mentions": measure_mentions(
                    said,
                    texts,
                    Lexicon(self.terms, attribute),
                    at.resampling,
                    settings.minimum_group_size,
                    settings.identity.positive,
                ),
                "templates": template.measure(answers[f"template {attribute}"], rounds, confidence),
                "exchanges": exchange.measure(
                    said.probabilities_NL, answers[f"exchange {attribute}"], rounds, confidence
                ),
            }
            at.figures["identity"].append({"attribute": attribute, **_kept(at, parts)})

    def compare_identity(self, at: Measurement[Predictions], answers: Answers) -> None:
        """Whether fewer decisions flip than those of each live release, from one pass of it over the same texts."""
        exchanged = {test.attribute: answers[f"exchange {test.attribute}"] for test in self.exchanges}
        for release, figures in zip(at.live, at.figures["comparison"], strict=True):
            findings, figures["exchanges"] = compare_exchanges(
                release, self.exchanges, at.answers, at.of_live[release.candidate_digest], exchanged, at.resampling
            )
            at.findings += findings


def _kept(at: Measurement[Predictions], parts: dict[str, tuple[list[Finding], dict[str, Any]]]) -> dict[str, Any]:
    """The figures of each part; its findings go to all the others."""
    at.findings += [finding for findings, _ in parts.values() for finding in findings]
    return {name: figures for name, (_, figures) in parts.items()}
