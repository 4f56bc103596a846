"""What scrubbing processes keep does not grow with the texts: counted, not timed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sluicegate.data.scrubbing.analyzer import Analyzer
from sluicegate.data.scrubbing.pool import ENVIRONMENT
from tests.sluicegate.data.scrubbing.conftest import section_of

_SHAPES = """
import ctypes, json, torch
from sluicegate.data.scrubbing.names import SHIPPED
from sluicegate.data.scrubbing.tagger.encoder import Encoder

class Allocated(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "a b c d mapped e f used g h".split()]

allocated = ctypes.CDLL(None).mallinfo2
allocated.restype = Allocated
encoder = Encoder(SHIPPED, torch.bfloat16)

def after(lengths):
    for length in lengths:
        for texts in (3, 7):
            encoder.logits(torch.zeros(texts, length, dtype=torch.long), torch.ones(texts, length, dtype=torch.bool))
    held = allocated()
    return (held.used + held.mapped) / 1e6

print(json.dumps([after(range(8, 50)), after(range(50, 92))]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc counts what is allocated")
def test_a_tagger_keeps_nothing_of_the_shapes_of_texts():
    def grown(environment: dict[str, str]) -> float:
        ended = subprocess.run(
            [sys.executable, "-c", _SHAPES], env=os.environ | environment, capture_output=True, check=True
        )
        first, second = json.loads(ended.stdout)
        return second - first

    unbounded = {name: value for name, value in ENVIRONMENT.items() if not name.endswith("CAPACITY")}
    kept = grown(unbounded)
    if kept < 10:
        pytest.skip("nothing is kept ready-made on this processor")
    assert grown(ENVIRONMENT) < kept / 10


def test_a_pipeline_forgets_the_words_of_texts(pipeline: Path):
    analyzer = Analyzer(section_of(), str(pipeline))
    strings = analyzer._names._engine.nlp["en"].vocab.strings
    analyzer.finds(["Ada Quill met nobody."])
    before = len(strings)
    for chunk in range(5):
        found = analyzer.finds([f"Ada Quill said w{chunk}x{i}q to v{i}y{chunk}." for i in range(40)])
        assert all(finds[0][:2] == (0, 9) for finds in found)
    assert len(strings) == before
