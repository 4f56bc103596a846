"""Named entities of WNUT-17 (Derczynski et al., 2017) learned by our fine-tuning, scored as the shared task scored.

Needs ``SLUICEGATE_BENCH_DATA/ner/wnut17_{train,dev,test}.conll``. Published on the same test part, entity F1 of
the seven systems of the shared task: 0.26 to 0.42 (the best, UH-RiTUAL: Aguilar et al., 2017).
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.conll import Entity, offsets, read
from benchmarks.training import inputs
from sluicegate.errors import InputRefused
from sluicegate.spec import Training
from sluicegate.spec.spans import Span, dump_spans

LABELS = ("corporation", "creative-work", "group", "location", "person", "product")
PUBLISHED = {
    "UH-RiTUAL (best of the shared task)": 0.4186,
    "SpinningBytes": 0.4078,
    "Drexel-CCI (lowest of seven)": 0.2630,
}
SEEDS = 3


def run(pairs: int) -> dict[str, Any]:
    """Trains from `SEEDS` seeds and prints entity F1 beside the published ones; `pairs` is not used."""
    shared = os.environ.get("SLUICEGATE_BENCH_DATA")
    if not shared:
        raise InputRefused("SLUICEGATE_BENCH_DATA", "", "is not set, and WNUT-17 is no part of the project")
    base_model, _ = inputs()
    sentences = {part: list(read(Path(shared) / "ner" / f"wnut17_{part}.conll")) for part in ("train", "dev", "test")}
    runs = []
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as name:
        folder = Path(name)
        for part in ("train", "dev"):
            _write(sentences[part], folder / f"{part}.parquet")
        for seed in range(SEEDS):
            start = time.perf_counter()
            found = _predicted(folder, base_model, [tokens for tokens, _ in sentences["test"]], seed)
            runs.append(
                {"seed": seed, "seconds": round(time.perf_counter() - start, 1)}
                | f1([entities for _, entities in sentences["test"]], found, [t for t, _ in sentences["test"]])
            )
            print(json.dumps(runs[-1]), flush=True)
    mean = {key: round(sum(r[key] for r in runs) / SEEDS, 4) for key in ("entity_f1", "surface_f1")}
    print(
        f"WNUT-17 test, entity F1 {mean['entity_f1']:.3f}, of surface forms {mean['surface_f1']:.3f} (mean of {SEEDS} "
        f"seeds); published: " + ", ".join(f"{name} {value:.3f}" for name, value in PUBLISHED.items())
    )
    return {**mean, "published": PUBLISHED, "runs": runs}


def f1(truth: list[list[Entity]], found: list[list[Entity]], tokens: list[list[str]]) -> dict[str, float]:
    """F1 of entities (bounds and type exact), and of the different surface forms with their types, as WNUT-17's."""
    right = sum(len(set(a) & set(b)) for a, b in zip(truth, found, strict=True))
    entity = 2 * right / max(1, sum(map(len, truth)) + sum(map(len, found)))

    def forms(of: list[list[Entity]]) -> set[tuple[str, str]]:
        return {(" ".join(t[start:end]), kind) for t, es in zip(tokens, of, strict=True) for start, end, kind in es}

    wanted, given = forms(truth), forms(found)
    surface = 2 * len(wanted & given) / max(1, len(wanted) + len(given))
    return {"entity_f1": round(entity, 4), "surface_f1": round(surface, 4)}


def _write(sentences: list[tuple[list[str], list[Entity]]], path: Path) -> None:
    rows = []
    for tokens, entities in sentences:
        places = offsets(tokens)
        spans = [Span(places[start][0], places[end - 1][1], kind) for start, end, kind in entities]
        rows.append({"text": " ".join(tokens), "spans": dump_spans(spans)})
    pd.DataFrame(rows).to_parquet(path)


def _predicted(folder: Path, base_model: Path, tests: list[list[str]], seed: int) -> list[list[Entity]]:
    from sluicegate.training.candidate import pack
    from sluicegate.training.fine_tuning import fine_tune
    from sluicegate.training.loader import Tagger, load

    training = Training(
        task="token-classification",
        base_model=str(base_model),
        base_model_licence="Apache-2.0",
        epochs=8,
        micro_batch_size=16,
        learning_rate=2e-4,
        head_learning_rate=1e-3,
        evaluations_per_epoch=1,
        checkpoint_every_steps=1000,
        patience=4,
        seed=seed,
    )
    made = folder / f"seed-{seed}"
    fine_tune(
        train=folder / "train.parquet",
        validation=folder / "dev.parquet",
        labels=LABELS,
        training=training,
        base_model=base_model,
        folder=made,
    )
    pack(made / "model", made / "candidate", labels=LABELS, max_length_tokens=128, task="token-classification")
    model = load(made / "candidate")
    assert isinstance(model, Tagger)
    answers = model.predict([" ".join(tokens) for tokens in tests])
    return [_entities(offsets(tokens), spans) for tokens, spans in zip(tests, answers, strict=True)]


def _entities(places: list[tuple[int, int]], spans: list[dict[str, Any]]) -> list[Entity]:
    """The tokens that each span touches."""
    found = []
    for span in spans:
        touched = [i for i, (start, end) in enumerate(places) if start < span["end"] and end > span["start"]]
        found.append((touched[0], touched[-1] + 1, span["entity_type"]))
    return found
