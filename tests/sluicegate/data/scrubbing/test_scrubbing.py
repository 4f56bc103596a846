import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from sluicegate.data.scrubbing.table import LONGEST_TEXT, scrub
from sluicegate.errors import DataRejected, InputRefused, SpecRefused
from sluicegate.progress import Progress, listen
from sluicegate.spec import Scrubbing
from tests.sluicegate.data.conftest import canonical_table

KEY = b"sixteen letters!"
EVERYTHING = ("PERSON", "LOCATION", "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "URL")
TEXTS = {
    "Ada Quill sold me this kettle": "<PERSON> sold me this kettle",
    "mail Boris Tarn (boris@tarn.org) in Utrecht": "mail <PERSON> (<EMAIL_ADDRESS>) in <LOCATION>",
    "call 212-555-5555 now": "call <PHONE_NUMBER> now",
    "paid with 4111 1111 1111 1111": "paid with <CREDIT_CARD>",
    "to NL91ABNA0417164300 please": "to <IBAN_CODE> please",
    "from 10.1.2.3 it came": "from <IP_ADDRESS> it came",
    "see https://tarn.net/kettles for more": "see <URL> for more",
    "nothing personal in 1998, only 3 kettles": "nothing personal in 1998, only 3 kettles",
}


def section(*entities: str, operator: str = "replace", **changes) -> Scrubbing:
    chosen = {entity: {"operator": operator} for entity in entities or EVERYTHING}
    return Scrubbing.model_validate({"named_entity_model": "x", "entities": chosen, "processes": 1} | changes)


def table_of(texts):
    return canonical_table([(text, "good", "north") for text in texts])


def test_what_is_found_is_replaced_counted_and_nowhere_else_changed(pipeline):
    table = table_of(TEXTS)
    result = scrub(table, section(), named_entity_model=pipeline, key=None)
    assert result.table["text"].tolist() == list(TEXTS.values())
    assert result.table.drop(columns="text").equals(table.drop(columns="text"))
    assert result.report["by_entity"]["PERSON"] == {"found": 2, "operator": "replace"}
    assert result.report["by_entity"]["IBAN_CODE"] == {"found": 1, "operator": "replace"}
    assert result.report["changed_texts"] == 7
    assert result.report["texts"] == 8
    assert result.report["characters"] == sum(map(len, TEXTS))
    assert (result.report["residual"], result.report["residual_texts"]) == ({}, 0)


def test_types_that_are_not_named_stay_in_the_text(pipeline):
    result = scrub(table_of(TEXTS), section("URL"), named_entity_model=pipeline, key=None)
    unchanged = sum(a == b for a, b in zip(result.table["text"], TEXTS, strict=True))
    assert unchanged == len(TEXTS) - 2  # the URL, and the domain of the e-mail address
    assert list(result.report["by_entity"]) == ["URL"]


def test_the_result_does_not_depend_on_the_number_of_processes(pipeline):
    table = table_of([f"{text} no. {i}" for i in range(60) for text in TEXTS])
    one, two = (scrub(table, section(processes=n), named_entity_model=pipeline, key=None) for n in (1, 2))
    assert one.table.equals(two.table)
    assert one.report == two.report


def test_a_pseudonym_is_the_same_throughout_and_no_residue_of_a_second_look(pipeline):
    table = table_of(["Ada Quill wrote", "thanks to Ada Quill", "Boris Tarn wrote"])
    result = scrub(table, section("PERSON", operator="pseudonym"), named_entity_model=pipeline, key=KEY)
    first, second, third = result.table["text"]
    name = first.removesuffix(" wrote")
    assert second == f"thanks to {name}"
    assert third.removesuffix(" wrote") not in (name, "Boris Tarn")
    assert result.report["residual"] == {}


def test_what_a_second_look_finds_outside_the_placeholders_is_counted(pipeline):
    # Nine digits score too little by themselves; the placeholder before them is a word that lifts their score.
    table = table_of(["123-45-6788 987654321", "123-45-6788 kettles"])
    result = scrub(table, section("US_SSN"), named_entity_model=pipeline, key=None)
    assert result.table["text"].tolist() == ["<US_SSN> 987654321", "<US_SSN> kettles"]
    assert result.report["residual"] == {"US_SSN": 1}
    assert result.report["residual_texts"] == 1


def test_progress_is_told(pipeline):
    heard: list[Progress] = []
    with listen(heard.append):
        scrub(table_of(TEXTS), section(), named_entity_model=pipeline, key=None)
    assert (heard[0].done, heard[-1].done, heard[-1].total) == (0, len(TEXTS), len(TEXTS))


def test_an_unknown_entity_type_is_refused_with_the_known_ones(pipeline):
    with pytest.raises(
        SpecRefused, match=r"scrubbing: entities.PERSONS: is not an entity type .* PERSON, PHONE_NUMBER"
    ):
        scrub(table_of(TEXTS), section("URL", "PERSONS"), named_entity_model=pipeline, key=None)


def test_a_type_that_the_pipeline_cannot_find_is_refused(pipeline):
    with pytest.raises(InputRefused, match="ner: finds LOCATION, PERSON, and the spec asks for ORGANIZATION"):
        scrub(table_of(TEXTS), section("ORGANIZATION"), named_entity_model=pipeline, key=None)


@pytest.mark.parametrize("model", ["no_such_package", "/no/such/folder"])
def test_a_missing_pipeline_is_refused_and_not_downloaded(model):
    with pytest.raises(InputRefused, match="there is no such spaCy pipeline"):
        scrub(table_of(TEXTS), section(), named_entity_model=model, key=None)


def test_a_folder_that_is_no_pipeline_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="is not a spaCy pipeline that can be loaded"):
        scrub(table_of(TEXTS), section(), named_entity_model=tmp_path, key=None)


@pytest.mark.parametrize(("text", "words"), [(None, "1 of 2 texts are missing"), ("a" * (LONGEST_TEXT + 1), "longer")])
def test_texts_that_cannot_be_scrubbed_are_refused(pipeline, text, words):
    with pytest.raises(DataRejected, match=words):
        scrub(table_of(["fine", text]), section(), named_entity_model=pipeline, key=None)


SCRUB_FOR_LONG = """
import sys
import pandas as pd
from sluicegate.data.scrubbing.table import scrub
from sluicegate.progress import listen
from sluicegate.spec import Scrubbing
section = Scrubbing(named_entity_model="x", entities={"PERSON": {"operator": "replace"}}, processes=2)
table = pd.DataFrame({"id": "x", "text": ["a kettle " * 50] * 200_000, "label": "good"}).astype("str")
with listen(lambda p: p.done and print("working", flush=True)):
    scrub(table, section, named_entity_model=sys.argv[1], key=None)
"""


@pytest.mark.slow
def test_scrubbing_processes_do_not_outlive_a_killed_parent(pipeline):
    command = [sys.executable, "-c", SCRUB_FOR_LONG, str(pipeline)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[4])
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"working\n"
    children = psutil.Process(parent.pid).children()
    assert len(children) == 2
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 5
    while any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [c for c in children if c.is_running() and c.status() != psutil.STATUS_ZOMBIE]
