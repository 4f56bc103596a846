"""Direct identifiers in their usual shapes, so that the classifier does not take them for something else.

They are made up digit by digit; checksums do not hold, for the recognizers with checksums are others.
"""

from __future__ import annotations

import random
import string
import unicodedata

_MAIL = (
    "gmail.com",
    "yahoo.co.uk",
    "outlook.com",
    "hotmail.com",
    "web.de",
    "orange.fr",
    "proton.me",
    "qq.com",
    "163.com",
)
_ENDS = ("com", "org", "net", "co.uk", "de", "io", "fr", "edu", "com.au", "info", "dev", "cn")


def shaped(rng: random.Random, shape: str) -> str:
    """`shape` with each `#` a digit, each `@` a capital and each `%` a small letter."""
    out = []
    for character in shape:
        if character == "#":
            out.append(rng.choice(string.digits))
        elif character == "@":
            out.append(rng.choice(string.ascii_uppercase))
        elif character == "%":
            out.append(rng.choice(string.ascii_lowercase))
        else:
            out.append(character)
    return "".join(out)


def plain(text: str) -> str:
    """`text` in ASCII letters, as handles and addresses want it."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(c for c in folded.lower() if c.isalnum())


def user_name(rng: random.Random, first: str, last: str, word: str) -> str:
    """A handle."""
    a, b, n = plain(first) or "x", plain(last) or "y", rng.randint(1, 1999)
    forms = (
        f"{a}{n}",
        f"{a}.{b}",
        f"{a}_{b}",
        f"{word}{a}",
        f"{a[0]}{b}{n}",
        f"{word}_{n}",
        f"x{a}x",
        f"{b}{a[0]}",
        f"{word}{n}",
    )
    return rng.choice(forms)


def email(rng: random.Random, first: str, last: str, word: str) -> str:
    """An e-mail address."""
    host = rng.choice(_MAIL) if rng.random() < 0.5 else f"{plain(last) or word}-{word}.{rng.choice(_ENDS)}"
    if rng.random() < 0.2:
        return f"{rng.choice(('info', 'sales', 'office', 'hr', 'support', 'no-reply'))}@{host}"
    return f"{user_name(rng, first, last, word)}@{host}"


def url(rng: random.Random, word: str, other: str) -> str:
    """A web address or a bare domain."""
    host = f"{word}{rng.choice(('', '-', ''))}{other}.{rng.choice(_ENDS)}"
    forms = (
        f"https://{host}",
        f"www.{host}",
        host,
        f"http://www.{host}/{other}",
        f"https://{host}/{word}?id={rng.randint(1, 9999)}",
    )
    return rng.choice(forms)


_PHONES = (
    "(###) ###-####",
    "###-###-####",
    "+1 ### ### ####",
    "1-###-###-####",
    "###.###.####",
    "+44 #### ######",
    "0#### ######",
    "07### ######",
    "+44 (0)## #### ####",
    "020 #### ####",
    "+49 ## ########",
    "0### #######",
    "+33 # ## ## ## ##",
    "0# ## ## ## ##",
    "+34 ### ## ## ##",
    "+61 4## ### ###",
    "04## ### ###",
    "(0#) #### ####",
    "+91 ##### #####",
    "+39 ### #######",
    "+46 ##-### ## ##",
    "### ## ##",
    "###-####",
    "+55 11 9####-####",
    "+81-3-####-####",
    "+234 80# ### ####",
    "##########",
    "+##########",
    "00## ## ### ####",
    "(###)###-####x####",
    "###-###-#### ext. ###",
    "+1-###-###-####",
    "+27 ## ### ####",
    "+31 6 ########",
    "138########",
    "+86 13# #### ####",
    "010-########",
)
_OTHERS: dict[str, tuple[str, ...]] = {
    "CREDIT_CARD": (
        "#### #### #### ####",
        "################",
        "####-####-####-####",
        "#### ###### #####",
        "4###############",
    ),
    "IBAN_CODE": (
        "GB## @@@@ #### #### #### ##",
        "DE## #### #### #### #### ##",
        "FR##################@##",
        "NL##@@@@##########",
        "GB##@@@@##############",
    ),
    "BANK_ACCOUNT": ("########", "##########", "##-##-## ########", "######## ##", "############"),
    "IP_ADDRESS": ("1##.##.##.1##", "10.#.##.##", "192.168.#.##", "2001:db8::%#:#%##", "##.1##.#.##"),
    "US_SSN": ("###-##-####", "### ## ####", "#########"),
    "NATIONAL_ID": (
        "@@ ## ## ## @",
        "########@",
        "@#######@",
        "###########",
        "######-####",
        "#### #### ####",
        "@@######@",
    ),
    "PASSPORT": ("#########", "@########", "@@#######", "########@"),
    "DRIVER_LICENSE": ("@#######", "@###-####-####", "@@@@@######@@#@@", "########", "@############"),
    "LICENSE_PLATE": ("@@## @@@", "@@@ ####", "#@@@###", "@@-###-@@", "@ @@ ####", "@@@-####", "##-@@@-#"),
}


def phone(rng: random.Random) -> str:
    """A telephone number in one of some forty national forms."""
    return shaped(rng, rng.choice(_PHONES))


def number_of(rng: random.Random, entity_type: str) -> str:
    """A number of the type `entity_type`, one of those that have shapes here."""
    return shaped(rng, rng.choice(_OTHERS[entity_type]))


def reference(rng: random.Random) -> str:
    """A number that is nobody's: of an order, a ticket, a part."""
    shapes = (
        "#####",
        "@@-####",
        "######",
        "@###",
        "#######-@",
        "@@@-###-##",
        "####/##",
        "@@##@@##",
        "########",
        "%%%-#####",
        "#.#.##",
        "v#.#",
        "0x########",
        "%#%#%#%",
    )
    return shaped(rng, rng.choice(shapes))
