"""The wire format of OpenSSH: strings of bytes, each after its length in four bytes, big-endian.

Source: RFC 4251, section 5.
"""

from __future__ import annotations

KIND = "ssh-ed25519"
"""How OpenSSH names the one kind of key that is used here."""

_LENGTH_BYTES = 4


def string(content: bytes) -> bytes:
    """`content` after its length."""
    return len(content).to_bytes(_LENGTH_BYTES, "big") + content


class Reader:
    """Takes apart what `string` put together, from the front."""

    def __init__(self, content: bytes) -> None:
        self.rest = content

    def take(self, count: int) -> bytes:
        """The next `count` bytes.

        Raises:
            ValueError: There are fewer.
        """
        if len(self.rest) < count:
            raise ValueError("cut off")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def number(self) -> int:
        """The next four bytes as a number.

        Raises:
            ValueError: There are fewer.
        """
        return int.from_bytes(self.take(_LENGTH_BYTES), "big")

    def string(self) -> bytes:
        """The next string.

        Raises:
            ValueError: It is cut off.
        """
        return self.take(self.number())

    def end(self) -> None:
        """Makes sure that nothing is left.

        Raises:
            ValueError: Something is.
        """
        if self.rest:
            raise ValueError("followed by something else")
