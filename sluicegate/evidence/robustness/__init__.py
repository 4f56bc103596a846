"""How much of a text classifier's, or a tagger's, quality is left when the text is not as neat as the test rows.

A measure that asks the candidate about texts of its own comes in two parts: `ask_…` names the texts,
the same ones for the same seed, and `measure_…` reads the answers. One pass over the candidate can so be shared.
"""
