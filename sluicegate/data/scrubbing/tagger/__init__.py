"""The token classifier that the project trains itself: names, addresses, places and more, with what surrounds them.

model/       the weights that come with Sluicegate, as its own pipeline released them
tagger.py    Tagger: texts in, spans out
encoder.py   the network, by torch alone
windows.py   long texts in overlapping pieces, batches of like length
haste.py     whether a text was written in haste
spans.py     from a type for each word to spans
"""

from sluicegate.data.scrubbing.tagger.tagger import Tagger

__all__ = ["Tagger"]
