import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.errors import TamperingDetected
from sluicegate.manifest import Manifest, digest_of_value, verify_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inner").mkdir()
    (tmp_path / "b.txt").write_bytes(b"two")
    (tmp_path / "inner" / "a.txt").write_bytes(b"one")
    return tmp_path


def test_the_digest_is_the_sha256_of_the_canonical_json_worked_by_hand(folder: Path) -> None:
    one, two = hashlib.sha256(b"one").hexdigest(), hashlib.sha256(b"two").hexdigest()
    canonical = (
        '{"files":[{"path":"b.txt","sha256":"'
        + two
        + '","size":3},{"path":"inner/a.txt","sha256":"'
        + one
        + '","size":3}]}'
    )
    assert Manifest.of_folder(folder).digest == hashlib.sha256(canonical.encode()).hexdigest()


def test_every_difference_is_found_at_once(folder: Path) -> None:
    manifest = Manifest.of_folder(folder)
    (folder / "b.txt").write_bytes(b"TWO")
    (folder / "inner" / "a.txt").unlink()
    (folder / "c.txt").touch()
    assert manifest.differences(folder) == ("b.txt was changed", "c.txt was added", "inner/a.txt is missing")


def test_a_link_is_refused_since_it_could_point_anywhere(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/hostname")
    with pytest.raises(TamperingDetected, match="link is a symbolic link"):
        Manifest.of_folder(folder)


def test_a_changed_byte_fails_the_verification(folder: Path) -> None:
    digest = Manifest.of_folder(folder).digest
    verify_folder(folder, digest, "folder")
    (folder / "b.txt").write_bytes(b"twp")
    with pytest.raises(TamperingDetected, match="candidate x"):
        verify_folder(folder, digest, "candidate x")


def test_a_manifest_survives_json(folder: Path) -> None:
    manifest = Manifest.of_folder(folder)
    assert Manifest.from_json(manifest.to_json()) == manifest


@given(st.dictionaries(st.text(), st.integers(-(2**53) + 1, 2**53 - 1) | st.text() | st.booleans()))
def test_key_order_does_not_change_a_value_s_digest(value: dict[str, object]) -> None:
    assert digest_of_value(dict(reversed(value.items()))) == digest_of_value(value)
