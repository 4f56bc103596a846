"""Letters: what people sign, on its way to the ledger.

A letter can travel by any way: over the Prefect API, as a file, on a stick. Nobody believes the way; the
ledger takes out what is signed and checks that.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sluicegate.data.json_objects import KeyTwice, read_json
from sluicegate.errors import InputRefused
from sluicegate.gates.reasons import printable
from sluicegate.signing import sshsig
from sluicegate.signing.keys import PrivateKey
from sluicegate.spec import parse

Subject = Literal["decision", "order", "roster"]
LARGEST_BYTES = 1 << 20
_LONGEST_FIELD, _LONGEST_PROBLEM = 80, 400
NAMESPACES: dict[Subject, str] = {
    "decision": "sluicegate-decision",
    "order": "sluicegate-order",
    "roster": "sluicegate-roster",
}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Signature(_Part):
    """Whose signature it is said to be, and the signature."""

    by: str
    signature: str
    """OpenSSH's armoured form (SSHSIG)."""


class Letter(_Part):
    """A statement and the signatures under it."""

    subject: Subject
    statement: dict[str, str] = Field(min_length=1)
    """What is signed, by its canonical JSON."""
    signatures: tuple[Signature, ...] = ()
    code: str = ""
    """A one-time code, where there is no signature."""
    roster: dict[str, Any] | None = None
    """The whole new roster, whose digest the statement names."""

    def signed(self, by: str, key: PrivateKey) -> Letter:
        """This letter with one more signature, in the place of an older one by the same person."""
        mine = Signature(by=by, signature=sshsig.sign(self.statement, key, NAMESPACES[self.subject]))
        others = tuple(one for one in self.signatures if one.by != by)
        return self.model_copy(update={"signatures": (*others, mine)})

    def to_text(self) -> str:
        """JSON; what a file of it holds."""
        return json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_text(cls, text: str, where: Path | str = "letter") -> Letter:
        """The letter that `to_text` wrote; nothing in it is checked yet.

        Raises:
            InputRefused: It is not one.
        """
        try:
            value = read_json(text) if len(text) <= LARGEST_BYTES else None
        except (KeyTwice, ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise InputRefused(where, "", "is not a letter that `--out` wrote")
        try:
            return parse(cls, value, where)
        except InputRefused as refused:  # names fields, and anybody may have named them
            field, problem = (
                "".join(c if printable(c) else "·" for c in said) for said in (refused.field, refused.problem)
            )
            raise InputRefused(where, field[:_LONGEST_FIELD], problem[:_LONGEST_PROBLEM]) from None

    @classmethod
    def read(cls, path: Path) -> Letter:
        """The letter in a file.

        Raises:
            InputRefused: There is none, or it is not one.
        """
        try:
            with path.open("rb") as file:
                text = file.read(LARGEST_BYTES + 1).decode()
        except FileNotFoundError:
            raise InputRefused(path, "", "there is no such file") from None
        except OSError as error:
            raise InputRefused(path, "", f"cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise InputRefused(path, "", "is not UTF-8 text") from None
        return cls.from_text(text, path)
