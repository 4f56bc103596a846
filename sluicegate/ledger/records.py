"""What can be asked for its entries: a whole ledger, or an excerpt of one in a file."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from sluicegate.errors import InputRefused, TamperingDetected
from sluicegate.ledger.chain import Entry, Header, chain_faults
from sluicegate.manifest import digest_of_value


class Records(Protocol):
    """Entries to read; where they come from does not matter."""

    def entries(self, model: str | None = None, kinds: Collection[str] = ()) -> tuple[Entry, ...]:
        """Entries in order, of one model (and those about all models) or of all, of some kinds or of all."""
        ...


@dataclass(frozen=True)
class Excerpt:
    """Some entries of a ledger in full and the others by their headers, so that the chain can be checked."""

    shown: tuple[Entry, ...]
    """In order."""
    headers: tuple[Header, ...] = ()
    """Of the entries that are not shown, in order."""

    @classmethod
    def of(cls, records: Records, model: str) -> Excerpt:
        """All that concerns one model, and the headers of everything else."""
        everything = records.entries()
        shown = tuple(entry for entry in everything if entry.model in (model, ""))
        return cls(shown, tuple(entry.header for entry in everything if entry.model not in (model, "")))

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """Every place where the chain does not hold, or what is about all models is not shown; empty if there is none.

        That everything about one model is shown is for `hidden` to say.
        """
        return chain_faults(self.chain) + self.hidden("")

    def hidden(self, model: str) -> tuple[str, ...]:
        """A fault for each entry about a model of which only the header is here: a rejection, perhaps, or a recall."""
        return self._only_headers({digest_of_value(model): model})

    @property
    def all_hidden(self) -> tuple[str, ...]:
        """Those faults for every model of which something is shown, and for what is about all models."""
        return self._only_headers({digest_of_value(each): each for each in ("", *(e.model for e in self.shown))})

    def _only_headers(self, about: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(
            f"entry {header.seq} ({header.kind}) is about {about[header.model] or 'all models'},"
            " and only its header is shown"
            for header in self.headers
            if header.model in about
        )

    @property
    def chain(self) -> tuple[Entry | Header, ...]:
        """Entries and headers together, in order."""
        return tuple(sorted((*self.shown, *self.headers), key=lambda each: each.seq))

    def entries(self, model: str | None = None, kinds: Collection[str] = ()) -> tuple[Entry, ...]:
        """As a ledger gives them; without a model, those that are shown.

        Raises:
            TamperingDetected: The chain does not hold, or not everything about the model is shown.
        """
        if found := self.faults + (self.hidden(model) if model else ()):
            raise TamperingDetected("the excerpt of the ledger", found)
        return tuple(e for e in self.shown if model in (None, e.model) or not e.model if not kinds or e.kind in kinds)

    def to_json(self) -> dict[str, Any]:
        """A JSON value that `from_json` reads back."""
        return {
            "entries": [entry.to_json() for entry in self.shown],
            "headers": [header.to_json() for header in self.headers],
        }

    @classmethod
    def from_json(cls, value: Any, where: str = "excerpt of the ledger") -> Excerpt:
        """The excerpt that `to_json` wrote; its chain is not checked yet, see `faults`.

        Args:
            value: From a file that anybody may have written.
            where: What a refusal names.

        Raises:
            InputRefused: It has another form.
        """
        if not isinstance(value, dict) or value.keys() != {"entries", "headers"}:
            raise InputRefused(where, "", "is not an excerpt of a ledger", "it holds entries and headers")
        try:  # read as JSON once more: pydantic's own reader refuses text that is none
            entries = _ENTRIES.validate_json(json.dumps(value["entries"]), extra="forbid")
            headers = _HEADERS.validate_json(json.dumps(value["headers"]), extra="forbid")
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise InputRefused(where, place, f"is not an excerpt of a ledger: {first['msg'].lower()}") from None
        return cls(tuple(entries), tuple(headers))


_ENTRIES = TypeAdapter(list[Entry])
_HEADERS = TypeAdapter(list[Header])
