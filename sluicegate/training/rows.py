"""Encoded rows in flat files that are read through memory maps, so that memory does not grow with their number.

    ids.bin       the tokens of all rows one after the other, int32
    starts.bin    where each row begins among them, and where the last one ends, int64
    labels.bin    what each row should give, or each token
    about.json    the labels' number format and shape, and what `Rows` holds beside arrays

Shapes: N rows, S tokens of all rows together, L labels.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sluicegate.errors import InputRefused
from sluicegate.training.masking import Masking

IDS, STARTS, LABELS, ABOUT = "ids.bin", "starts.bin", "labels.bin", "about.json"
READ_AT_ONCE = 1000
"""Rows of a Parquet file in memory at once."""


@dataclass(frozen=True)
class Rows:
    """Rows ready for the model."""

    ids_S: NDArray[np.int32]
    """Token ids, not padded."""
    starts: NDArray[np.int64]
    """Where each row begins in `ids_S`, and the end, shape (N + 1,)."""
    labels: NDArray[Any]
    """Index of each row's label, shape (N,); its labels' shares, shape (N, L); or each token's tag, shape (S,)."""
    padding_id: int
    """The token that fills shorter rows."""
    by_token: bool = False
    """Whether every token has a label of its own."""
    masking: Masking | None = None
    """What hides tokens whenever a row is read; `labels` are then the tokens themselves."""
    weights_N: NDArray[np.float32] | None = None
    """How much each row's loss counts; None where all count alike."""
    cut: int = 0
    """How many texts were longer than the model is to read, and lost their end."""

    unit: ClassVar[str] = "tokens"

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def units(self) -> int:
        """Tokens of all rows together."""
        return len(self.ids_S)

    @property
    def lengths_N(self) -> NDArray[np.int64]:
        """Tokens of each row."""
        return np.diff(self.starts)

    def ids(self, row: int) -> NDArray[np.int32]:
        """The tokens of a row."""
        return self.ids_S[self.starts[row] : self.starts[row + 1]]

    def label(self, row: int) -> NDArray[Any]:
        """What a row should give: one label, or one a token."""
        return self.labels[self.starts[row] : self.starts[row + 1]] if self.by_token else self.labels[row]


class RowsWriter:
    """Writes the files of `Rows` into `folder`, which it empties first."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._folder, self._end, self._cut = folder, 0, 0
        self._label_kind: np.dtype[Any] = np.dtype(np.int64)
        self._label_shape: tuple[int, ...] = ()
        self._files: dict[str, BinaryIO] = {name: (folder / name).open("wb") for name in (IDS, STARTS, LABELS)}
        self._write(STARTS, np.zeros(1, np.int64))

    def add(self, ids: Sequence[Sequence[int]], labels: NDArray[Any], *, cut: int = 0) -> None:
        """Appends rows, `cut` of them shortened, with one label a row, all labels' shares a row, or one a token."""
        self._cut += cut
        self._label_kind, self._label_shape = labels.dtype, labels.shape[1:]
        ends_B = self._end + np.cumsum([len(row) for row in ids], dtype=np.int64)
        self._end = int(ends_B[-1])
        self._write(IDS, np.fromiter((token for row in ids for token in row), np.int32))
        self._write(STARTS, ends_B)
        self._write(LABELS, labels)

    def finish(self, padding_id: int, *, by_token: bool, masking: Masking | None = None) -> Rows:
        """Closes the files and opens them for reading."""
        for file in self._files.values():
            file.close()
        about = {
            "padding_id": padding_id,
            "cut": self._cut,
            "by_token": by_token,
            "masking": masking and asdict(masking),
            "label_kind": self._label_kind.str,
            "label_shape": self._label_shape,
        }
        (self._folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")
        return open_rows(self._folder)

    def _write(self, name: str, values: NDArray[Any]) -> None:
        try:
            self._files[name].write(values.tobytes())
        except OSError as error:
            raise InputRefused(self._folder, "", f"cannot be written: {error.strerror}", "free some space") from None


def open_rows(folder: Path) -> Rows:
    """The rows that a `RowsWriter` has finished in `folder`."""
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    kinds: dict[str, Any] = {IDS: np.int32, STARTS: np.int64, LABELS: np.dtype(about["label_kind"])}
    ids, starts, labels = (np.memmap(folder / name, kinds[name], "r") for name in (IDS, STARTS, LABELS))
    hides = about["masking"]
    return Rows(
        ids,
        starts,
        labels.reshape(-1, *about["label_shape"]),
        about["padding_id"],
        about["by_token"],
        Masking(hides["mask_id"], hides["vocabulary"], tuple(hides["special"])) if hides else None,
        cut=about["cut"],
    )


def read(path: Path, *targets: str, subject: str = "text") -> Iterator[tuple[list[Any], ...]]:
    """The texts of a split part, or another `subject`, and the columns `targets`, which they should give, in chunks.

    Raises:
        InputRefused: The file is missing or not Parquet, lacks a column, or has no rows.
    """
    columns = [subject, *targets]
    try:
        with pq.ParquetFile(path) as file:
            if missing := [name for name in columns if name not in file.schema_arrow.names]:
                raise InputRefused(path, missing[0], "there is no such column")
            if not file.metadata.num_rows:
                raise InputRefused(path, "", "holds no rows, at least 1 is needed")
            for batch in file.iter_batches(READ_AT_ONCE, columns=columns):
                yield tuple(batch.column(name).to_pylist() for name in columns)
    except FileNotFoundError:
        raise InputRefused(path, "", "there is no such file") from None
    except (OSError, pa.ArrowException) as error:
        problem = f"cannot be read as Parquet with columns {' and '.join(columns)} ({type(error).__name__})"
        raise InputRefused(path, "", problem) from None


def texts(path: Path) -> Iterable[str]:
    """The texts of a split part.

    Raises:
        InputRefused: As `read`.
    """
    return (text for (some,) in read(path) for text in some)
