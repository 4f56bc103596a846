import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from sluicegate.data.sources.packages import fetch, unpack
from sluicegate.errors import InputRefused, Unavailable
from sluicegate.spec import PinnedPackage

NAME = "kettle-1.0-py3-none-any.whl"


def wheel(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def installable_wheel() -> bytes:
    metadata = b"Metadata-Version: 2.1\nName: kettle\nVersion: 1.0\n"
    tags = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    info = "kettle-1.0.dist-info"
    return wheel({"kettle/a.txt": b"boil", f"{info}/METADATA": metadata, f"{info}/WHEEL": tags, f"{info}/RECORD": b""})


def pinned(content: bytes, inputs: Path, path: str = "", name: str = NAME) -> PinnedPackage:
    digest = hashlib.sha256(content).hexdigest()
    inputs.mkdir(exist_ok=True)
    (inputs / f"{digest[:16]}-{name}").write_bytes(content)
    return PinnedPackage(package="kettle==1.0", sha256=digest, path=path)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")


def test_an_archive_in_the_inputs_folder_is_used_without_a_download(tmp_path, offline):
    pin = pinned(wheel({"a.txt": b"boil"}), tmp_path / "in")
    assert fetch(pin, tmp_path / "in").name == f"{pin.sha256[:16]}-{NAME}"


def test_a_download_goes_through_pip_and_lands_under_its_hash(tmp_path, offline, monkeypatch):
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / NAME).write_bytes(installable_wheel())
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))
    pin = PinnedPackage(package="kettle==1.0", sha256=hashlib.sha256(installable_wheel()).hexdigest())
    path = fetch(pin, tmp_path / "in")
    assert path.read_bytes() == installable_wheel()
    assert [p.name for p in (tmp_path / "in").iterdir()] == [f"{pin.sha256[:16]}-{NAME}"]


def test_an_index_that_serves_other_bytes_is_refused(tmp_path, offline, monkeypatch):
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / NAME).write_bytes(installable_wheel())
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))
    with pytest.raises(InputRefused, match="sha256"):
        fetch(PinnedPackage(package="kettle==1.0", sha256="0" * 64), tmp_path / "in")
    assert list((tmp_path / "in").iterdir()) == []


def test_without_a_network_the_refusal_says_where_to_put_the_archive(tmp_path, offline):
    with pytest.raises(Unavailable, match="put the archive there as .*/in/0000000000000000-kettle-1.0"):
        fetch(PinnedPackage(package="kettle==1.0", sha256="0" * 64), tmp_path / "in")


def test_an_archive_that_was_changed_in_the_cache_is_not_used(tmp_path, offline):
    pin = pinned(wheel({"a.txt": b"boil"}), tmp_path / "in")
    path = fetch(pin, tmp_path / "in")
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(Unavailable):
        fetch(pin, tmp_path / "in")


def test_unpacking_takes_what_the_path_names_and_no_more(tmp_path):
    pin = pinned(wheel({"k/model/a": b"1", "k/model/b/c": b"2", "k/models": b"3"}), tmp_path / "in", "k/model")
    folder = unpack(pin, tmp_path / "in")
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == {"a", "b/c"}
    assert not (folder.parent / "models").exists()


def test_unpacked_files_that_were_changed_are_unpacked_again(tmp_path):
    pin = pinned(wheel({"k/a": b"boil", "k/b": b"2"}), tmp_path / "in", "k")
    folder = unpack(pin, tmp_path / "in")
    (folder / "a").write_bytes(b"evil")
    (folder / "b").unlink()
    assert (unpack(pin, tmp_path / "in") / "a").read_bytes() == b"boil"
    assert (folder / "b").read_bytes() == b"2"


def test_a_path_that_the_archive_lacks_is_refused(tmp_path):
    pin = pinned(wheel({"k/a": b"1"}), tmp_path / "in", "k/model")
    with pytest.raises(InputRefused, match="k/model: the archive holds no such path"):
        unpack(pin, tmp_path / "in")


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "k/../../evil", "k\\..\\evil", "C:evil"])
def test_a_member_that_would_land_elsewhere_is_refused(tmp_path, name):
    pin = pinned(wheel({"k/a": b"1", name: b"2"}), tmp_path / "in")
    with pytest.raises(InputRefused, match="outside the folder"):
        unpack(pin, tmp_path / "in")
    assert not list(tmp_path.rglob("evil"))


def test_a_link_in_a_zip_archive_is_refused(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("k/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InputRefused, match="is a link"):
        unpack(pinned(buffer.getvalue(), tmp_path / "in"), tmp_path / "in")


def test_a_link_in_a_tar_archive_is_refused(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        link = tarfile.TarInfo("k/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(InputRefused, match="not a regular file"):
        unpack(pinned(buffer.getvalue(), tmp_path / "in", name="kettle-1.0.tar.gz"), tmp_path / "in")


def test_a_file_that_is_no_archive_is_refused(tmp_path):
    with pytest.raises(InputRefused, match="neither a zip nor a tar"):
        unpack(pinned(b"just text", tmp_path / "in"), tmp_path / "in")
