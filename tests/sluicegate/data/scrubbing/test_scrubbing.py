import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sluicegate.data.scrubbing.stream import LONGEST_TEXT
from sluicegate.data.scrubbing.table import scrub
from sluicegate.errors import DataRejected, InputRefused
from sluicegate.progress import Progress, listen
from tests.sluicegate.data.conftest import canonical_table
from tests.sluicegate.data.scrubbing.conftest import section_of

ROOT = Path(__file__).parents[4]
KEY = b"sixteen letters!"
TEXTS = {
    "Ada Quill sold me this kettle": "<PERSON> sold me this kettle",
    "mail Boris Tarn (boris@tarn.org) in Utrecht": "mail <PERSON> (<EMAIL_ADDRESS>) in <LOCATION>",
    "paid with 4111 1111 1111 1111": "paid with <CREDIT_CARD>",
    "to NL91ABNA0417164300 please": "to <IBAN_CODE> please",
    "from 10.1.2.3 it came": "from <IP_ADDRESS> it came",
    "see https://tarn.net/kettles for more": "see <URL> for more",
    "nothing personal, only 3 kettles": "nothing personal, only 3 kettles",
    "": "",
}


@pytest.fixture
def scrubbed(tmp_path, pipeline):
    """Scrubs texts; returns the table that was written and the report."""

    def scrubbed_(texts, key=None, **section):
        source, out = tmp_path / "table.parquet", tmp_path / "scrubbed.parquet"
        canonical_table([(text, "good", "north") for text in texts]).to_parquet(source, index=False)
        report = scrub(source, out, section_of(section), model=pipeline, key=key)
        return pd.read_parquet(out), report.to_json()

    return scrubbed_


def test_what_is_found_is_replaced_counted_and_nowhere_else_changed(scrubbed):
    table, report = scrubbed(TEXTS)
    assert table["text"].tolist() == list(TEXTS.values())
    assert table["id"].tolist() == [f"r{i}" for i in range(len(TEXTS))]
    assert list(table.columns) == ["id", "text", "label", "shop"]
    assert report["by_entity"]["PERSON"] == {"found": 2, "operator": "replace"}
    assert report["by_entity"]["IBAN_CODE"] == {"found": 1, "operator": "replace"}
    # by hand: 9 + 10 + 14 + 7 + 19 + 18 + 8 + 24 characters
    column = {"texts": 8, "characters": sum(map(len, TEXTS)), "changed_texts": 6, "found": 8, "characters_found": 109}
    assert report["by_column"] == {"text": column}
    assert {key: report[key] for key in column} == column
    assert (report["residual"], report["residual_texts"]) == ({}, 0)


def test_the_report_is_the_same_and_the_rows_in_order_whatever_the_number_of_processes(scrubbed):
    texts = [f"{text} no. {i}" for i in range(200) for text in TEXTS]
    one, two = (scrubbed(texts, processes=n, canaries=20) for n in (1, 2))
    assert one[0].equals(two[0])
    assert one[1] == two[1]
    assert one[0]["text"].tolist() == [f"{text} no. {i}" for i in range(200) for text in TEXTS.values()]


def test_a_pseudonym_is_the_same_throughout_and_no_residue_of_a_second_look(scrubbed):
    people = {"default": None, "entities": {"PERSON": {"operator": "pseudonym"}}}
    table, report = scrubbed(["Ada Quill wrote", "thanks to Ada Quill", "Boris Tarn wrote"], KEY, **people)
    first, second, third = table["text"]
    name = first.removesuffix(" wrote")
    assert second == f"thanks to {name}"
    assert third.removesuffix(" wrote") not in (name, "Boris Tarn")
    assert report["residual"] == {}


def test_what_a_second_look_finds_outside_the_placeholders_is_counted(scrubbed, tmp_path):
    # The mask joins what was two words: only then is the rest a word of the list.
    own = tmp_path / "own.yaml"
    own.write_text("recognizers: [{supported_entity: CODE, patterns: [{name: c, regex: '[*]{9} kettle', score: 1}]}]")
    source, out = tmp_path / "t.parquet", tmp_path / "s.parquet"
    canonical_table([("Ada Quill kettle", "good", "x"), ("Ada Quill", "good", "x")]).to_parquet(source, index=False)
    pipeline_section = section_of(default={"operator": "mask"})
    report = scrub(source, out, pipeline_section, model=scrubbed_model(tmp_path), recognizers=own).to_json()
    assert pd.read_parquet(out)["text"].tolist() == ["********* kettle", "*********"]
    assert (report["residual"], report["residual_texts"]) == ({"CODE": 1}, 1)


def scrubbed_model(folder: Path) -> Path:
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler", name="ner").add_patterns([{"label": "PERSON", "pattern": "Ada Quill"}])
    nlp.to_disk(folder / "model")
    return folder / "model"


def test_progress_is_told(scrubbed):
    heard: list[Progress] = []
    with listen(heard.append):
        scrubbed(TEXTS)
    assert (heard[0].done, heard[-1].done, heard[-1].total) == (0, len(TEXTS), len(TEXTS))


def test_an_empty_table_is_scrubbed_and_measured_all_the_same(tmp_path, pipeline):
    canonical_table([("x", "good", "x")]).head(0).to_parquet(tmp_path / "t.parquet", index=False)
    report = scrub(tmp_path / "t.parquet", tmp_path / "s.parquet", section_of(canaries=4), model=pipeline).to_json()
    assert len(pd.read_parquet(tmp_path / "s.parquet")) == 0
    assert (report["texts"], report["canaries"]["planted"]) == (0, 4)


@pytest.mark.parametrize("model", ["no_such_package", "/no/such/folder"])
def test_a_missing_pipeline_is_refused_and_not_downloaded(tmp_path, model):
    canonical_table([("x", "good", "x")]).to_parquet(tmp_path / "t.parquet", index=False)
    with pytest.raises(InputRefused, match="there is no such spaCy pipeline"):
        scrub(tmp_path / "t.parquet", tmp_path / "s.parquet", section_of(), model=model)
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


@pytest.mark.parametrize(("text", "words"), [(None, "1 of 2 texts are missing"), ("a" * (LONGEST_TEXT + 1), "longer")])
def test_texts_that_cannot_be_scrubbed_are_refused(scrubbed, text, words):
    with pytest.raises(DataRejected, match=f"scrubbing: text: 1 of 2 texts are .*{words.split()[-1]}"):
        scrubbed(["fine", text])


MEASURE = """
import sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from sluicegate.data.scrubbing.table import scrub
from sluicegate.spec import Scrubbing
folder, rows, model = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
section = Scrubbing(default=None, entities={"CRYPTO": {"operator": "replace"}}, processes=1, canaries=10)
with pq.ParquetWriter(folder / "t.parquet", pa.schema([("id", pa.string()), ("text", pa.string())])) as writer:
    for first in range(0, rows, 5000):
        ids = [str(i) for i in range(first, min(rows, first + 5000))]
        writer.write_table(pa.table({"id": ids, "text": [f"kettle {i} " * 30 for i in ids]}))
scrub(folder / "t.parquet", folder / "s.parquet", section, model=model)
status = Path("/proc/self/status").read_text()  # getrusage would count what the tests themselves hold
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(tmp_path, pipeline):
    used = []
    for rows in (2_000, 60_000):
        command = [sys.executable, "-c", MEASURE, str(tmp_path), str(rows), str(pipeline)]
        used.append(int(subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout))
    assert used[1] < used[0] + 30, "MB; the texts alone are 24 MB, each copy of them as much again"
