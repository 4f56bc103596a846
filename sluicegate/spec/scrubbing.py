"""How personal data is taken out of texts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sluicegate.spec.section import PinnedPackage, Section


class Replace(Section):
    """Puts ``<ENTITY_TYPE>`` in the place of what was found."""

    operator: Literal["replace"] = "replace"


class Mask(Section):
    """Puts one `character` in the place of each character that was found."""

    operator: Literal["mask"] = "mask"
    character: Annotated[str, Field(min_length=1, max_length=1)] = "*"
    """The masking character."""


class Redact(Section):
    """Puts nothing there: what was found is cut out."""

    operator: Literal["redact"] = "redact"


class KeyedHash(Section):
    """Puts ``<ENTITY_TYPE:xxxxxxxxxxxx>`` there, from an HMAC-SHA-256 of what was found under a secret key."""

    operator: Literal["hash"] = "hash"


class Pseudonym(Section):
    """Puts a made-up value of the same kind there, the same one for the same find throughout the data set."""

    operator: Literal["pseudonym"] = "pseudonym"


class Encrypt(Section):
    """Puts ``<ENTITY_TYPE:…>`` there, from which whoever has the key can restore what was found."""

    operator: Literal["encrypt"] = "encrypt"


class Keep(Section):
    """Leaves what was found where it is."""

    operator: Literal["keep"] = "keep"


Operator = Annotated[Replace | Mask | Redact | KeyedHash | Pseudonym | Encrypt | Keep, Field(discriminator="operator")]
NAME_NOBODY = frozenset({"AGE", "DATE_TIME", "LOCATION", "NRP", "ORGANIZATION", "TITLE"})
"""Types that by themselves name no person."""
KEYED = (KeyedHash, Pseudonym, Encrypt)
"""Operators that use the secret."""


class Scrubbing(Section):
    """How personal data is found and what is put in its place; as it stands, every type becomes its name."""

    languages: Annotated[list[Literal["en", "zh"]], Field(min_length=1)] = ["en", "zh"]
    """Languages of the texts; one text may hold several."""
    default: Operator | None = Replace()
    """What is put in the place of every type that is not named in `entities`; null leaves those in the text."""
    entities: dict[str, Operator] = {}
    """Entity type of Presidio → what is put in its place, where that is not the default."""
    recognizers: str | None = None
    """Recognizers of your own besides: a YAML file in Presidio's format, with patterns and lists of words."""
    named_entity_model: PinnedPackage | str | None = None
    """Finds names, places and organisations: null takes the tagger that comes with Sluicegate; else a folder with
    another such tagger, or a spaCy pipeline (a pinned package, an installed package's name, or a folder)."""
    score_threshold: Annotated[float, Field(ge=0, le=1)] = 0.35
    """Finds that score lower are left alone."""
    key_env: str = "SLUICEGATE_SCRUB_KEY"
    """Environment variable with the secret (at least 16 characters) for `hash`, `pseudonym` and `encrypt`; the secret
    is never in the spec."""
    key_block: str | None = None
    """Prefect Secret block with the secret, in the place of the environment variable."""
    canaries: Annotated[int, Field(ge=0, le=100_000)] = 200
    """Made-up values that are planted into copies of the texts, to measure how many are found; 0 plants none."""
    canary_seed: int = 0
    """Decides which values are planted, and where."""
    processes: Annotated[int, Field(gt=0)] | None = None
    """Worker processes; null takes one a core. With a cluster, those of all its nodes together."""

    @model_validator(mode="after")
    def _something(self) -> Scrubbing:
        if self.default is None and not self.entities:
            raise ValueError("with `default` null, `entities` must name what is looked for")
        return self

    @property
    def needs_key(self) -> bool:
        """Whether any operator uses the secret."""
        return bool(self.keyed)

    @property
    def keyed(self) -> list[str]:
        """The entity types, and ``default``, whose operator uses the secret."""
        default = ["default"] if isinstance(self.default, KEYED) else []
        return default + sorted(entity for entity, operator in self.entities.items() if isinstance(operator, KEYED))

    @property
    def left_in(self) -> str:
        """Which types that name somebody stay in the texts on purpose, in words; empty if none does."""
        if self.default is None or isinstance(self.default, Keep):
            return "all types that are not named"
        kept = [entity for entity, operator in self.entities.items() if isinstance(operator, Keep)]
        return ", ".join(entity for entity in kept if entity not in NAME_NOBODY)

    def operator_of(self, entity: str) -> Operator | None:
        """What is done with finds of a type; None where it is not looked for."""
        return self.entities.get(entity, self.default)
