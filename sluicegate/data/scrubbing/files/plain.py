"""Text files, one text a line; line ends and a byte order mark are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from sluicegate.data.scrubbing.files.lines import bom_of, check_length, lines, without_end
from sluicegate.data.scrubbing.files.opening import Write
from sluicegate.data.scrubbing.stream import ROWS, Rows


class PlainText:
    """A text file."""

    columns: Sequence[str] = ("text",)
    text_columns: Sequence[str] = ("text",)

    def __init__(self, path: Path) -> None:
        self._path, self._bom = path, bom_of(path)

    def rows(self, columns: Sequence[str]) -> Iterator[Rows]:
        """The lines."""
        with self._path.open("rb") as file:
            coming = lines(self._path, file)
            while some := list(islice(coming, ROWS)):
                parted = [without_end(line) for _, line in some]
                for (number, _), (text, _) in zip(some, parted, strict=True):
                    check_length(self._path, f"line {number}", text)
                yield Rows([end for _, end in parted], {"text": [text for text, _ in parted]})

    @contextmanager
    def writer(self, stream: BinaryIO, columns: Sequence[str]) -> Iterator[Write]:
        """Writes lines with the ends that they had."""
        stream.write(self._bom)

        def write(rows: Rows, texts: dict[str, list[str | None]]) -> None:
            pairs = zip(texts["text"], rows.payload, strict=True)
            stream.write("".join(f"{text}{end}" for text, end in pairs).encode())

        yield write
