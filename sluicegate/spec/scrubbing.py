"""How personal data is taken out of texts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sluicegate.spec.section import PinnedPackage, Section


class Replace(Section):
    """Puts ``<ENTITY_TYPE>`` in the place of what was found."""

    operator: Literal["replace"]


class Mask(Section):
    """Puts one `character` in the place of each character that was found."""

    operator: Literal["mask"]
    character: Annotated[str, Field(min_length=1, max_length=1)] = "*"
    """The masking character."""


class KeyedHash(Section):
    """Puts ``<ENTITY_TYPE:xxxxxxxxxxxx>`` there, from an HMAC-SHA-256 of what was found under a secret key."""

    operator: Literal["hash"]


class Pseudonym(Section):
    """Puts a made-up value of the same kind there, the same one for the same find throughout the data set."""

    operator: Literal["pseudonym"]


Operator = Annotated[Replace | Mask | KeyedHash | Pseudonym, Field(discriminator="operator")]


class Scrubbing(Section):
    """How personal data is found and what is put in its place."""

    languages: Annotated[list[Literal["en"]], Field(min_length=1)] = ["en"]
    """Languages of the texts."""
    named_entity_model: PinnedPackage | str
    """A spaCy pipeline for names: a pinned package, an installed package's name, or a folder."""
    entities: Annotated[dict[str, Operator], Field(min_length=1)]
    """Entity type of Presidio → what is put in its place. Types that are not named stay in the text."""
    score_threshold: Annotated[float, Field(ge=0, le=1)] = 0.35
    """Finds that score lower are left alone."""
    key_env: str = "SLUICEGATE_SCRUB_KEY"
    """Environment variable with the secret (at least 16 characters) for `hash` and `pseudonym`; never in the spec."""
    processes: Annotated[int, Field(gt=0)] | None = None
    """Worker processes; null takes one a core."""

    @property
    def needs_key(self) -> bool:
        """Whether any operator uses the secret."""
        return any(isinstance(o, KeyedHash | Pseudonym) for o in self.entities.values())
