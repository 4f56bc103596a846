"""Who looks for personal data, and how a user's own and Presidio's recognizers take part."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sluicegate.data.scrubbing.pool import Chunk, ScrubbingPool, Setup
from sluicegate.errors import SpecRefused
from tests.sluicegate.data.scrubbing.conftest import section_of

ROOT = Path(__file__).parents[4]
OWN = """
recognizers:
  - name: customer number
    supported_entity: CUSTOMER_ID
    patterns: [{name: digits, regex: "K-[0-9]{8}", score: 0.2}]
    context: [customer]
  - name: projects
    supported_entity: PROJECT
    deny_list: [Bluebird, 蓝鸟]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_names_come_from_the_pipeline_and_the_rest_from_rules(find):
    (found,) = find(["Ada Quill (boris@tarn.org) paid 4111 1111 1111 1111 in Port Brine"])
    assert [(words, kind) for words, kind, _ in found] == [
        ("Ada Quill", "PERSON"),
        ("boris@tarn.org", "EMAIL_ADDRESS"),
        ("4111 1111 1111 1111", "CREDIT_CARD"),
        ("Port Brine", "LOCATION"),
    ]


def test_without_a_default_only_types_that_are_named_are_looked_for(find):
    only = {"default": None, "entities": {"EMAIL_ADDRESS": {"operator": "mask"}}}
    (found,) = find(["Ada Quill (boris@tarn.org)"], **only)
    assert [words for words, _, _ in found] == ["boris@tarn.org"]


def test_finds_of_a_kept_type_are_not_told(find):
    (found,) = find(["Ada Quill (boris@tarn.org)"], entities={"PERSON": {"operator": "keep"}})
    assert [words for words, _, _ in found] == ["boris@tarn.org"]


def test_what_is_hidden_from_the_eye_is_found_and_lies_where_it_stood(find):
    text = "mail ｂｏｒｉｓ@ｔａｒｎ．ｏｒｇ or bo\u200bris@tarn.org, not \ud800"
    (found,) = find([text], entities={"URL": {"operator": "keep"}})
    assert [words for words, _, _ in found] == ["ｂｏｒｉｓ@ｔａｒｎ．ｏｒｇ", "bo\u200bris@tarn.org"]


def test_a_user_s_own_recognizers_find_and_their_context_words_count(find, own):
    texts = [
        "my customer number is K-12345678",
        "order K-12345678",
        "Bluebird, Bluebirds and 用蓝鸟做的",
        "看Bluebird吧",
    ]
    found = find(texts, own)
    assert found[0] == [("K-12345678", "CUSTOMER_ID", 0.55)]
    assert found[1] == []  # 0.2 by itself
    assert [words for words, _, _ in found[2]] == ["Bluebird", "蓝鸟"]
    assert [words for words, _, _ in found[3]] == ["Bluebird"]


def test_a_pattern_that_takes_too_long_is_refused_by_name_and_quotes_no_text(tmp_path, pipeline):
    path = tmp_path / "own.yaml"
    entry = {"name": "orders", "supported_entity": "ORDER"}
    slow = {"name": "nested", "regex": "(?:a|a)*b|CUST-[0-9]+", "score": 0.9}
    path.write_text(json.dumps({"recognizers": [{**entry, "patterns": [slow]}]}))
    with ScrubbingPool(Setup(section_of(), str(pipeline), path), 1) as pool:
        with pytest.raises(SpecRefused) as refused:
            list(pool.ask([Chunk("scrub", ["CUST-1"]), Chunk("scrub", ["a" * 40 + " order of CUST-12345 end"])]))
        (answer,) = pool.ask([Chunk("scrub", ["CUST-1"])])
    line = "recognizers.0: 'orders': pattern 'nested' searched a text for 5 s without an end"
    assert f"{path}: {line}" in str(refused.value)
    assert "12345" not in str(refused.value)
    assert answer["texts"] == ["<ORDER>"]


def test_a_text_that_takes_a_predefined_pattern_too_long_is_refused_and_not_left_as_it_is(pipeline, monkeypatch):
    monkeypatch.setenv("REGEX_TIMEOUT_SECONDS", "1")  # Presidio's own setting
    section = section_of(entities={"IN_PAN": {"operator": "replace"}})
    with ScrubbingPool(Setup(section, str(pipeline)), 1) as pool, pytest.raises(SpecRefused) as refused:
        list(pool.ask([Chunk("scrub", ["00:" * 20_000 + " ABCPD1234E"])]))
    line = "scrubbing: entities.IN_PAN: Presidio's pattern 'PAN (Low)' searched a text of 60011 characters for 1 s"
    assert line in str(refused.value)
    assert "ABCPD" not in str(refused.value)


def test_with_a_tagger_everything_works_without_spacy(silent_tagger, own):
    text = "customer number K-12345678 of boris@tarn.co.uk, Bluebird"
    with ScrubbingPool(Setup(section_of(), str(silent_tagger), own), 1) as pool:
        (answer,) = pool.ask([Chunk("find", [text])])
    found = [(text[start:end], kind) for start, end, kind, _ in answer["spans"][0]]
    assert found == [("K-12345678", "CUSTOMER_ID"), ("boris@tarn.co.uk", "EMAIL_ADDRESS"), ("Bluebird", "PROJECT")]


def test_the_engine_of_presidio_finds_the_same_with_the_same_recognizers(find, own):
    text = "my customer number is K-12345678, Bluebird"
    script = """
import json, sys
sys.modules.update(torch=None, transformers=None)
import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
engine = SpacyNlpEngine([{"lang_code": "en", "model_name": "blank"}])
engine.nlp = {"en": spacy.blank("en")}
for word in ("customer", "number"):
    engine.nlp["en"].vocab[word].norm_ = word
lemmas = engine.nlp["en"].add_pipe("attribute_ruler")
for word in ("customer", "number"):
    lemmas.add([[{"LOWER": word}]], {"LEMMA": word})
registry = RecognizerRegistry(recognizers=[])
registry.add_recognizers_from_yaml(sys.argv[1])
finds = AnalyzerEngine(registry=registry, nlp_engine=engine).analyze(sys.argv[2], "en")
print(json.dumps(sorted([f.entity_type, f.start, f.end, round(f.score, 4)] for f in finds)))
"""
    ended = subprocess.run([sys.executable, "-c", script, str(own), text], capture_output=True, text=True, check=True)
    theirs = [(text[start:end], kind, score) for kind, start, end, score in json.loads(ended.stdout.splitlines()[-1])]
    assert find([text], own)[0] == theirs


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param("recognizers: {}", "recognizers: must be a list", id="no list"),
        pytest.param("recognizers: [7]", "recognizers.0: must be a mapping, not int", id="no mapping"),
        pytest.param("recognizers: [{name: x}]", "recognizers.0: is not a recognizer that Presidio takes", id="empty"),
        pytest.param(
            "recognizers: [{name: x, supported_entity: X, deny_list: [a], colour: red}]", "colour", id="unknown key"
        ),
        pytest.param(
            'recognizers: [{supported_entity: X, patterns: [{name: x, regex: "(", score: 1}]}]',
            "Invalid regex pattern",
            id="no pattern",
        ),
        pytest.param("recognizers: [{name: UrlRecognizer, type: predefined}]", "is not `custom`", id="predefined"),
    ],
)
def test_a_file_that_presidio_does_not_take_is_refused_with_its_entry(tmp_path, value, words):
    from sluicegate.data.scrubbing.own import own_recognizers

    path = tmp_path / "own.yaml"
    path.write_text(value)
    with pytest.raises(SpecRefused, match=words):
        own_recognizers(path)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param("deny_list: Secret", "deny_list: of recognizer 'x' must be a list of words, not str", id="a word"),
        pytest.param("deny_list: ['']", "deny_list.0: of recognizer 'x' must be a word, not an empty text", id="empty"),
        pytest.param("deny_list: [Secret, 7]", "deny_list.1: of recognizer 'x' must be a word, not int", id="a number"),
        pytest.param("deny_list: [a], context: Secret", "context: of recognizer 'x' must be a list", id="context"),
        pytest.param("deny_list: [a], context: [~]", "context.0: of recognizer 'x' must be a word", id="no context"),
        pytest.param("deny_list: [a], deny_list_score: 1.5", "deny_list_score: of recognizer 'x' must be", id="score"),
        pytest.param("deny_list: [a], deny_list_score: high", "must be a number from 0 to 1", id="a score in words"),
        pytest.param("deny_list: [a], deny_list_score: .nan", "must be a number from 0 to 1", id="no score"),
        pytest.param("patterns: {name: p}", "patterns: of recognizer 'x' must be a list of mappings", id="a pattern"),
        pytest.param("patterns: [Secret]", "patterns.0: of recognizer 'x' must be a mapping", id="a pattern in words"),
        pytest.param("patterns: [{name: p, score: 1}]", "patterns.0.regex: of recognizer 'x' must be text", id="none"),
        pytest.param("patterns: [{name: p, regex: 7, score: 1}]", "must be text, not int", id="a number for a pattern"),
        pytest.param("patterns: [{name: p, regex: a, score: true}]", "patterns.0.score: of recognizer 'x'", id="true"),
    ],
)
def test_a_field_of_another_kind_is_refused_by_its_place_and_quotes_no_word(tmp_path, fields, words):
    from sluicegate.data.scrubbing.own import own_recognizers

    path = tmp_path / "own.yaml"
    path.write_text(f"recognizers: [{{name: x, supported_entity: X, {fields}}}]")
    with pytest.raises(SpecRefused) as refused:
        own_recognizers(path)
    assert f"{path}: recognizers.0." in str(refused.value)
    assert words in str(refused.value)
    assert "Secret" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused_by_the_process(find, tmp_path):
    with pytest.raises(SpecRefused, match="none.yaml: there is no such file"):
        find(["x"], tmp_path / "none.yaml")


def test_presidio_s_own_recognizers_serve_types_that_ours_do_not_find(find):
    text = "the patient number is 943 476 5919"
    assert "UK_NHS" not in {kind for _, kind, _ in find([text])[0]}
    only = {"default": None, "entities": {"UK_NHS": {"operator": "replace"}}}
    assert find([text], **only) == [[("943 476 5919", "UK_NHS", 1.0)]]


def test_a_type_that_nothing_finds_is_refused_with_the_known_ones(find):
    with pytest.raises(SpecRefused, match=r"scrubbing: entities.PERSONS: is a type that nothing finds; .* PERSON, PH"):
        find(["x"], entities={"PERSONS": {"operator": "mask"}})


def test_finds_that_score_too_little_are_left_alone(find, own):
    assert find(["order K-12345678"], own, score_threshold=0.1)[0] == [("K-12345678", "CUSTOMER_ID", 0.2)]


def test_without_a_pipeline_no_process_loads_spacy_or_torch():
    script = """
import sys
from sluicegate.data.scrubbing.absent import NOT_FOUND, do_without, not_found
not_found(*NOT_FOUND)
do_without("spacy", "thinc")
import sluicegate.data.scrubbing.own, sluicegate.data.scrubbing.predefined, sluicegate.data.scrubbing.tagged
print([name for name in ("thinc.api.Ops", "srsly", "torch", "pandas", "pyarrow") if sys.modules.get(name)])
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ended.stdout.strip() == "[]"


def test_no_valid_phone_number_has_fewer_digits_than_are_asked_for():
    import phonenumbers

    from sluicegate.data.scrubbing.predefined import FEWEST_PHONE_DIGITS

    regions = ("US", "GB", "DE", "FR", "IL", "IN", "CA", "BR")
    for digits in range(1, FEWEST_PHONE_DIGITS):
        for number in range(10**digits):
            for sign in ("", "+"):
                text = f"{sign}{number:0{digits}}"
                assert not any(phonenumbers.PhoneNumberMatcher(text, r, leniency=1).has_next() for r in regions), text
