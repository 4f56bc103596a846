"""How the model is trained."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from sluicegate.spec.fairness import Fairness
from sluicegate.spec.image_model import ImageScratch, scratch_kind
from sluicegate.spec.method import Method, WithAdaLora
from sluicegate.spec.privacy import Privacy
from sluicegate.spec.robustness import Robustness
from sluicegate.spec.section import PinnedPackage, Section

Task = Literal["sequence-classification", "token-classification", "causal-lm", "masked-lm", "image-classification"]
LANGUAGE: frozenset[Task] = frozenset({"causal-lm", "masked-lm"})
"""Tasks that learn from texts alone."""


class Scratch(Section):
    """The size of a model whose weights are drawn at random, and of the vocabulary made from the training texts.

    It is a BERT; for `causal-lm` a GPT-2, whose vocabulary is made of pieces of bytes, so that it can write any text.
    """

    layers: Annotated[int, Field(gt=0, le=48)]
    """Transformer layers."""
    hidden: Annotated[int, Field(gt=0, le=4096)]
    """Width of a token's vector; the feed-forward layers are four times as wide."""
    heads: Annotated[int, Field(gt=0)]
    """Attention heads; they share the width evenly."""
    vocabulary: Annotated[int, Field(ge=100, le=200_000)]
    """Pieces of words at most. For a BERT a Chinese character is a piece of its own; a GPT-2 needs 257 at least."""
    longest: Annotated[int, Field(ge=8, le=8192)]
    """Tokens at most in one text: the number of position embeddings."""
    lowercase: bool = False
    """Whether capitals are read as small letters."""
    digits_alike: bool = False
    """Whether every digit is read as 0, so that only the shape of a number counts."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the numbers between the layers that a step of training leaves out; 0 where no text comes twice."""

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> Scratch:
        if self.hidden % self.heads:
            raise ValueError(f"`hidden` must be a multiple of `heads`: {self.hidden} is none of {self.heads}")
        return self


class FromScratch(Section):
    """No base model: random weights and a tokenizer made from the run's own training texts, at the start of it.

    For images a vision transformer, which needs no tokenizer.
    """

    scratch: Annotated[
        Annotated[Scratch, Tag("texts")] | Annotated[ImageScratch, Tag("images")], Discriminator(scratch_kind)
    ]
    """How large it is."""


class LocalEngine(Section):
    """One process: the task's own."""

    kind: Literal["local"] = "local"


class TorchrunEngine(Section):
    """Several processes on this machine under torchrun, one for each GPU where there are any."""

    kind: Literal["torchrun"]
    processes: Annotated[int, Field(gt=0, le=1024)]
    """How many; each trains on its share of a step's rows."""
    strategy: Literal["ddp", "fsdp"] = "ddp"
    """`ddp`: each process holds the whole model. `fsdp`: each holds its part of every layer, for a larger model."""


class RayEngine(Section):
    """Several processes on the nodes of a Ray cluster, under Ray Train, one for each GPU where there are any.

    All nodes see the folders of the run under the same paths, on a file system that they share.
    """

    kind: Literal["ray"]
    address: Annotated[str, Field(pattern=r"^(auto|[^\s/]+:[0-9]{1,5})$")] | None = "auto"
    """``auto``, the cluster that runs on this machine, or ``host:port`` of one that this machine belongs to; null
    starts a Ray of this machine alone, for as long as the run takes."""
    processes: Annotated[int, Field(gt=0, le=1024)]
    """How many, over all nodes; each trains on its share of a step's rows."""
    processors: Annotated[int, Field(gt=0, le=1024)] = 1
    """Processors, and threads, of each process."""
    strategy: Literal["ddp", "fsdp"] = "ddp"
    """`ddp`: each process holds the whole model. `fsdp`: each holds its part of every layer, for a larger model."""
    restarts: Annotated[int, Field(ge=0, le=1000)] = 3
    """How often the run goes on by itself, from its last checkpoint, after a process or a node was lost."""


Engine = Annotated[LocalEngine | TorchrunEngine | RayEngine, Field(discriminator="kind")]


class Training(Section):
    """One training run; every field is logged to MLflow as a parameter."""

    task: Task = "sequence-classification"
    """What the model learns to do: one label for a text, an entity type for each part of it, the next word piece
    (`causal-lm`), hidden ones (`masked-lm`), or one label for an image. The two language tasks need no labels; from a
    base model they train it further on the texts."""
    base_model: PinnedPackage | FromScratch | str
    """A pinned package, ``{scratch: …}``, a folder, or a hub name ``owner/name@commit`` (needs the network once)."""
    base_model_licence: str
    """SPDX identifier of the base weights' licence; from scratch, the one that you give your own."""
    method: Method = "full"
    """What learns: everything (`full`), the head alone (`frozen`), or the head and low-rank changes to the body."""
    epochs: Annotated[int, Field(gt=0)] = 2
    """Passes over the training rows at most."""
    batch_size: Annotated[int, Field(gt=0)] | None = None
    """Sequences per step of the optimizer, over all devices; null is as many as in one forward pass."""
    micro_batch_size: Annotated[int, Field(gt=0)] = 32
    """Sequences per forward pass at most; the gradients of several make up a step."""
    class_weights: Literal["balanced"] | dict[str, Annotated[float, Field(gt=0)]] | None = None
    """How much a label weighs in the loss: null all alike, `balanced` the rarer the more, or a weight by label (1)."""
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of each label's probability that is spread evenly over all labels."""
    soft_labels: bool = False
    """Learn each label's share of the people who were asked (`data.ratings_column`), where a row says them."""
    max_length_tokens: Annotated[int, Field(ge=8)] = 128
    """Longer texts are cut. `causal-lm` and `masked-lm` read all texts one after the other in blocks of this length.
    Images have no tokens: leave it as it is."""
    learning_rate: Annotated[float, Field(gt=0)] = 1e-4
    """Peak rate of the linear warm-up and decay schedule, for the body."""
    head_learning_rate: Annotated[float, Field(gt=0)] = 1e-3
    """The same for the new classification head (and pooler)."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    """AdamW's decoupled weight decay."""
    gradient_clip: Annotated[float, Field(gt=0)] | None = None
    """Longest that a step's gradient may be (Euclidean norm); null leaves it as it is."""
    warmup_share: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of all steps over which the rate rises."""
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """`auto` takes bf16 autocast where the processor computes in it."""
    stored_as: Literal["fp32", "fp16"] = "fp32"
    """Number format in which the candidate keeps its weights; it computes in fp32 either way."""
    evaluations_per_epoch: Annotated[int, Field(gt=0)] = 2
    """How often the validation rows are scored."""
    patience: Annotated[int, Field(gt=0)] = 3
    """Stop after this many evaluations without a better macro-F1 (perplexity for `causal-lm` and `masked-lm`); the best
    weights are kept."""
    checkpoint_every_steps: Annotated[int, Field(gt=0)] = 50
    """Steps between checkpoints, from which a killed run goes on."""
    engine: Engine = LocalEngine()
    """What the training runs on. A step is made of the same rows on any; the sums are rounded in another order."""
    robustness: Robustness = Robustness()
    """Adversarial training, and noise in the texts."""
    fairness: Fairness = Fairness()
    """Weights of rows, counterfactual copies, and thresholds."""
    privacy: Privacy | None = None
    """A bound on what the weights tell about any one training row; null bounds nothing."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    """Where it runs, for the carbon of its electricity: ISO 3166 code of three letters; null is the world's average."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the new weights, the batches' order, dropout, random starts and noise in texts; the rows and the noise of
    a private run come from a secret one."""

    @property
    def rows_per_step(self) -> int:
        """Sequences per step of the optimizer."""
        return self.batch_size or self.micro_batch_size

    @model_validator(mode="after")
    def _ranks_are_chosen_from_whole_weights(self) -> Training:
        sharded = isinstance(self.engine, TorchrunEngine | RayEngine) and self.engine.strategy == "fsdp"
        if sharded and isinstance(self.method, WithAdaLora):
            raise ValueError("`engine.strategy` cannot be `fsdp` with AdaLoRA, which compares whole weights")
        return self

    @model_validator(mode="after")
    def _one_process_where_more_are_not_tried(self) -> Training:
        if not isinstance(self.engine, LocalEngine):
            for name, empty in (("robustness", Robustness()), ("fairness", Fairness())):
                if getattr(self, name) != empty:
                    raise ValueError(f"`{name}` works in one process, not under `engine.kind: {self.engine.kind}`")
        return self

    @model_validator(mode="after")
    def _every_row_is_bounded(self) -> Training:
        if self.privacy is not None:
            several = f"`engine.kind: {self.engine.kind}` would add noise in each process"
            for excluded, line in (
                (isinstance(self.base_model, FromScratch), "`base_model.scratch` makes its vocabulary of them"),
                (self.task in LANGUAGE, f"`task: {self.task}` learns blocks with parts of several of them"),
                (self.class_weights == "balanced", "`class_weights: balanced` counts them; give a weight by label"),
                (isinstance(self.method, WithAdaLora), "`method.adalora` has weights whose gradients are not by row"),
                (not isinstance(self.engine, LocalEngine), several),
                (self.robustness.adversarial is not None, "`robustness.adversarial` has passes of its own"),
                (self.fairness.reweigh is not None, "`fairness.reweigh` counts them"),
                (self.fairness.counterfactual is not None, "`fairness.counterfactual` makes two of one"),
                (self.fairness.thresholds is not None, "`fairness.thresholds` has not been tried with it"),
            ):
                if excluded:
                    raise ValueError(f"`privacy` bounds what is learned of single training rows, and {line}")
        return self

    @model_validator(mode="after")
    def _texts_fit(self) -> Training:
        base = self.base_model
        if not isinstance(base, FromScratch) or isinstance(base.scratch, ImageScratch):
            return self
        if self.max_length_tokens > base.scratch.longest:
            limit = f"base_model.scratch.longest ({base.scratch.longest})"
            raise ValueError(f"`max_length_tokens` is {self.max_length_tokens}, more than {limit}")
        return self

    @model_validator(mode="after")
    def _labels_weigh(self) -> Training:
        if self.task in LANGUAGE and self.class_weights is not None:
            raise ValueError(f"`class_weights` weighs labels, and `task: {self.task}` has none")
        return self

    @model_validator(mode="after")
    def _noise_leaves_rows_as_many_as_they_are(self) -> Training:
        if self.task in LANGUAGE and self.robustness.noise is not None:
            raise ValueError(f"`robustness.noise` changes texts one by one, and `task: {self.task}` reads them as one")
        return self

    @model_validator(mode="after")
    def _images_have_a_model_of_their_own(self) -> Training:
        images, base = self.task == "image-classification", self.base_model
        if isinstance(base, FromScratch) and isinstance(base.scratch, ImageScratch) != images:
            needs = "image_size and patch_size" if images else "vocabulary and longest"
            raise ValueError(f"`base_model.scratch` needs {needs} for `task: {self.task}`")
        if images and self.max_length_tokens != type(self).model_fields["max_length_tokens"].default:
            raise ValueError("`max_length_tokens` cuts texts, and `task: image-classification` has none")
        for name, wanted in (
            ("privacy", self.privacy),
            ("robustness.noise", self.robustness.noise),
            ("robustness.adversarial", self.robustness.adversarial),
            ("fairness.counterfactual", self.fairness.counterfactual),
        ):
            if images and wanted is not None:
                raise ValueError(f"`{name}` is for texts, and `task: image-classification` has none")
        return self

    @model_validator(mode="after")
    def _shares_are_of_texts(self) -> Training:
        if self.soft_labels and self.task != "sequence-classification":
            raise ValueError("`soft_labels` needs `task: sequence-classification`")
        return self

    @model_validator(mode="after")
    def _groups_have_labels(self) -> Training:
        for name in ("reweigh", "thresholds"):
            if getattr(self.fairness, name) is not None and self.task != "sequence-classification":
                raise ValueError(f"`fairness.{name}` needs `task: sequence-classification`")
        return self

    @model_validator(mode="after")
    def _body_is_worth_keeping(self) -> Training:
        if isinstance(self.base_model, FromScratch) and self.method != "full":
            raise ValueError("a model from scratch has random weights, so `method` must be `full`")
        return self
