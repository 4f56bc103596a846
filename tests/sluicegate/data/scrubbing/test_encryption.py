import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.data.scrubbing.encryption import Cipher, restore

KEY, OTHER = b"sixteen letters!", b"another secret !"


@given(st.text(min_size=1, max_size=80))
def test_what_was_encrypted_is_restored_to_the_letter(find):
    token = Cipher(KEY).token("PERSON", find)
    assert restore(f"to {token}, thanks", KEY).text == f"to {find}, thanks"


def test_the_same_find_gives_the_same_token_and_another_type_or_key_another():
    token = Cipher(KEY).token("PERSON", "Ada Quill")
    assert token == Cipher(KEY).token("PERSON", "Ada Quill")
    assert token.removeprefix("<PERSON:") != Cipher(KEY).token("LOCATION", "Ada Quill").removeprefix("<LOCATION:")
    assert token != Cipher(OTHER).token("PERSON", "Ada Quill")


def test_a_token_says_its_type_and_nothing_of_the_find():
    assert Cipher(KEY).token("EMAIL_ADDRESS", "ada@quill.org").startswith("<EMAIL_ADDRESS:")
    assert "ada" not in Cipher(KEY).token("EMAIL_ADDRESS", "ada@quill.org")


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(lambda token: token.replace("<PERSON:", "<LOCATION:"), id="another type"),
        pytest.param(lambda token: token[:-2] + ("A" if token[-2] != "A" else "B") + ">", id="another letter"),
        pytest.param(lambda token: "<PERSON:4caec7d77d6d>", id="a hash"),
        pytest.param(lambda token: "<PERSON:" + "A" * 40 + ">", id="made up"),
    ],
)
def test_what_does_not_open_stays_as_it_is(spoilt):
    text = f"to {spoilt(Cipher(KEY).token('PERSON', 'Ada Quill'))}"
    restored = restore(text, KEY)
    assert (restored.text, restored.opened) == (text, 0)


def test_tokens_are_counted():
    one, two = Cipher(KEY).token("PERSON", "Ada"), Cipher(OTHER).token("PERSON", "Ada")
    restored = restore(f"{one} {two} {one}", KEY)
    assert (restored.text, restored.opened, restored.closed) == (f"Ada {two} Ada", 2, 1)
