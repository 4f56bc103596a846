"""What is wrong with an installation, and how to mend it. Looks, and changes nothing."""

from __future__ import annotations

import platform
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from sluicegate.errors import SluicegateError
from sluicegate.gates.gate import outcome
from sluicegate.gates.roster import roster_now
from sluicegate.gates.satisfiable import unsatisfiable
from sluicegate.housekeeping import registry
from sluicegate.ledger.ledger import open_ledger
from sluicegate.manifest import digest_of_file
from sluicegate.policy import load_policy
from sluicegate.registry import tracking
from sluicegate.registry.live import LIVE
from sluicegate.settings import Home
from sluicegate.spec import (
    CsvSource,
    JsonLinesSource,
    LoadedSpec,
    PackageSource,
    ParquetSource,
    PinnedPackage,
    Spec,
    SqlSource,
    load_spec,
)

FREE_BYTES = 5 * 10**9
"""A run of the demo leaves about 1 GB; half-full disks get slow."""
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;#]+)", re.MULTILINE)


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    """What was found."""
    remedy: str
    """What to do; empty if nothing."""


def diagnose(
    home: Home, *, lock: Path | None = None, spec: Path | None = None, environ: Mapping[str, str] | None = None
) -> tuple[Diagnosis, ...]:
    """Everything that a run needs, looked at in turn; a fault in one does not hide the next.

    Args:
        home: The installation.
        lock: The lock file that the environment was made from, if it is known.
        spec: A release spec; then the files, pinned packages and secrets that it names are looked at too.
        environ: Where secrets are looked for.
    """
    looks: list[tuple[str, Callable[[], Diagnosis]]] = [
        ("python", _python),
        ("packages", lambda: _packages(lock)),
        ("home", lambda: _home(home)),
        ("disk", lambda: _disk(home)),
        ("ledger", lambda: _ledger(home)),
        ("promotions", lambda: _promotions(home)),
        ("MLflow", lambda: _mlflow(home)),
        ("registry", lambda: _registry(home)),
        ("processor", _processor),
    ]
    found = [_looked(name, look) for name, look in looks]
    return tuple(found if spec is None else found + _of_spec(home, spec, environ or {}))


def _of_spec(home: Home, path: Path, environ: Mapping[str, str]) -> list[Diagnosis]:
    """What a release spec needs; where it cannot be read, that is said once and of the rest that nobody looked."""
    try:
        loaded = load_spec(path)
    except SluicegateError as error:
        unread = [
            Diagnosis(name, False, "not looked at, since the spec cannot be read", "")
            for name in ("reviewers", "inputs", "secrets")
        ]
        return [Diagnosis("spec", False, str(error), f"correct {path}"), *unread]
    looks: list[tuple[str, Callable[[], Diagnosis]]] = [
        ("spec", lambda: _spec(loaded, path)),
        ("reviewers", lambda: _reviewers(home, loaded)),
        ("inputs", lambda: _inputs(home, _pins(loaded.spec))),
        ("secrets", lambda: _secrets(loaded.spec, environ)),
    ]
    return [_looked(name, look) for name, look in looks]


def _looked(name: str, look: Callable[[], Diagnosis]) -> Diagnosis:
    try:
        return look()
    except SluicegateError as error:
        return Diagnosis(name, False, str(error), "")
    except (OSError, ImportError) as error:
        return Diagnosis(
            name, False, f"{type(error).__name__}: {error}", "run `make install` again in a clean checkout"
        )


def _python() -> Diagnosis:
    from packaging.specifiers import SpecifierSet

    version = platform.python_version()
    wanted = metadata.metadata("sluicegate")["Requires-Python"]
    ok = SpecifierSet(wanted).contains(version, prereleases=True)
    return Diagnosis(
        "python", ok, f"{version}, wanted {wanted}", "" if ok else "make the environment with that version"
    )


def _packages(lock: Path | None) -> Diagnosis:
    if lock is None:
        return Diagnosis("packages", True, "no lock file is known, so versions were not compared", "")
    wrong = []
    pinned = _PIN.findall(lock.read_text("utf-8"))
    for name, wanted in pinned:
        try:
            found = metadata.version(name).split("+")[0]  # the builds of one torch differ behind the +
        except metadata.PackageNotFoundError:
            found = "missing"
        if found != wanted.split("+")[0]:
            wrong.append(f"{name} {found}, not {wanted}")
    if not wrong:
        return Diagnosis("packages", True, f"{len(pinned)} packages as {lock.name} has them", "")
    more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    return Diagnosis("packages", False, ", ".join(wrong[:5]) + more, f"pip install -r {lock}")


def _home(home: Home) -> Diagnosis:
    probe = home.root / ".doctor"
    try:
        probe.write_bytes(b"0" * 4096)
        probe.unlink()
    except OSError as error:
        return Diagnosis("home", False, f"{home.root}: {error.strerror}", "set SLUICEGATE_HOME to a folder with room")
    return Diagnosis("home", True, str(home.root), "")


def _disk(home: Home) -> Diagnosis:
    free = shutil.disk_usage(home.root).free
    ok = free >= FREE_BYTES
    detail = f"{free / 1e9:.1f} GB free, wanted {FREE_BYTES / 1e9:.0f}"
    return Diagnosis("disk", ok, detail, "" if ok else "`sluicegate clean` shows what may go")


def _ledger(home: Home) -> Diagnosis:
    """Whether the chain holds, and whether every decision and order in it does."""
    ledger = open_ledger(home)
    if faults := ledger.verify() or outcome(ledger).faults:
        more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
        remedy = "do not release anything; compare with a backup, and find out who could write there"
        return Diagnosis("ledger", False, "; ".join(faults[:3]) + more, remedy)
    return Diagnosis("ledger", True, f"{len(ledger.entries())} entries, the chain and every signature hold", "")


def _promotions(home: Home) -> Diagnosis:
    known = outcome(open_ledger(home))
    begun = [f"{g.model}/{g.stage} (gate {g.id[:12]})" for g in known.gates if g.state == "promoting"]
    begun += [f"{r.model}/{r.stage} (rollback to gate {r.returns_to[:12]})" for r in known.rollbacks]
    approved = [g for g in known.gates if g.state == "approved"]
    found = [f"begun and not finished: {', '.join(begun)}"] if begun else []
    found += [f"approved and not begun: {g.model}/{g.stage} (gate {g.id[:12]})" for g in approved]
    if not found:
        return Diagnosis("promotions", True, "none is half done", "")
    remedies = ["`sluicegate status` finishes what was begun"] if begun else []
    remedies += [
        "the gate's run promotes it (is a worker up?); without a server, give the same `sluicegate approve` again"
    ] * bool(approved)
    return Diagnosis("promotions", False, "; ".join(found), "; ".join(remedies))


def _mlflow(home: Home) -> Diagnosis:
    with tracking.reachable(home):
        models = tracking.connect(home).search_registered_models()
    live = sum(LIVE in model.aliases for model in models)
    return Diagnosis("MLflow", True, f"{tracking.shown(home.tracking_uri)}: {len(models)} models, {live} live", "")


def _registry(home: Home) -> Diagnosis:
    found, left_out = registry.differences(home, open_ledger(home))
    not_seen = "".join(f"; not looked at: {line}" for line in left_out)
    if found:
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        detail = "; ".join(map(str, found[:5])) + more + not_seen
        remedy = "`sluicegate doctor --repair` puts aliases and tags right; find out who set them"
        return Diagnosis("registry", False, detail, remedy)
    return Diagnosis("registry", True, f"aliases and tags are what the ledger says{not_seen}", "")


def _spec(loaded: LoadedSpec, path: Path) -> Diagnosis:
    spec = loaded.spec
    named = {"validation.suite": spec.validation.suite, "policy": spec.policy}
    if isinstance(spec.data.source, CsvSource | JsonLinesSource | ParquetSource):
        named["data.source.path"] = spec.data.source.path
    missing = [
        f"{field} ({loaded.resolve(file)})" for field, file in named.items() if not loaded.resolve(file).exists()
    ]
    if missing:
        return Diagnosis("spec", False, f"names files that are not there: {', '.join(missing)}", f"correct {path}")
    return Diagnosis("spec", True, f"{spec.model}, stages {', '.join(spec.stages)}", "")


def _reviewers(home: Home, loaded: LoadedSpec) -> Diagnosis:
    """Whether each gate could be passed; with no owner in the spec, whether it could be for somebody who starts it."""
    spec = loaded.spec
    policy = load_policy(loaded.resolve(spec.policy), spec)
    roster = roster_now(open_ledger(home))
    starters = [spec.owner] if spec.owner else [member.id for member in roster.members] or [""]
    found = min((unsatisfiable(policy, spec.stages, roster, who, spec.reviewers) for who in starters), key=len)
    if found:
        remedy = f"`sluicegate reviewer list` shows the roster; change it, or the rules in {spec.policy}"
        return Diagnosis("reviewers", False, "; ".join(found), remedy)
    who = f"{spec.owner} answers for the build" if spec.owner else "whoever signs the start answers for the build"
    return Diagnosis("reviewers", True, f"every gate can be passed; {who}", "")


def _pins(spec: Spec) -> list[PinnedPackage]:
    named = [spec.scrubbing.named_entity_model, spec.training.base_model]
    named += [spec.data.source.archive] if isinstance(spec.data.source, PackageSource) else []
    return [pin for pin in named if isinstance(pin, PinnedPackage)]


def _secrets(spec: Spec, environ: Mapping[str, str]) -> Diagnosis:
    section = spec.scrubbing
    needed = [section.key_env] if section.needs_key and section.key_block is None else []
    needed += [spec.vault.identity_env] if spec.vault else []
    needed += [spec.data.source.url_env] if isinstance(spec.data.source, SqlSource) else []
    if missing := [name for name in needed if not environ.get(name)]:
        return Diagnosis("secrets", False, f"not set: {', '.join(missing)}", f"export {missing[0]}=…")
    return Diagnosis("secrets", True, f"{', '.join(needed)} set" if needed else "none is needed", "")


def _inputs(home: Home, pins: Sequence[PinnedPackage]) -> Diagnosis:
    missing, changed = [], []
    for pin in pins:
        found = [p for p in home.inputs.glob(f"{pin.sha256[:16]}-*") if p.is_file()]
        if not found:
            missing.append(pin.package)
        elif digest_of_file(found[0]) != pin.sha256:
            changed.append(pin.package)
    if changed:
        return Diagnosis(
            "inputs",
            False,
            f"changed since they were fetched: {', '.join(changed)}",
            "a run fetches them again",
        )
    if missing:
        return Diagnosis("inputs", False, f"not fetched yet: {', '.join(missing)}", "run once with the network there")
    return Diagnosis("inputs", True, f"{len(pins)} pinned packages are here" if pins else "none is pinned", "")


def _processor() -> Diagnosis:
    import psutil
    import torch

    from sluicegate.training.precision import has_bf16

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    memory = psutil.virtual_memory().total / 1e9
    with_bf16 = "computes in bf16" if has_bf16(device) else "no bf16, so training takes about a third longer"
    return Diagnosis("processor", True, f"{device.type}, {psutil.cpu_count()} cores, {memory:.0f} GB, {with_bf16}", "")
