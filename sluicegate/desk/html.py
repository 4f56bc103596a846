"""The brief as one HTML page: no script, nothing from elsewhere, for a phone, a printer and the dark alike.

Every value that the template shows goes through `visible`, which leaves nothing that is not to be seen, and
then through Jinja2's autoescaping; the page's own policy (CSP) forbids everything but its style.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sluicegate.desk import radar
from sluicegate.desk.escaping import LONGEST_REASONED, visible, web_address

if TYPE_CHECKING:
    from sluicegate.desk.brief import Brief

_MARKS = {"pass": "✓", "fail": "✗", "not evaluated": "?", "not applicable": "–", "waived": "~"}
_NEAR = "≈"


def draw(brief: Brief) -> str:
    """The brief as an HTML page."""
    environment = Environment(
        loader=PackageLoader("sluicegate", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["address"] = web_address
    picture = Markup(radar.draw(brief.scorecard) if brief.scorecard else "")  # base64, and too long to be cut
    return environment.get_template("brief.html.jinja").render(brief=brief, marks=_MARKS, near=_NEAR, radar=picture)


def _seen(value: Any) -> Any:
    """What is shown in the place of a value, whatever it is; Jinja2 escapes it afterwards."""
    return visible(value, LONGEST_REASONED) if type(value) is str else value
