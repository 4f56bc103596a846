"""The README.txt of an exported release: what is there, and how to check it."""

from __future__ import annotations

from collections.abc import Sequence

from sluicegate.gates.letters import NAMESPACES
from sluicegate.gates.state import Decision, Gate, Release, Waiver
from sluicegate.registry.exported import statement_name

_TEXT = """\
Release of {model}, stage {stage}
candidate {candidate}
released  {time}
{as_of}

What is here
  candidate/               the model: weights, tokenizer, configuration, loader.py, requirements.txt
  candidate.manifest.json  every file of it with its SHA-256
  dossier/                 what was measured: open dossier/index.html; model_card.md is the model card
  dossier.manifest.json    every file of it with its SHA-256
  policy.json              the limits for each stage, and what it takes to pass its gate
  roster.json              who was allowed to decide when the gate opened, and their keys
  gate.json                the question that was decided
  decisions/               what was decided at that gate, as it was signed, with each signature
  allowed_signers          the keys of those who signed
  ledger.json              every ledger entry about this model, and the headers of all the others
  checkpoint.json          how far the ledger had come when this was exported, signed by the service
  SHA256SUMS               the SHA-256 of every file here

How to check it
  sluicegate verify FOLDER --trust ROOT
    FOLDER is this one. ROOT is a file with the public key (or keys) that signed the first roster, or the
    fingerprint of one (SHA256:...). Get it from the people who release, another way than this folder came.
    It needs no network and no server. It checks all that is below, every signature, every change of the
    roster since the first, that the evidence met the policy's limits, and that the release was not recalled
    as of the newest checkpoint that you hold (--checkpoint FILE; --max-age 7d if an old one will not do).

How to check it with nothing of ours (Linux; on macOS use `shasum -a 256`)
  1. sha256sum --check --quiet SHA256SUMS
       every file is as it was exported
  2. sha256sum candidate.manifest.json     gives  {candidate}
     sha256sum dossier.manifest.json       gives  {dossier}
     sha256sum policy.json                 gives  {policy}
     sha256sum roster.json                 gives  {roster}
       the manifests list the SHA-256 of every file of candidate/ and dossier/, as SHA256SUMS does
  3. sha256sum gate.json                   gives  {gate}
       it names the four digests above; this one, the gate's id, is what people signed
  4. What was decided, in the order in which it was. Each file names the gate; read the words in it.
{decisions}
       (ssh-keygen comes with OpenSSH 8.2 and newer.) Compare the keys in allowed_signers with those in roster.json,
       and one of them at least with what its owner tells you.

What these commands do not show: that the roster is the right one, and that the ledger says nothing else by now, such
as a recall. `sluicegate verify` shows the first with ROOT, and the second as of a checkpoint.

How to use it
  pip install -r candidate/requirements.txt
  cd candidate && python -B -c "import loader; print(loader.load('.').predict(['some text']))"
  (of a model for images: the path of an image in the place of the text)
"""
_VERBS = {"approve": "approval", "reject": "rejection", "waive": "waiver"}


def readme(gate: Gate, release: Release, decided: Sequence[Decision | Waiver], as_of: str) -> str:
    """The text.

    Args:
        gate: The gate that the release came through.
        release: The release.
        decided: What was decided there, in the order of its files.
        as_of: As of when, in words.
    """
    return _TEXT.format(
        model=gate.model,
        stage=gate.stage,
        candidate=gate.candidate,
        dossier=gate.dossier,
        policy=gate.policy,
        roster=gate.roster,
        gate=gate.id,
        time=release.time,
        as_of=as_of,
        decisions="\n".join(_command(number, one) for number, one in enumerate(decided, 1)),
    )


def _command(number: int, one: Decision | Waiver) -> str:
    name = statement_name(number)
    what = f"{_VERBS[one.statement['decision']]} by {one.reviewer}"
    if one.grade != "signed":
        return f"     {name} is the {what}, given with a one-time code: the service vouches for it, nobody signed it"
    verify = f"ssh-keygen -Y verify -f allowed_signers -I {one.reviewer} -n {NAMESPACES['decision']}"
    return f"     {verify} -s {name}.sig < {name}\n       the {what}"
