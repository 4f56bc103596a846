"""Copies of texts with gendered words and names exchanged, for the training rows.

A model that has seen "she is a nurse" and "he is a nurse" with one label has less to learn from the pronoun. The
copy keeps the row's label, so this is for labels that do not depend on the gender of who is in the text. Sources:
Lu et al., Gender Bias in Neural Natural Language Processing (2020), for words; Hall Maudslay et al., It's All in
the Name (2019), for names.

What it does not do: it leaves verbs and adjectives that agree with gender as they are (English and Chinese have none),
and it knows nothing of whom a text is about; a queen on a chessboard becomes a king.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sluicegate.spec.spans import Span
from sluicegate.terms.longest_term import find_longest
from sluicegate.terms.pronouns import PRONOUNS, partner
from sluicegate.terms.term_pairs import exchange_table
from sluicegate.training.text_edits import Edit, apply_edits, move_spans, sparing_borders


class Exchange:
    """Exchanges the terms of pairs, and the English pronouns, with their case kept.

    Args:
        pairs: As `read_pairs` gives them; the longest term that fits is taken.
    """

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._table = exchange_table(pairs)
        self._pronouns = {
            form: pronoun
            for pronoun in PRONOUNS
            for form in (pronoun, pronoun.capitalize(), pronoun.upper())
            if form not in self._table
        }
        self._terms = find_longest([*self._table, *self._pronouns])

    def swap(self, text: str, spans: Sequence[Span] = ()) -> tuple[str, list[Span]] | None:
        """The text with every term exchanged and its spans moved along; None if that changes nothing.

        A term that a span covers in part is left as it is. Where the pairs are one to one and none of the four
        ambiguous pronouns occurs, the swap of a swap is the text itself.
        """
        edits = sparing_borders([edit for edit in self._edits(text) if edit.new != text[edit.start : edit.end]], spans)
        return (apply_edits(text, edits), move_spans(spans, edits)) if edits else None

    def _edits(self, text: str) -> Iterator[Edit]:
        for match in self._terms.finditer(text):
            term = match[0]
            new = self._table[term] if term in self._table else self._pronoun(term, text, match.end())
            yield Edit(match.start(), match.end(), new)

    def _pronoun(self, form: str, text: str, end: int) -> str:
        new = partner(self._pronouns[form], text, end)
        return new.upper() if form.isupper() else new.capitalize() if form[0].isupper() else new
