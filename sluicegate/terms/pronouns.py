"""His, her, hers and him: three words on one side and three on the other, but not one to one.

``her`` is ``his`` before a noun and ``him`` elsewhere, ``his`` is ``her`` before a noun and ``hers`` elsewhere. No
parser is asked: a noun is taken to follow where the next word has nothing but spaces before it and is none of the
words below, which seldom begin what somebody has. So "gave her books" becomes "gave his books" where "gave him
books" was meant; such errors do not change a label.
"""

from __future__ import annotations

import re

PRONOUNS = ("him", "his", "her", "hers")

# By kind: prepositions, conjunctions, question words, articles and quantities, pronouns, auxiliaries, adverbs, and a
# few verbs that follow "let her".
_NO_NOUN_LINES = (
    "about above across after against along alone among around as at away back before behind below beneath beside",
    "besides between beyond but by despite down during except for forward from in inside into like near of off on onto",
    "out outside over past since than through throughout till to together toward towards under until up upon via with",
    "within without and although because if once or so that then though unless whether",
    "when whenever where wherever which while who whom whose why how what",
    "a an the this these those all any both each either every no some such",
    "i you he she it we they me him us them my your his our their",
    "myself yourself himself herself itself ourselves",
    "am are is was were be been being do does did had has have can could may might must shall should will would",
    "again ago already also always anyway anymore anywhere even ever everywhere here home immediately instead just",
    "later maybe much nearby never not now often only otherwise perhaps quickly rather really regularly right",
    "sometimes soon still there therefore today tomorrow tonight too twice well yesterday yet",
    "become come feel get go know leave say see stay tell think",
)
_NO_NOUN = frozenset(word for line in _NO_NOUN_LINES for word in line.split())
_NEXT_WORD = re.compile(r"[ \t]+([^\W\d_]+)")


def partner(pronoun: str, text: str, end: int) -> str:
    """What takes the place of one of `PRONOUNS`, in small letters.

    Args:
        pronoun: In small letters.
        text: The text that it is in.
        end: Where the pronoun ends in it.
    """
    if pronoun in ("him", "hers"):
        return {"him": "her", "hers": "his"}[pronoun]
    follows = _NEXT_WORD.match(text, end)
    of_a_noun = follows is not None and follows[1].lower() not in _NO_NOUN
    if pronoun == "his":
        return "her" if of_a_noun else "hers"
    return "his" if of_a_noun else "him"
