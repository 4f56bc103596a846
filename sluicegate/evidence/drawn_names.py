"""Names as a plot can show them: its font has the letters of few scripts, and draws one box for every other."""

from __future__ import annotations

from collections.abc import Sequence


def is_drawable(text: str) -> bool:
    """Whether the plots' font has every character."""
    from matplotlib.font_manager import findfont, get_font

    font = get_font(findfont("DejaVu Sans"))
    return all(character.isprintable() and font.get_char_index(ord(character)) for character in text)


def drawn(names: Sequence[str]) -> list[str]:
    """Each name, or where it cannot be drawn its place among `names`: ``no. 2``."""
    return [name if is_drawable(name) else _place(place) for place, name in enumerate(names, 1)]


def places_told(names: Sequence[str]) -> str:
    """What the places stand for, ``no. 1 is “差评”, no. 2 is “好评”``; empty where every name is drawn."""
    hidden = [(place, name) for place, name in enumerate(names, 1) if not is_drawable(name)]
    return ", ".join(f"{_place(place)} is “{name}”" for place, name in hidden)


def _place(place: int) -> str:
    return f"no. {place}"
