"""What scores harmful text: anything with a method `scores`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sluicegate.data.hygiene.terms import LIMITS, SHIPPED, TermClassifier
from sluicegate.errors import InputRefused
from sluicegate.manifest import digest_of_file
from sluicegate.spec.hygiene import Harm, HarmModel, TermList

if TYPE_CHECKING:
    from torch import Tensor

_BATCH_TEXTS = 64
_BATCH_WINDOWS = 64
_LENGTH_TOKENS = 128
_OVERLAP = 8  # a window repeats this part (an eighth) of the one before, so that few phrases are cut in two
_MODEL_FILES = ("config.json", "model.safetensors", "tokenizer.json")
_CARD = "candidate.json"


class HarmClassifier(Protocol):
    """Scores texts for harm."""

    def scores(self, texts: Sequence[str]) -> list[float]:
        """A score from 0 (harmless) to 1 for each text, which depends on that text alone."""
        ...


def classifier(section: Harm, resolve: Callable[[str], Path] = Path) -> HarmClassifier:
    """The classifier that the spec names.

    Args:
        section: The spec's section.
        resolve: Makes the spec's paths absolute.

    Raises:
        InputRefused: A list or a model cannot be used.
    """
    if isinstance(section.classifier, TermList):
        files = [resolve(path) for path in section.classifier.files]
        return TermClassifier(shipped=section.classifier.shipped, files=files)
    return ModelClassifier(resolve(section.classifier.folder), section.classifier)


def described(section: Harm) -> dict[str, str]:
    """What looks for harm, and what it cannot find, in words: ``kind``, ``classifier`` and ``limits``."""
    named = section.classifier
    if isinstance(named, TermList):
        lists = (["Sluicegate's own"] if named.shipped else []) + [Path(path).name for path in named.files]
        return {"kind": named.kind, "classifier": f"lists of terms ({', '.join(lists)})", "limits": LIMITS}
    labels = ", ".join(named.labels)
    return {
        "kind": named.kind,
        "classifier": f"the model {Path(named.folder).name} (labels {labels})",
        "limits": "How well that model finds harm in texts like these was not measured.",
    }


def fingerprint(section: Harm, resolve: Callable[[str], Path] = Path) -> dict[str, str]:
    """File → SHA-256 of everything that the classifier is made of.

    Raises:
        InputRefused: A file is missing.
    """
    if isinstance(section.classifier, TermList):
        paths = [SHIPPED] if section.classifier.shipped else []
        paths += [resolve(path) for path in section.classifier.files]
    else:
        folder = resolve(section.classifier.folder)
        paths = [folder / name for name in (*_MODEL_FILES, _CARD) if name != _CARD or (folder / name).is_file()]
    if missing := [path for path in paths if not path.is_file()]:
        raise InputRefused(missing[0], "", "there is no such file, which the classifier of harmful text needs")
    return {str(number): digest_of_file(path) for number, path in enumerate(paths)}


class ModelClassifier:
    """A text classification model in a folder; its score is the probability of the labels that mean harm.

    A text of more tokens than the model is to read at once is read in windows of that many, the last of which may
    be shorter, and scores as high as the highest of them. Only safetensors and JSON are read, and no code from the
    folder is run.

    Args:
        folder: The model's folder.
        section: The spec's section.

    Raises:
        InputRefused: A file is missing, the model cannot be loaded, it has no such label, or a window has no room
            for a token of the text.
    """

    def __init__(self, folder: Path, section: HarmModel) -> None:
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        if missing := [name for name in _MODEL_FILES if not (folder / name).is_file()]:
            raise InputRefused(folder, missing[0], "is missing, a classifier of harmful text needs it")
        local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, **local)
            model = AutoModelForSequenceClassification.from_pretrained(
                folder, dtype=torch.float32, use_safetensors=True, **local
            )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise InputRefused(folder, "", f"is no text classification model ({type(error).__name__})") from error
        self._model = model.eval()
        self._harmful = self._places(folder, section.labels)
        self._several = model.config.problem_type == "multi_label_classification"
        self._length = section.max_length_tokens or self._card_length(folder) or _LENGTH_TOKENS
        self._overlap = self._room(folder) // _OVERLAP

    def _places(self, folder: Path, wanted: Sequence[str]) -> list[int]:
        labels = {name: int(place) for place, name in self._model.config.id2label.items()}
        if unknown := [label for label in wanted if label not in labels]:
            problem = f"has no label {unknown[0]!r}; its labels are {', '.join(labels)}"
            raise InputRefused(folder / "config.json", "id2label", problem)
        return [labels[label] for label in wanted]

    def _room(self, folder: Path) -> int:
        """Tokens of a text that a window has room for."""
        if not self._tokenizer.is_fast:
            raise InputRefused(folder / "tokenizer.json", "", "is not what reads the texts, so none is cut in windows")
        special = int(self._tokenizer.num_special_tokens_to_add())
        if self._length <= special:
            problem = f"is {self._length}, and {special} of the tokens that are read at once are special ones"
            raise InputRefused(folder, "max_length_tokens", problem, "raise it")
        return self._length - special

    @staticmethod
    def _card_length(folder: Path) -> int | None:
        card = folder / _CARD
        return json.loads(card.read_text(encoding="utf-8")).get("max_length_tokens") if card.is_file() else None

    def scores(self, texts: Sequence[str]) -> list[float]:
        """Probability that a text is harmful; where a model gives several labels to a text, the highest."""
        scores = [0.0] * len(texts)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for begin in range(0, len(order), _BATCH_TEXTS):
            places = order[begin : begin + _BATCH_TEXTS]
            for place, score in self._windows([texts[i] for i in places]):
                scores[places[place]] = max(scores[places[place]], score)
        return scores

    def _windows(self, texts: list[str]) -> Iterator[tuple[int, float]]:
        """The place among `texts` and the score of each window."""
        import torch

        options: dict[str, Any] = {"padding": True, "truncation": True, "max_length": self._length}
        windows: dict[str, Tensor] = dict(
            self._tokenizer(texts, return_tensors="pt", return_overflowing_tokens=True, stride=self._overlap, **options)
        )
        places = windows.pop("overflow_to_sample_mapping").tolist()
        for begin in range(0, len(places), _BATCH_WINDOWS):
            part = slice(begin, begin + _BATCH_WINDOWS)
            with torch.inference_mode():
                logits_BL = self._model(**{name: values[part] for name, values in windows.items()}).logits.double()
            yield from zip(places[part], self._probabilities(logits_BL), strict=True)

    def _probabilities(self, logits_BL: Tensor) -> list[float]:
        """The probability of harm in each of B windows, of the logits of L labels."""
        import torch

        if self._several:
            found_B = torch.sigmoid(logits_BL)[:, self._harmful].amax(dim=-1)
        else:
            found_B = torch.softmax(logits_BL, dim=-1)[:, self._harmful].sum(dim=-1)
        return [min(1.0, float(score)) for score in found_B]
