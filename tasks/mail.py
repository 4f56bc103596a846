"""E-mail as a Prefect block: Prefect itself has none for a mail server of one's own.

The block's type is registered with the server by `sluicegate alarms` (or `prefect block register --file
tasks/mail.py`); a server sends e-mail for an automation only if it knows the class, so `sluicegate up`
starts its own through `flows.cli.prefect_with_mail`.
"""

from __future__ import annotations

from typing import Literal

from prefect.blocks.notifications import AbstractAppriseNotificationBlock
from pydantic import Field, SecretStr


class Mail(AbstractAppriseNotificationBlock):
    """Sends notifications as plain e-mail through a mail server (SMTP).

    Example:
        Mail(server="mail.example.org", sender="gates@example.org", recipients=["reviewers@example.org"]).save("team")
    """

    _block_type_name = "Mail"
    _block_type_slug = "mail"
    _description = "Sends notifications as plain e-mail through a mail server (SMTP)."

    server: str = Field(title="Server", description="Name or address of the mail server.")
    port: int = Field(default=587, gt=0, lt=65536, title="Port", description="As a rule 587, or 465 for ssl.")
    security: Literal["starttls", "ssl", "insecure"] = Field(
        default="starttls", title="Security", description="How the connection is encrypted; insecure: not at all."
    )
    user: str | None = Field(default=None, title="User", description="Empty for a server that asks for none.")
    password: SecretStr | None = Field(default=None, title="Password")
    sender: str = Field(title="Sender", description="The address that the e-mail comes from.")
    recipients: list[str] = Field(min_length=1, title="Recipients", description="The addresses that it goes to.")

    def block_initialization(self) -> None:
        """Gives Apprise the server as an object: no part of it is ever written as a URL."""
        from apprise import Apprise
        from apprise.plugins.email import NotifyEmail

        server = NotifyEmail(
            smtp_host=self.server,
            host=self.server,
            port=self.port,
            user=self.user,
            password=self.password.get_secret_value() if self.password else None,
            secure=self.security != "insecure",
            secure_mode=self.security,
            from_addr=f"Sluicegate <{self.sender}>",
            targets=self.recipients,
            format="text",
        )
        self._apprise_client = Apprise()
        self._apprise_client.add(server)
