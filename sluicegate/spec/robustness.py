"""What is done to the training texts, or to their embeddings, so that small changes do not change the answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sluicegate.spec.section import Section

Share = Annotated[float, Field(ge=0, lt=1)]


class Adversarial(Section):
    """Embeddings are moved, at every step, to where the loss is higher.

    Sources: Miyato et al. (2017) for fgm, Madry et al. (2018) for pgd, Zhu et al. (2020) for freelb.
    """

    kind: Literal["fgm", "pgd", "freelb"]
    """One step and 2 passes (`fgm`), K steps and K + 2 passes (`pgd`), or K steps and K passes (`freelb`)."""
    radius: Annotated[float, Field(gt=0)] = 1.0
    """How far a text is moved at most: Euclidean norm over all its tokens. A token of BERT has a norm of about 1.4."""
    steps: Annotated[int, Field(gt=0, le=100)] | None = None
    """K; null is 3. `fgm` takes one."""
    step_size: Annotated[float, Field(gt=0)] | None = None
    """Norm of one step; null is half the radius. That of `fgm` is the radius."""

    @model_validator(mode="after")
    def _fgm_takes_one_step(self) -> Adversarial:
        if self.kind == "fgm" and (self.steps is not None or self.step_size is not None):
            raise ValueError("`fgm` takes one step, of the radius: leave out `steps` and `step_size`")
        return self


class InputNoise(Section):
    """Changes to the training texts, drawn anew for each epoch."""

    typos: Share = 0.0
    """Share of the words of four letters or more that get a typo."""
    dropped_words: Share = 0.0
    """Share of the words, and Chinese characters, that are left out; one is always kept."""

    @model_validator(mode="after")
    def _changes_something(self) -> InputNoise:
        if not self.typos and not self.dropped_words:
            raise ValueError("`typos` and `dropped_words` are both 0: leave out `noise`")
        return self


class Robustness(Section):
    """Training against small changes; nothing of it by default."""

    adversarial: Adversarial | None = None
    """Perturbed embeddings; null perturbs none."""
    noise: InputNoise | None = None
    """Typos and dropped words; null changes no text."""
