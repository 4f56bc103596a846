"""Applying `deployments/automations.yaml` to a Prefect server, with the blocks that SLUICEGATE_NOTIFY names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import BlockDocument
from prefect.events.schemas.automations import AutomationCore
from prefect.exceptions import ObjectNotFound

from sluicegate.spec import read_yaml
from tasks.mail import Mail

FILE = Path(__file__).resolve().parents[1] / "deployments" / "automations.yaml"


@dataclass(frozen=True)
class Applied:
    """What the server has now."""

    automations: tuple[str, ...]
    """Names of those that were made or brought up to date; none if no block was there."""
    missing: tuple[str, ...]
    """Blocks that are named and not there."""


def apply_automations(blocks: Iterable[str], file: Path = FILE) -> Applied:
    """Makes the file's automations, or brings them up to date; each acts through every block.

    Also makes the block type `mail` known, so that the UI offers it.

    Args:
        blocks: Slugs, ``type/name`` each.
        file: In the form that ``prefect automation create --from-file`` reads.
    """
    Mail.register_type_and_schema()
    with get_client(sync_client=True) as client:
        found = {slug: _document(client, slug) for slug in blocks}
        there = [document for document in found.values() if document is not None]
        declared = read_yaml(file)["automations"] if there else []
        for automation in declared:
            automation["actions"] = [_acting(each, block) for each in automation["actions"] for block in there]
            _put(client, automation)
    missing = tuple(slug for slug, document in found.items() if document is None)
    return Applied(tuple(automation["name"] for automation in declared), missing)


def _document(client: SyncPrefectClient, slug: str) -> BlockDocument | None:
    kind, _, name = slug.partition("/")
    try:
        return client.read_block_document_by_name(name, kind, include_secrets=False)
    except ObjectNotFound:
        return None


def _acting(action: dict[str, Any], block: BlockDocument) -> dict[str, Any]:
    """The action through one block; a plain webhook takes what it would say as JSON."""
    filled = action | {"block_document_id": str(block.id)}
    assert block.block_type is not None
    if block.block_type.slug != Webhook.get_block_type_slug():
        return filled
    said = "".join(f"{{% set {part} %}}{action[place]}{{% endset %}}" for part, place in _PARTS)
    payload = said + '{"subject": {{ subject | tojson }}, "text": {{ text | tojson }}}'
    return {"type": "call-webhook", "block_document_id": filled["block_document_id"], "payload": payload}


_PARTS = (("subject", "subject"), ("text", "body"))


def _put(client: SyncPrefectClient, automation: dict[str, Any]) -> None:
    core = AutomationCore.model_validate(automation)
    known: Sequence[Any] = client.read_automations_by_name(core.name)
    if not known:
        client.create_automation(core)
        return
    client.update_automation(known[0].id, core.model_copy(update={"enabled": known[0].enabled}))
    for double in known[1:]:
        client.delete_automation(double.id)
