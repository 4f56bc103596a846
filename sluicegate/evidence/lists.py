"""Which lists the questions to a text classifier are made of: the shipped ones of its languages, and a user's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sluicegate.errors import InputRefused
from sluicegate.evidence.identity.templates import CHINESE_TEMPLATES, ENGLISH_TEMPLATES, Template, read_templates
from sluicegate.evidence.identity.terms import CHINESE_TERMS, ENGLISH_TERMS, Terms, read_terms
from sluicegate.evidence.robustness.behaviour_file import SHIPPED, BehaviourFile, in_languages, read_behaviours

_TERMS = {"en": ENGLISH_TERMS, "zh": CHINESE_TERMS}
_TEMPLATES = {"en": ENGLISH_TEMPLATES, "zh": CHINESE_TEMPLATES}


@dataclass(frozen=True)
class Lists:
    """The files of a spec's own, each beside the shipped ones."""

    terms: tuple[Path, ...] = ()
    templates: tuple[Path, ...] = ()
    behaviours: tuple[Path, ...] = ()

    def terms_of(self, languages: Sequence[str], attributes: Sequence[str]) -> Terms:
        """The terms of these languages.

        Raises:
            InputRefused: A file cannot be read, or no list has an attribute.
        """
        terms = read_terms([*_shipped(_TERMS, languages), *self.terms])
        if unknown := [attribute for attribute in attributes if attribute not in terms.attributes()]:
            of = f"languages: {', '.join(languages)}"
            raise InputRefused(
                "the spec", "evidence.identity.attributes", f"{unknown[0]} has no term in any list ({of})"
            )
        return terms

    def templates_of(self, languages: Sequence[str]) -> list[Template]:
        """The templates of these languages.

        Raises:
            InputRefused: A file cannot be read.
        """
        return read_templates([*_shipped(_TEMPLATES, languages), *self.templates])

    def behaviours_of(self, languages: Sequence[str]) -> list[BehaviourFile]:
        """The behavioural tests in these languages.

        Raises:
            SpecRefused: A file cannot be read, or breaks its schema.
        """
        return in_languages(read_behaviours([*SHIPPED, *self.behaviours]), languages)


SHIPPED_ALONE = Lists()


def _shipped(files: dict[str, Path], languages: Sequence[str]) -> list[Path]:
    return [files[language] for language in languages if language in files]
