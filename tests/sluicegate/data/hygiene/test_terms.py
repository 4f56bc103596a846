"""Terms in spite of disguises. The tests bring a list of made-up words of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sluicegate.data.hygiene.terms import SHIPPED, TermClassifier
from sluicegate.errors import InputRefused

LIST = "# made up\nblorg\t0.6\nsnazzit\t1\nassle\nput it out\t0.3\n坏坏蛋\t0.8\n\n"


@pytest.fixture
def terms(tmp_path: Path) -> TermClassifier:
    (tmp_path / "list.txt").write_text(LIST, encoding="utf-8")
    return TermClassifier(shipped=False, files=[tmp_path / "list.txt"])


@pytest.mark.parametrize(
    ("text", "score"),
    [
        pytest.param("you blorg", 0.6, id="plain"),
        pytest.param("You BLORG!!", 0.6, id="capitals and punctuation"),
        pytest.param("blörg", 0.6, id="accents"),
        pytest.param("bl0rg", 0.6, id="a figure for a letter"),
        pytest.param("8l0r9", 0.6, id="many figures"),
        pytest.param("$n@zz!t", 1, id="signs for letters"),
        pytest.param("b l o r g", 0.6, id="letters apart"),
        pytest.param("so b.l.o.r.g then", 0.6, id="dots between"),
        pytest.param("b-l-o-r-g", 0.6, id="hyphens between"),
        pytest.param("b_l_o_r_g", 0.6, id="underscores between"),
        pytest.param("blooooorg", 0.6, id="a letter repeated"),
        pytest.param("snaaazzzzziiit", 1, id="letters repeated, one of them double"),
        pytest.param("bl\u200borg", 0.6, id="a character that cannot be seen"),
        pytest.param("bl\u043erg", 0.6, id="a Cyrillic letter"),
        pytest.param("\uff42\uff4c\uff4f\uff52\uff47", 0.6, id="full width"),
        pytest.param("b***g", 0.6, id="starred out"),
        pytest.param("bl*rg", 0.6, id="one letter starred out"),
        pytest.param("do put  it\nout now", 0.3, id="several words"),
        pytest.param("blorg snazzit", 1, id="the heaviest counts"),
        pytest.param("a55le", 1, id="a weight that is left out is 1"),
        pytest.param("你这个坏坏蛋！", 0.8, id="Chinese"),
        pytest.param("坏 坏*蛋", 0.8, id="Chinese apart"),
        pytest.param("blorgs", 0, id="another word that begins so"),
        pytest.param("hassle", 0, id="another word that holds it"),
        pytest.param("put out it", 0, id="other order"),
        pytest.param("a b c d e f g", 0, id="letters"),
        pytest.param("1234 5678", 0, id="figures"),
        pytest.param("", 0, id="nothing"),
    ],
)
def test_a_text_has_this_score(terms: TermClassifier, text: str, score: float) -> None:
    assert terms.scores([text]) == [score]


def test_a_starred_form_of_two_terms_weighs_what_the_lighter_does(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("blorg\t0.6\nbling\t0.2\n", encoding="utf-8")
    classifier = TermClassifier(shipped=False, files=[tmp_path / "list.txt"])
    assert classifier.scores(["b***g", "blorg"]) == [0.2, 0.6]


@pytest.mark.parametrize("line", ["blorg\tmuch", "blorg\t2", "blorg\t-1", "blorg\tnan"])
def test_a_weight_that_is_none_is_refused_without_the_term(tmp_path: Path, line: str) -> None:
    (tmp_path / "list.txt").write_text(f"fine\n{line}\n", encoding="utf-8")
    with pytest.raises(InputRefused, match="line 2") as refused:
        TermClassifier(files=[tmp_path / "list.txt"])
    assert "blorg" not in str(refused.value)


@pytest.mark.parametrize(
    ("term", "found", "others"),
    [
        pytest.param("zorb-switch", ["the zorb-switch", "Zorb switch"], ["zorb", "switch zorb"], id="hyphen"),
        pytest.param("zan't", ["I zan't", "I ZAN’T", "zant"], ["zan t"], id="apostrophe"),
        pytest.param("zan't come", ["I zan't come"], ["come"], id="apostrophe in a phrase"),
        pytest.param("z.q.", ["so z.q. man", "z q"], ["z", "q z"], id="two letters with dots"),
        pytest.param("z.q.w.", ["so z.q.w. man", "zqw"], ["z q"], id="letters with dots"),
        pytest.param("zorbl!", ["zorbl", "zorbl!!"], ["zorb"], id="a sign at the end"),
        pytest.param("z$rbl", ["z$rbl", "zsrbl"], ["zrbl"], id="a sign for a letter"),
        pytest.param("z0rbl", ["z0rbl"], ["zorbl"], id="a figure for a letter"),
        pytest.param("z**bl", ["z**bl", "z##bl"], ["zbl"], id="starred out"),
        pytest.param("坏", ["你坏吧", "坏"], ["好"], id="one Chinese character"),
        pytest.param("坏！", ["你坏吧", "坏!"], ["好"], id="one Chinese character and a sign"),
        pytest.param("坏坏 蛋", ["坏坏蛋", "你坏坏 蛋啊"], ["坏坏", "蛋"], id="Chinese with a space"),
        pytest.param("坏坏，蛋", ["坏坏，蛋"], ["坏坏"], id="Chinese with a comma"),
    ],
)
def test_a_term_is_read_as_a_text_is(tmp_path: Path, term: str, found: list[str], others: list[str]) -> None:
    (tmp_path / "list.txt").write_text(f"{term}\n", encoding="utf-8")
    classifier = TermClassifier(shipped=False, files=[tmp_path / "list.txt"])
    assert classifier.scores([term, *found, *others]) == [1.0] * (1 + len(found)) + [0.0] * len(others)
    assert TermClassifier(files=[tmp_path / "list.txt"]).scores([term, *found]) == [1.0] * (1 + len(found))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("z++", "reads as a single letter", id="a letter and signs"),
        pytest.param("\u2620", "can never be found", id="no word"),
        pytest.param("++ !!", "can never be found", id="signs alone"),
        pytest.param("$$", "can never be found", id="signs that stand for letters"),
    ],
)
def test_a_term_that_can_never_be_found_is_refused_by_its_line(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "list.txt").write_text(f"# made up\nfine\n{line}\t0.5\n", encoding="utf-8")
    with pytest.raises(InputRefused, match=f"list.txt: line 3: .*{words}") as refused:
        TermClassifier(files=[tmp_path / "list.txt"])
    assert line not in str(refused.value)


def test_a_weight_of_nothing_takes_a_term_off_the_shipped_list(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("bullshit\t0\n", encoding="utf-8")
    assert TermClassifier(files=[tmp_path / "list.txt"]).scores(["bullshit"]) == [0.0]


def test_a_hashed_list_holds_how_short_a_chinese_term_may_be(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("坏\n", encoding="utf-8")
    lines = TermClassifier(shipped=False, files=[tmp_path / "list.txt"]).hashed()
    assert lines.startswith("words\t1\ncharacters\t1\nshortest\t1\n")


def test_a_list_that_is_missing_or_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="No such file"):
        TermClassifier(files=[tmp_path / "list.txt"])
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputRefused, match="UTF-8"):
        TermClassifier(files=[tmp_path / "list.txt"])


def test_the_shipped_list_holds_hashes_and_no_words() -> None:
    lines = SHIPPED.read_text(encoding="ascii").splitlines()
    assert lines[0].startswith("words\t")
    assert lines[1].startswith("characters\t")
    assert len(lines) > 500
    for line in lines[2:]:
        term, weight = line.split("\t")
        assert len(term) == 16
        assert int(term, 16) >= 0
        assert 0 < float(weight) <= 1


def test_the_shipped_list_finds_coarse_words_and_leaves_plain_ones() -> None:
    scores = TermClassifier().scores(
        ["what bullsh1t", "Scunthorpe assesses classic cocktails", "go k.y.s", "今天天气很好"]
    )
    assert scores == [0.3, 0.0, 1.0, 0.0]


def test_a_list_can_be_made_as_the_shipped_one_was(tmp_path: Path, terms: TermClassifier) -> None:
    command = [sys.executable, "-m", "sluicegate.data.hygiene.terms", str(tmp_path / "list.txt"), str(tmp_path / "out")]
    subprocess.run(command, check=True)
    assert (tmp_path / "out").read_text(encoding="ascii") == terms.hashed()
    assert "blorg" not in terms.hashed()
    assert terms.hashed().startswith("words\t3\ncharacters\t3\n")


def test_a_long_text_of_letters_apart_does_not_take_for_ever(terms: TermClassifier) -> None:
    assert terms.scores(["a " * 20_000, "坏" * 20_000, "o" * 20_000, "*" * 20_000]) == [0.0] * 4
