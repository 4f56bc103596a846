"""Names that nobody bears, put together from syllables: millions of them, so that two people rarely share one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Draw = Callable[[int], int]
"""A number below the given limit."""

# fmt: off
_WOMEN = [
    "Ada", "Alma", "Bea", "Cara", "Cora", "Dara", "Dora", "Edda", "Elsa", "Enid", "Esme", "Faye", "Flora", "Greta",
    "Hana", "Ida", "Ilse", "Ines", "Iris", "Juno", "Kira", "Lena", "Lida", "Lola", "Mara", "Mina", "Nell", "Nora",
    "Olga", "Pia", "Rhea", "Rosa", "Thea", "Tilda", "Uma", "Vera", "Wanda", "Agnes", "Beryl", "Celia", "Delia",
    "Effie", "Freya", "Gilda", "Hester", "Ingrid", "Jessamy", "Kerstin", "Leonie", "Maud", "Nerys", "Ottilie",
    "Philippa", "Roswitha", "Sidonie", "Tamsin", "Ursula", "Viola", "Winifred", "Xanthe", "Yvette", "Zelda", "Alina",
    "Brida",
]
_MEN = [
    "Anton", "Arlo", "Basil", "Boris", "Clive", "Elio", "Emil", "Ezra", "Fritz", "Gale", "Gus", "Hal", "Hugo", "Igor",
    "Ivo", "Jory", "Kai", "Leo", "Lino", "Luca", "Milo", "Nico", "Odin", "Otis", "Rolf", "Saul", "Zeno", "Alaric",
    "Bertram", "Casper", "Dorian", "Edmund", "Fergus", "Gideon", "Hector", "Isidor", "Jasper", "Kasimir", "Lorenz",
    "Magnus", "Nestor", "Orson", "Piers", "Quentin", "Rupert", "Silas", "Tobias", "Ulric", "Valentin", "Wilfred",
    "Xaver", "Yorick", "Zacharias", "Ambrose", "Barnaby", "Cedric", "Donato", "Evander", "Florian", "Gregor",
    "Horatio", "Ignaz", "Joachim", "Konrad",
]
_ONSETS = ["B", "Br", "C", "D", "Dr", "F", "G", "Gr", "H", "K", "L", "M", "P", "R", "St", "T"]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
_CONSONANTS = ["b", "d", "g", "l", "m", "n", "p", "r", "s", "t", "v", "z"]
_CODAS = ["l", "n", "r", "s", "ll", "nd", "rd", "m", "ck", "st", "t", "g"]
_ENDINGS = ["by", "er", "ey", "ford", "ham", "man", "ow", "wick"]
_PLACE_ENDINGS = ["bridge", "bury", "combe", "field", "haven", "mere", "stead", "ton"]
_STREETS = ["Avenue", "Close", "Drive", "Lane", "Road", "Street", "Terrace", "Way"]
_FIELDS = ["cargo", "ferry", "garden", "harbour", "kitchen", "lamp", "library", "mill", "orchard", "postal"]
_ROLES = ["agent", "assistant", "clerk", "engineer", "inspector", "keeper", "officer", "planner", "worker"]
# fmt: on


def pick(values: Sequence[str], draw: Draw) -> str:
    """One of them."""
    return values[draw(len(values))]


def first_name(draw: Draw, gender: str = "") -> str:
    """One of 128; `gender` is ``f``, ``m`` or not known."""
    return pick({"f": _WOMEN, "m": _MEN}.get(gender, _WOMEN + _MEN), draw)


def _stem(draw: Draw) -> str:
    return (
        pick(_ONSETS, draw) + pick(_VOWELS, draw) + pick(_CONSONANTS, draw) + pick(_VOWELS, draw) + pick(_CODAS, draw)
    )


def surname(draw: Draw) -> str:
    """One of 1,179,648."""
    return _stem(draw) + pick(_ENDINGS, draw)


def place(draw: Draw) -> str:
    """A town: one of 1,179,648."""
    return _stem(draw) + pick(_PLACE_ENDINGS, draw)


def organization(draw: Draw) -> str:
    """A firm: one of millions of millions."""
    return f"{surname(draw)} {pick(('& ' + surname(draw), 'Group', 'Holdings', 'Partners'), draw)}"


def people(draw: Draw) -> str:
    """A people: one of 147,456."""
    return _stem(draw) + "ian"


def street(draw: Draw) -> str:
    """A street: one of 9,437,184."""
    return f"{surname(draw)} {pick(_STREETS, draw)}"


def job(draw: Draw) -> str:
    """A job: one of 90."""
    return f"{pick(_FIELDS, draw)} {pick(_ROLES, draw)}"


def cased(find: str, made: str) -> str:
    """`made` in capitals or in small letters where the find is."""
    if len(find) > 1 and find.isupper():
        return made.upper()
    return made.lower() if find.islower() else made
