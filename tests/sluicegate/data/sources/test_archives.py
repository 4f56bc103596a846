"""Archives that cannot be unpacked, each said in one line with its name and the member's."""

from __future__ import annotations

import io
import random
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

import pytest

from sluicegate.data.sources.archives import extract, open_member
from sluicegate.errors import InputRefused

MEMBER = "d/x.txt"
CONTENT = random.Random(7).randbytes(50_000)
CENTRAL = b"PK\x01\x02"
"""What a member's entry in the directory at the end of a zip archive begins with."""


def packed(method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(MEMBER, CONTENT)
    return bytearray(buffer.getvalue())


def encrypted() -> bytearray:
    content = packed()
    content[6] |= 1
    content[content.rfind(CENTRAL) + 8] |= 1
    return content


def of_unknown_method() -> bytearray:
    content = packed()
    content[8] = content[content.rfind(CENTRAL) + 10] = 97
    return content


def of_a_later_version() -> bytearray:
    content = packed()
    content[content.rfind(CENTRAL) + 6] = 255
    return content


def damaged(method: int) -> bytearray:
    content = packed(method)
    content[45:20_000] = bytes(20_000 - 45)
    return content


def tar_of_two(mode: Literal["w", "w:gz"] = "w") -> bytearray:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name in (MEMBER, "d/y.txt"):
            member = tarfile.TarInfo(name)
            member.size = len(CONTENT)
            archive.addfile(member, io.BytesIO(CONTENT))
    return bytearray(buffer.getvalue())


def with_a_damaged_header() -> bytearray:
    content = tar_of_two()
    content[content.rfind(b"d/y.txt")] ^= 1
    return content


def without_an_end() -> bytearray:
    content = tar_of_two()
    return content[: content.rfind(b"d/y.txt")]


def with_a_wrong_checksum() -> bytearray:
    content = tar_of_two("w:gz")
    content[-8] ^= 1  # of the CRC-32
    return content


def cut_tar() -> bytearray:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(MEMBER)
        member.size = len(CONTENT)
        archive.addfile(member, io.BytesIO(CONTENT))
    return bytearray(buffer.getvalue()[:20_000])


UNUSABLE = [
    pytest.param(encrypted(), f"kettle: {MEMBER}: is encrypted", id="encrypted"),
    pytest.param(of_unknown_method(), f"kettle: {MEMBER}: is packed in a way that cannot", id="unknown method"),
    pytest.param(of_a_later_version(), "kettle: is a zip archive of a kind that cannot be read", id="later version"),
    pytest.param(damaged(zipfile.ZIP_STORED), f"kettle: {MEMBER}: is damaged", id="damaged, stored"),
    pytest.param(damaged(zipfile.ZIP_DEFLATED), f"kettle: {MEMBER}: is damaged", id="damaged, deflate"),
    pytest.param(damaged(zipfile.ZIP_BZIP2), f"kettle: {MEMBER}: is damaged", id="damaged, bzip2"),
    pytest.param(damaged(zipfile.ZIP_LZMA), f"kettle: {MEMBER}: is damaged", id="damaged, lzma"),
    pytest.param(cut_tar(), f"kettle: {MEMBER}: is damaged", id="cut off, tar"),
    pytest.param(with_a_damaged_header(), "kettle: is not a whole archive: a member's header", id="a header, tar"),
    pytest.param(without_an_end(), "kettle: is not a whole archive: .* its end is missing", id="no end, tar"),
    pytest.param(with_a_wrong_checksum(), "kettle: is not a whole archive: CRC check failed", id="checksum, gzip"),
]


@pytest.mark.parametrize(("content", "said"), UNUSABLE)
def test_a_member_that_cannot_be_unpacked_is_refused_by_its_name(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "kettle").write_bytes(content)
    with pytest.raises(InputRefused, match=said) as refusal:
        extract(tmp_path / "kettle", "d", tmp_path)
    assert str(refusal.value).count("\n") == 0


@pytest.mark.parametrize(("content", "said"), UNUSABLE)
def test_a_member_that_cannot_be_read_is_refused_by_its_name(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "kettle").write_bytes(content)
    with pytest.raises(InputRefused, match=said), open_member(tmp_path / "kettle", MEMBER) as member:
        member.read()


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_archive(tmp_path: Path) -> None:
    (tmp_path / "kettle").write_bytes(packed())
    (tmp_path / MEMBER).mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        extract(tmp_path / "kettle", "", tmp_path)
