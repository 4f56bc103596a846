"""Messages through real Prefect blocks, kept by a real server, to a real web server and a real mail server."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock, MattermostWebhook, SlackWebhook
from prefect.blocks.system import Secret
from prefect.blocks.webhook import Webhook

from flows.cli.server import free_port
from sluicegate.desk.messages import Notice
from sluicegate.errors import InputRefused, Unavailable
from tasks.mail import Mail
from tasks.notify import deliver
from tests.channels import Hooks, Post

pytestmark = pytest.mark.slow
NOTICE = Notice(
    kind="remind",
    gate="a1" * 32,
    model="reviews",
    stage="public",
    subject="reviews: public waits for a decision",
    text="May candidate c1c1 enter public of reviews?\n  sluicegate brief a1a1a1a1a1a1",
)


def test_a_webhook_gets_the_message_as_json(api: str, hooks: Hooks) -> None:
    Webhook(url=hooks.url("hook")).save("t-plain", overwrite=True)
    for _ in range(2):  # Prefect's webhooks of one process share a connection: it must outlive the first
        deliver("webhook/t-plain", NOTICE)
    assert (
        hooks.at("hook")
        == [
            {
                "kind": "remind",
                "gate": "a1" * 32,
                "model": "reviews",
                "stage": "public",
                "subject": NOTICE.subject,
                "text": NOTICE.text,
            }
        ]
        * 2
    )


def test_slack_gets_subject_and_text(api: str, hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    from apprise.plugins.slack import NotifySlack

    # Apprise knows the address of Slack; everything else of it is the real thing.
    monkeypatch.setattr(NotifySlack, "webhook_url", hooks.url("services"))
    url = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    SlackWebhook(url=url).save("t-slack", overwrite=True)
    deliver("slack-webhook/t-slack", NOTICE)
    ((path, said),) = hooks.posted
    assert path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    assert NOTICE.subject in str(said)
    assert "sluicegate brief a1a1a1a1a1a1" in str(said)


def test_every_other_notification_block_gets_subject_and_text(api: str, hooks: Hooks) -> None:
    custom = {"name": "custom", "url": hooks.url("custom"), "json_data": {"said": "{{subject}} / {{body}}"}}
    CustomWebhookNotificationBlock(**custom).save("t-custom", overwrite=True)
    MattermostWebhook(hostname="127.0.0.1", port=hooks.port, token="abc").save("t-mattermost", overwrite=True)
    deliver("custom-webhook/t-custom", NOTICE)
    deliver("mattermost-webhook/t-mattermost", NOTICE)
    assert hooks.at("custom") == [{"said": f"{NOTICE.subject} / {NOTICE.text}"}]
    assert NOTICE.subject in hooks.at("hooks/abc")[0]["text"]


def test_mail_goes_to_every_recipient_as_plain_text(api: str, post_office: Post) -> None:
    mail(post_office, recipients=["ann@example.org", "bo@example.org"], user="gates", password="p:@/ss").save(
        "t-mail", overwrite=True
    )
    deliver("mail/t-mail", NOTICE)
    assert post_office.recipients == ["ann@example.org", "bo@example.org"]
    first, _ = post_office.mails
    assert (first["From"], first["To"]) == ("Sluicegate <gates@example.org>", "ann@example.org")
    assert first["Subject"] == NOTICE.subject
    assert first.get_content_type() == "text/plain"
    assert first.get_content().replace("\r\n", "\n").strip() == NOTICE.text
    (login,) = post_office.logins
    assert base64.b64decode(login.split()[-1]) == b"\0gates\0p:@/ss"


def test_mail_is_not_sent_to_a_server_that_does_not_encrypt_unless_the_block_says_so(
    api: str, post_office: Post
) -> None:
    mail(post_office, security="starttls", user="gates", password="secret").save("t-starttls", overwrite=True)
    with pytest.raises(Unavailable, match="mail/t-starttls did not take the message"):
        deliver("mail/t-starttls", NOTICE)
    assert post_office.mails == []
    assert post_office.logins == []  # the password was not shown to it either


@pytest.mark.parametrize("kind", ["webhook", "custom-webhook", "slack-webhook", "mail", "missing", "secret", "closed"])
def test_a_block_that_does_not_take_it_is_one_line_without_its_address(
    api: str, hooks: Hooks, post_office: Post, kind: str
) -> None:
    url = hooks.url("fail?token=hush")
    blocks: dict[str, Any] = {
        "webhook": lambda: Webhook(url=url),
        "custom-webhook": lambda: CustomWebhookNotificationBlock(name="x", url=url, json_data={"a": "{{body}}"}),
        "slack-webhook": lambda: SlackWebhook(url=hooks.url("fail?token=hush", "json")),
        "mail": lambda: mail(post_office, recipients=["no address"]),
        "secret": lambda: Secret(value="hush"),
        "closed": lambda: Webhook(url=f"http://127.0.0.1:{free_port()}/hush"),
    }
    if kind in blocks:
        blocks[kind]().save("t-fails", overwrite=True)
    slug = "webhook/t-nowhere" if kind == "missing" else f"{'webhook' if kind == 'closed' else kind}/t-fails"
    with pytest.raises(InputRefused if kind == "secret" else Unavailable) as refused:
        deliver(slug, NOTICE)
    said = str(refused.value)
    assert "SLUICEGATE_NOTIFY" in said
    assert "hush" not in said
    assert "\n" not in said
    assert refused.value.__cause__ is None  # a traceback in Prefect's log would show the address
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def mail(post: Post, **said: Any) -> Mail:
    usual = {"server": "127.0.0.1", "port": post.port, "security": "insecure", "sender": "gates@example.org"}
    return Mail(**(usual | {"recipients": ["ann@example.org"]} | said))
