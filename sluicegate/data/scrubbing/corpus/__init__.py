"""Made-up texts with their personal data marked: what the token classifier learns from.

Nothing in them belongs to a real person. Texts come out of a grammar (`data/en.txt`, `data/zh.txt`: e-mails,
letters, forms, chats, notes, reviews and many more), whose slots are filled with names of some fifty cultures,
addresses of some twenty countries, organisations, places and dates, and are then roughened as people write: all
in lower case, in capitals, with typos. About a quarter holds no personal data at all, so that a capital letter alone
is no reason.

    labelled.py       a text and its spans, built of pieces
    grammar.py        rules with choices and slots, read from `data/`
    names.py          persons of many cultures
    places.py         cities, countries, landmarks
    addresses.py      street addresses
    jobs.py           jobs that persons are said to have
    organisations.py  companies, universities, agencies
    dates.py          dates, ages, times
    identifiers.py    e-mail addresses, numbers and handles, so that they are not mistaken for names
    words.py          everyday words by their class
    chinese_values.py the same in Chinese characters
    english.py, chinese.py   the slots of each language
    noise.py          case, typos and other ways in which people write
    generator.py      text number i under a seed

Guidelines of the labels: PERSON leaves out the title, which is TITLE, as is the job that somebody is said to
have; an address written in one piece is one ADDRESS with its city, postcode and country, a city alone is LOCATION;
AGE is the number alone; a date names a day, a month or a year of the calendar ("yesterday" and "Monday" are not
marked).
"""

from sluicegate.data.scrubbing.corpus.generator import LANGUAGES, texts
from sluicegate.data.scrubbing.corpus.labelled import LABELS, LabelledText, Span

__all__ = ["LABELS", "LANGUAGES", "LabelledText", "Span", "texts"]
