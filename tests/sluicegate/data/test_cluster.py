"""The data half on a real Ray of two nodes: the same rows as on one machine, whatever becomes of a node."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from sluicegate.data.cluster.joining import joined
from sluicegate.data.hygiene import table as hygiene
from sluicegate.data.scrubbing import table as scrubbing
from sluicegate.data.tables import TableWriter
from sluicegate.data.validation import table as validation
from sluicegate.errors import DataRejected, InputRefused, SluicegateError, SpecRefused, Unavailable
from sluicegate.pipeline import preparing
from sluicegate.pipeline.build import prepare
from sluicegate.pipeline.inputs import fetch_inputs
from sluicegate.progress import listen
from sluicegate.settings import Home
from sluicegate.spec import Scrubbing, Validation
from sluicegate.spec.hygiene import Contamination, EvaluationSet, Hygiene, NearDuplicates
from tests.ray_nodes import TwoNodes, two_nodes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not find_spec("ray"), reason="Ray is not installed: pip install sluicegate[cluster]"),
]

SECRET = "quite-a-secret-of-the-data"
KEY = b"sixteen letters of a key"


@pytest.fixture(scope="module")
def nodes() -> Iterator[TwoNodes]:
    """One processor each."""
    from ray import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # no node knows this file
    with two_nodes() as found, joined(found.address):
        yield found


def write(path: Path, columns: dict[str, list[str | None]]) -> Path:
    with TableWriter(path, list(columns)) as writer:
        writer.write_columns(columns)
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def in_two(tmp_path: Path) -> tuple[Path, Path]:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    return here, there


@pytest.fixture
def notes() -> Iterator[list[str]]:
    """What the progress said besides the numbers."""
    said: list[str] = []
    with listen(lambda now: said.append(now.note)):
        yield said


def test_the_cluster_listens_on_this_machine_alone(nodes: TwoNodes) -> None:
    host, _, port = nodes.address.rpartition(":")
    assert host == "127.0.0.1"
    outside = socket.gethostbyname(socket.gethostname())
    if not outside.startswith("127."):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((outside, int(port)), 1).close()


def test_scrubbed_rows_counts_and_canaries_are_the_same(
    nodes: TwoNodes, tmp_path: Path, pipeline: Path, notes: list[str]
) -> None:
    texts = [f"Ada Quill wrote {i} letters to a{i}@example.org, {SECRET} KX-{i:04d}" for i in range(900)]
    table = write(tmp_path / "t.parquet", {"id": list(map(str, range(900))), "text": texts})
    own = tmp_path / "own.yaml"
    own.write_text(
        "recognizers:\n  - name: kettles\n    supported_entity: KETTLE\n    supported_language: en\n"
        "    patterns: [{name: number, regex: 'KX-[0-9]{4}', score: 0.9}]\n"
    )
    section = Scrubbing.model_validate(
        {"processes": 2, "canaries": 150, "entities": {"PERSON": {"operator": "pseudonym"}}}
    )
    given: dict[str, Any] = {"model": pipeline, "key": KEY, "recognizers": own}
    here = scrubbing.scrub(table, tmp_path / "here.parquet", section, **given)
    there = scrubbing.scrub(table, tmp_path / "there.parquet", section, **given, cluster=nodes.address)
    assert (tmp_path / "here.parquet").read_bytes() == (tmp_path / "there.parquet").read_bytes()
    assert here.to_json() == there.to_json()
    assert there.by_entity["KETTLE"]["found"] == 900
    assert sum(counts["planted"] for counts in there.canaries.values()) == 150
    assert notes[-1].startswith("nodes at work:")


def test_a_refused_set_up_names_the_files_of_this_machine(nodes: TwoNodes, tmp_path: Path, pipeline: Path) -> None:
    table = write(tmp_path / "t.parquet", {"id": ["1"], "text": ["one"]})
    own = tmp_path / "own.yaml"
    own.write_text("recognizers: 7\n")
    lines = []
    for cluster in (None, nodes.address):
        with pytest.raises(InputRefused) as refused:
            scrubbing.scrub(table, tmp_path / "out", Scrubbing(), model=pipeline, recognizers=own, cluster=cluster)
        lines.append((type(refused.value), str(refused.value)))
    assert lines[0] == lines[1]
    assert str(own) in lines[1][1]


def test_a_pattern_that_takes_too_long_is_refused_with_the_file_of_this_machine(
    nodes: TwoNodes, tmp_path: Path, pipeline: Path
) -> None:
    table = write(tmp_path / "t.parquet", {"id": ["1"], "text": ["a" * 40 + " order of CUST-12345 end"]})
    own = tmp_path / "own.yaml"
    own.write_text(
        "recognizers:\n  - name: orders\n    supported_entity: ORDER\n"
        "    patterns: [{name: nested, regex: '(?:a|a)*b|CUST-[0-9]+', score: 0.9}]\n"
    )
    given: dict[str, Any] = {"model": pipeline, "recognizers": own, "cluster": nodes.address}
    with pytest.raises(InputRefused, match="recognizers.0: 'orders': pattern 'nested' searched") as refused:
        scrubbing.scrub(table, tmp_path / "out", Scrubbing(canaries=0), **given)
    assert str(refused.value).startswith(f"{own}: ")
    assert not (tmp_path / "out").exists()


SUITE: dict[str, Any] = {
    "meta": {"numbers": ["n"]},
    "expectations": [
        {"type": "expect_table_columns_to_match_set", "kwargs": {"column_set": ["id", "text", "n"]}},
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "text"}},
        {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "text", "regex": "^[a-z 0-9-]*$"}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "n", "min_value": 0}},
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
        {
            "type": "expect_column_values_to_be_unique",
            "kwargs": {
                "column": "text",
                "row_condition": 'col("n")==5',
                "condition_parser": "great_expectations",
                "mostly": 0.0,
            },
        },
    ],
}


def test_accepted_and_quarantined_rows_and_the_report_are_the_same(
    nodes: TwoNodes, tmp_path: Path, notes: list[str]
) -> None:
    rows = 12_000
    table = write(
        tmp_path / "t.parquet",
        {
            "id": [str(i) for i in range(rows)],
            "text": [None if i % 900 == 4 else f"{SECRET} {i % 50}" if i % 700 else "UPPER" for i in range(rows)],
            "n": [str(i % 97 - (i % 5_000 == 1)) for i in range(rows)],
        },
    )
    (suite := tmp_path / "s.json").write_text(json.dumps(SUITE))
    here, there = in_two(tmp_path)
    section = Validation(suite="s.json", quarantine_max_share=0.5)
    one = validation.validate(table, suite, section, folder=here)
    two = validation.validate(table, suite, section, folder=there, cluster=nodes.address)
    assert files(here) == files(there)
    assert (one.expectations, one.statistics) == (two.expectations, two.statistics)
    assert two.statistics["quarantined_rows"] > 5
    assert any(note.startswith("nodes at work:") for note in notes)


def test_cleaned_and_dropped_rows_and_the_report_are_the_same(
    nodes: TwoNodes, tmp_path: Path, notes: list[str]
) -> None:
    (exam := tmp_path / "exam.csv").write_text("text\n" + " ".join(f"word{i}" for i in range(20)) + "\n")
    texts = [f"{SECRET} " + " ".join(f"word{(i // 2 + j) % 200}" for j in range(40 + i % 2)) for i in range(600)]
    ids, labels = [str(i) for i in range(600)], ["a" if i % 3 else "b" for i in range(600)]
    table = write(tmp_path / "t.parquet", {"id": ids, "text": texts, "label": labels})
    section = Hygiene(
        near_duplicates=NearDuplicates(threshold=0.8, action="cluster"),
        contamination=Contamination(evaluation={"exam": EvaluationSet(path="")}, action="tag", quote_words=13),
    )
    here, there = in_two(tmp_path)
    given: dict[str, Any] = {"evaluation": {"exam": exam}, "chunk_rows": 40}
    hygiene.clean(table, here, section, **given)
    report = hygiene.clean(table, there, section, **given, cluster=nodes.address)
    assert files(here) == files(there)
    assert report.contamination["exam"]["quote"]
    assert report.near["clusters"]
    assert any(note.startswith("signatures; nodes at work:") for note in notes)


def test_a_row_without_a_text_is_refused_in_the_same_words(nodes: TwoNodes, tmp_path: Path) -> None:
    texts = [None if i == 77 else f"text {i}" for i in range(100)]
    table = write(tmp_path / "t.parquet", {"id": texts, "text": texts, "label": texts})
    lines = []
    for folder, cluster in zip(in_two(tmp_path), (None, nodes.address), strict=True):
        with pytest.raises(DataRejected) as rejected:
            hygiene.clean(table, folder, Hygiene(), evaluation={}, chunk_rows=10, cluster=cluster)
        lines.append(str(rejected.value))
    assert lines[0] == lines[1]
    assert "row 77" in lines[0]


def items(count: int, length: int = 10) -> Iterator[bytes]:
    for number in range(count):
        yield f"{SECRET} {number} ".encode() + b"." * length


def beginning(kind: str) -> Any:
    """What answers items in a worker; by its kind it also prints them, or fails."""

    def work(item: bytes) -> bytes:
        if kind == "talk":
            warnings.warn(item.decode(), stacklevel=1)
            print(item.decode(), file=sys.stderr, flush=True)
            os.write(1, item)
        if kind == "fail":
            raise ValueError(item.decode())
        time.sleep(0.1)
        return item.split()[1] + b"!" * 200_000

    return work


def test_no_text_and_no_key_is_in_the_logs_of_ray_nor_in_an_error(nodes: TwoNodes) -> None:
    with joined(nodes.address) as cluster:
        assert len(list(cluster.answers(partial(items, 6), partial(beginning, "talk")))) == 6
        with pytest.raises(Unavailable) as failed:
            list(cluster.answers(partial(items, 6), partial(beginning, "fail")))
    assert str(failed.value) == "a worker on the cluster failed with ValueError"
    time.sleep(1)
    logs = [path for path in nodes.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in logs) > 10_000
    found = re.compile(b"|".join(re.escape(each) for each in (SECRET.encode(), KEY, KEY.hex().encode(), b"Ada Quill")))
    assert [str(path) for path in logs if found.search(path.read_bytes())] == []


def test_leaving_early_ends_the_workers_and_the_next_work_goes_on(nodes: TwoNodes) -> None:
    with joined(nodes.address) as cluster:
        answers = cluster.answers(partial(items, 1_000), partial(beginning, ""))
        assert next(answers)[:1] == b"0"
        answers.close()
        assert len(list(cluster.answers(partial(items, 4), partial(beginning, "")))) == 4


def test_the_steps_of_a_spec_have_the_same_keys_and_rows(nodes: TwoNodes, tmp_path: Path, small_world: Path) -> None:
    steps = []
    for name, changes in (("here", {}), ("there", {"cluster": nodes.address})):
        home = Home.at(tmp_path / name)
        build = prepare(home, small_world / "spec.yaml", changes, {})
        source = preparing.read_source(build)
        validated = preparing.validate(build, source)
        scrubbed = preparing.scrub(build, fetch_inputs(build), validated)
        steps.append([source, validated, scrubbed, preparing.clean(build, scrubbed)])
    assert [step.key for step in steps[0]] == [step.key for step in steps[1]]
    assert [step.output for step in steps[0]] == [step.output for step in steps[1]]


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere.invalid:6379"])
def test_a_cluster_that_is_not_there_is_one_line(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with (
        pytest.raises(Unavailable, match=f"cluster {re.escape(address)}: nothing answers there") as refused,
        joined(address),
    ):
        pass
    assert "\n" not in str(refused.value)


def test_without_ray_the_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SpecRefused, match=r"'auto' needs Ray .*pip install 'sluicegate\[cluster\]'"), joined("auto"):
        pass


ALONE = """
import sys
from pathlib import Path
from sluicegate.data.hygiene import table as hygiene
from sluicegate.data.scrubbing import table as scrubbing
from sluicegate.data.tables import TableWriter
from sluicegate.data.validation import table as validation
from sluicegate.pipeline import preparing
from sluicegate.spec.hygiene import Hygiene
with TableWriter(Path(sys.argv[1]) / "t.parquet", ["id", "text", "label"]) as writer:
    writer.write_columns({"id": ["1"], "text": ["one"], "label": ["a"]})
hygiene.clean(Path(sys.argv[1]) / "t.parquet", Path(sys.argv[1]), Hygiene(), evaluation={})
print(sorted(name for name in sys.modules if name.partition(".")[0] == "ray"))
"""


def test_a_single_machine_needs_no_ray(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", ALONE, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_refusal_that_a_worker_may_meet_survives_the_way(nodes: TwoNodes) -> None:
    from sluicegate.data.cluster.node import REFUSALS, _told, refusal

    for kind in REFUSALS.values():
        words = ("one",) if kind is Unavailable else ("where", "field", "problem", "remedy")
        came: SluicegateError = refusal(_told(kind(*words)))
        assert (type(came), str(came)) == (kind, str(kind(*words)))


def test_both_nodes_work_and_one_that_dies_loses_no_item_and_doubles_none(nodes: TwoNodes) -> None:
    """The last one: it leaves one node."""
    import ray

    answered: list[int] = []
    killed = False
    with joined(nodes.address) as cluster:
        for answer in cluster.answers(partial(items, 120, 50_000), partial(beginning, "")):
            answered.append(int(answer.split(b"!", 1)[0]))
            if not killed and len(cluster.items_by_node) == 2 and len(answered) > 20:
                nodes.kill_second()
                killed = True
    assert answered == list(range(120))
    assert killed
    assert [node["Alive"] for node in ray.nodes()].count(True) == 1
