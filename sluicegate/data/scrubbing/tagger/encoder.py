"""A small BERT for token classification, run by torch alone.

The weights are those of transformers' `BertForTokenClassification`; transformers itself takes seconds to import, and
every process that scrubs would pay for that.

B: texts of a batch; T: tokens; D: width of a layer; H: heads; C: classes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sluicegate.errors import InputRefused

if TYPE_CHECKING:
    import torch

CONFIG, WEIGHTS = "config.json", "model.safetensors"
_KEYS = ("num_hidden_layers", "num_attention_heads", "hidden_size", "max_position_embeddings", "id2label")
_NEGATIVE = -1e9


@dataclass(frozen=True, slots=True)
class Shape:
    """What the network's configuration says."""

    layers: int
    heads: int
    longest: int
    labels: tuple[str, ...]
    epsilon: float

    @classmethod
    def read(cls, folder: Path) -> Shape:
        """The shape in `folder/config.json`.

        Raises:
            InputRefused: There is no such file, or it is of another kind of model.
        """
        path = folder / CONFIG
        try:
            config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except OSError:
            raise InputRefused(folder, CONFIG, "is not there", "name the folder of a trained tagger") from None
        except ValueError:
            raise InputRefused(path, "", "is not JSON") from None
        if missing := [key for key in _KEYS if key not in config]:
            raise InputRefused(path, ", ".join(missing), "missing: this is no token classifier")
        if config.get("model_type") != "bert" or config.get("hidden_act", "gelu") != "gelu":
            raise InputRefused(path, "model_type", f"{config.get('model_type')!r}: only BERT with GELU can be run")
        labels = tuple(label for _, label in sorted((int(i), label) for i, label in config["id2label"].items()))
        if labels[0] != "O":
            raise InputRefused(path, "id2label", f"label 0 is {labels[0]!r}, not 'O'")
        layers, heads, longest = (config[key] for key in (_KEYS[0], _KEYS[1], _KEYS[3]))
        return cls(layers, heads, longest, labels, config.get("layer_norm_eps", 1e-12))


@cache
def fast_products() -> torch.dtype:
    """Bfloat16 where the processor multiplies in it, which is twice as fast; else float32."""
    import torch

    able = torch.cpu.get_capabilities()
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32


class Encoder:
    """The network, in float32 whatever it is stored as; its products in bfloat16 where the processor has it.

    Args:
        folder: Where `config.json` and `model.safetensors` lie.
        products: What matrix products are computed in; None asks the processor.

    Raises:
        InputRefused: A file is missing or does not fit the other.
    """

    def __init__(self, folder: Path, products: torch.dtype | None = None) -> None:
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        self.shape = Shape.read(folder)
        try:
            stored = load_file(folder / WEIGHTS)
        except (OSError, SafetensorError):
            raise InputRefused(folder, WEIGHTS, "is missing or cannot be read") from None
        self._weights = {name.removeprefix("bert."): w.to(torch.float32).contiguous() for name, w in stored.items()}
        self._join_attention()
        self._products = products or fast_products()
        for name in [name for name in self._weights if name.startswith("encoder.") and "LayerNorm" not in name]:
            self._weights[name] = self._weights[name].to(self._products)

    def _join_attention(self) -> None:
        """One matrix for queries, keys and values of a layer: one product instead of three."""
        import torch

        try:
            for layer in range(self.shape.layers):
                for kind in ("weight", "bias"):
                    names = [
                        f"encoder.layer.{layer}.attention.self.{part}.{kind}" for part in ("query", "key", "value")
                    ]
                    joined = torch.cat([self._weights.pop(name) for name in names])
                    self._weights[f"encoder.layer.{layer}.attention.joined.{kind}"] = joined
            kinds = self._weights["classifier.bias"].shape[0]
        except KeyError as error:
            raise InputRefused(WEIGHTS, str(error.args[0]), "is not among the weights") from None
        if kinds != len(self.shape.labels):
            raise InputRefused(CONFIG, "id2label", f"{len(self.shape.labels)} labels for {kinds} classes")

    def logits(self, ids_BT: torch.Tensor, mask_BT: torch.Tensor) -> torch.Tensor:
        """Scores of each class for each token, shape (B, T, C).

        Args:
            ids_BT: Token ids, at most `shape.longest` a text.
            mask_BT: True where there is a token and not padding.
        """
        import torch

        with torch.inference_mode():
            hidden_BTD = self._embedded(ids_BT)
            bias_B11T = None if bool(mask_BT.all()) else ((~mask_BT)[:, None, None, :] * _NEGATIVE).to(self._products)
            for layer in range(self.shape.layers):
                hidden_BTD = self._layer(f"encoder.layer.{layer}", hidden_BTD, bias_B11T)
            return self._linear("classifier", hidden_BTD)

    def _embedded(self, ids_BT: torch.Tensor) -> torch.Tensor:
        embeddings = "embeddings.{}_embeddings.weight".format
        positions_TD = self._weights[embeddings("position")][: ids_BT.shape[1]]
        kind_D = self._weights[embeddings("token_type")][0]
        return self._norm("embeddings.LayerNorm", self._weights[embeddings("word")][ids_BT] + (positions_TD + kind_D))

    def _layer(self, name: str, hidden_BTD: torch.Tensor, bias_B11T: torch.Tensor | None) -> torch.Tensor:
        from torch.nn import functional

        B, T, D = hidden_BTD.shape
        parts = self._linear(f"{name}.attention.joined", hidden_BTD).view(B, T, 3, self.shape.heads, -1)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias_B11T)
        mixed_BTD = mixed.transpose(1, 2).reshape(B, T, D)
        attended = hidden_BTD + self._linear(f"{name}.attention.output.dense", mixed_BTD)
        hidden_BTD = self._norm(f"{name}.attention.output.LayerNorm", attended)
        inner = functional.gelu(self._linear(f"{name}.intermediate.dense", hidden_BTD))
        return self._norm(f"{name}.output.LayerNorm", hidden_BTD + self._linear(f"{name}.output.dense", inner))

    def _linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional

        weight = self._weights[f"{name}.weight"]
        return functional.linear(x.to(weight.dtype), weight, self._weights[f"{name}.bias"])

    def _norm(self, name: str, x: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional

        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return functional.layer_norm(x, weight.shape, weight, bias, self.shape.epsilon)
