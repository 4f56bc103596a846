"""What is measured about the candidate."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sluicegate.spec.section import Section

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
ATTRIBUTES = ("gender", "religion", "nationality", "ethnicity", "age", "disability", "sexual orientation")
"""What the shipped lists tell groups of people apart by."""


class Attacks(Section):
    """Attacks that ask what the candidate tells about single training rows."""

    rows: Annotated[int, Field(ge=100)] = 500
    """Training rows that are attacked, and at most twice as many test rows beside them for the shadow models."""
    shadows: Annotated[int, Field(ge=2, multiple_of=2)] = 16
    """Small models that say what to expect of a row that was not learned from."""


class RobustnessTests(Section):
    """What is asked of a text classifier besides the test rows as they are."""

    rows: Annotated[int, Field(gt=0)] = 500
    """Test rows whose texts are perturbed."""
    behaviours: list[str] = []
    """Files of behavioural tests of your own, beside the shipped ones of sentiment."""


class IdentityTests(Section):
    """Groups of people that texts mention."""

    attributes: list[Annotated[str, Field(min_length=1)]] = list(ATTRIBUTES)
    """What groups are told apart by, as the lists of terms have it; each has findings of its own."""
    terms: list[str] = []
    """Lists of terms of your own, beside the shipped ones."""
    templates: list[str] = []
    """Sentences with a place for a term, of your own, beside the shipped ones."""
    positive: str | None = None
    """The label that is set against the rest; by default the second of two, or each of more."""


class Evidence(Section):
    """What is measured about the candidate."""

    baselines: list[Literal["tfidf", "vader", "lookup", "unigram", "trigram", "untuned", "majority", "pixels"]] = [
        "tfidf"
    ]
    """Simple models scored on the same rows. VADER reads English sentiment into negative, neutral, positive. `lookup`
    is for token classification: each word gets the type that it had most often. `unigram` and `trigram` are for
    `causal-lm` and `masked-lm`: how often a word piece stands in the training rows, alone and after two others (what a
    masked model gains over them is not applicable, for it sees both sides); `untuned` is the base model as it was
    before training: of a classifier, logistic regression on its features. For images there are `majority`, the
    commonest label, and `pixels`, logistic regression on the images made small."""
    bootstrap_rounds: Annotated[int, Field(ge=100)] = 1000
    """Resamples behind each interval."""
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    """Level of the intervals."""
    minimum_group_size: Annotated[int, Field(gt=1)] = 30
    """Figures of fewer test rows are reported as not evaluated: of all of them, of a group, of a label, or of those
    that a word is tried on. So are a tagger's of fewer entities: of all of them, of a group, or of a type."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the resampling."""
    languages: Annotated[list[Language], Field(min_length=1)] = ["en"]
    """Languages of the texts (ISO 639): of these are the shipped terms, templates and behavioural tests; there are
    some of `en` and `zh`."""
    identity: IdentityTests = IdentityTests()
    """How evenly groups of people that texts mention are treated."""
    robustness: RobustnessTests = RobustnessTests()
    """Texts that are not as neat as the test rows."""
    attacks: Attacks = Attacks()
    """What the candidate tells about single training rows."""
    show_words: bool = False
    """Whether the dossier shows the words of at most 12 scrubbed test rows, and of those in `explained`, with what each
    adds to the answer. Needs scrubbing that leaves no type in the texts that names somebody by itself."""
    explained: Annotated[list[Annotated[str, Field(min_length=1)]], Field(max_length=6)] = []
    """Ids of test rows of your choice whose answers are explained besides. Needs `show_words`."""

    @model_validator(mode="after")
    def _shown_if_explained(self) -> Evidence:
        if self.explained and not self.show_words:
            raise ValueError("`explained` names rows whose words `show_words: false` does not show")
        return self

    @model_validator(mode="after")
    def _named_once(self) -> Evidence:
        for name, listed in (
            ("baselines", self.baselines),
            ("languages", self.languages),
            ("identity.attributes", self.identity.attributes),
            ("explained", self.explained),
        ):
            if repeated := [value for value in listed if list(listed).count(value) > 1]:
                raise ValueError(f"`{name}` names {repeated[0]!r} twice")
        return self
