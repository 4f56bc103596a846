"""Jobs that persons are said to have: everyday ones, Faker's list (MIT licence), and some put together.

A job next to its holder tells almost as much as the name, so it is marked as a TITLE; "the waiter was rude" is not.
"""

from __future__ import annotations

import importlib
import random
from functools import cache

from sluicegate.data.scrubbing.corpus import words

_SMALL = frozenset(("of", "and", "for", "the", "in", "to"))


@cache
def _listed() -> tuple[str, ...]:
    """Faker's jobs; "Engineer, mining" is "Mining engineer" as well."""
    jobs = importlib.import_module("faker.providers.job.en_US").Provider.jobs
    turned = (" ".join(reversed(job.split(", "))) for job in jobs if job.count(", ") == 1 and "/" not in job)
    return tuple(dict.fromkeys((*jobs, *turned)))


def _put_together(rng: random.Random) -> str:
    rank, field, role = (rng.choice(words.listed(f"jobs.{part}")) for part in ("ranks", "fields", "roles"))
    return rng.choice(
        (
            f"{field} {role}",
            f"{field} {role}",
            f"{rank} {field} {role}",
            f"{rank} {role}",
            f"{field} and {rng.choice(words.listed('jobs.fields'))} {role}",
            f"{rng.choice(('head', 'director', 'vice president', 'VP', 'chief', 'manager'))} of {field}",
            f"{rng.choice(words.listed('jobs.trades'))} {role}",
        )
    )


def job(rng: random.Random) -> str:
    """A job as running text has it, mostly in lower case."""
    draw = rng.random()
    if draw < 0.4:
        return rng.choice(words.listed("english.jobs"))
    made = rng.choice(_listed()) if draw < 0.7 else _put_together(rng)
    return made if draw > 0.96 or made[:2].isupper() else _eased(made) if rng.random() < 0.8 else capitalised(made)


def heading(rng: random.Random) -> str:
    """A job as a signature or a form has it, mostly with capitals."""
    draw = rng.random()
    made = (
        rng.choice(words.listed("english.jobs")) if draw < 0.25
        else rng.choice(_listed()) if draw < 0.6
        else _put_together(rng)
    )  # fmt: skip
    return rng.choice((capitalised, capitalised, lambda text: text[0].upper() + text[1:]))(made)


def _eased(text: str) -> str:
    """In lower case but for abbreviations."""
    return " ".join(word if word[:2].isupper() else word.lower() for word in text.split(" "))


def capitalised(text: str) -> str:
    """With a capital at the head of every word that bears one in a heading."""
    return " ".join(word if word in _SMALL else word[:1].upper() + word[1:] for word in text.split(" "))
