"""Dates of the calendar in the many ways in which they are written, ages and times of day."""

from __future__ import annotations

import random

# fmt: off
MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = [
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]
# fmt: on


def date(rng: random.Random) -> str:
    """A day, or a month of a year, in one of some forty forms."""
    year, month, day = rng.randint(1930, 2030), rng.randint(1, 12), rng.randint(1, 28)
    name, short = MONTHS[month - 1], MONTHS[month - 1][:3]
    weekday = rng.choice(WEEKDAYS)
    suffix = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(day, "th")
    written = [
        f"{day} {name} {year}",
        f"{name} {day}, {year}",
        f"{name} {day}{suffix}, {year}",
        f"{day}{suffix} {name} {year}",
        f"{day}{suffix} of {name} {year}",
        f"{day} {short} {year}",
        f"{short} {day}, {year}",
        f"{short}. {day}, {year}",
        f"{day:02}-{short}-{year}",
        f"{day:02}-{short.upper()}-{year}",
        f"{name} {day}",
        f"{name} {day}{suffix}",
        f"{day} {name}",
        f"{day}{suffix} {name}",
        f"the {day}{suffix} of {name}",
        f"{name} {year}",
        f"{short} {year}",
        f"{weekday}, {name} {day}, {year}",
        f"{weekday} {day} {name}",
        f"{weekday}, {day} {name} {year}",
        f"{weekday} {day}{suffix} {name}",
        f"{short} {day}",
        f"{day} {short}",
        f"{name} of {year}",
        f"{day} {short} {year % 100:02}",
        f"{day:02}{short.upper()}{year}",
        f"{name} {day} {year}",
        f"{day}. {name} {year}",
    ]
    figures = [
        f"{year}-{month:02}-{day:02}",
        f"{day:02}/{month:02}/{year}",
        f"{month:02}/{day:02}/{year}",
        f"{month}/{day}/{year}",
        f"{day}/{month}/{year % 100:02}",
        f"{day}.{month}.{year}",
        f"{day:02}.{month:02}.{year}",
        f"{day:02}-{month:02}-{year}",
        f"{year}/{month:02}/{day:02}",
        f"{month}/{day}/{year % 100:02}",
        f"{month:02}-{day:02}-{year}",
        f"{year}.{month:02}.{day:02}",
        f"{day:02}.{month:02}.{year % 100:02}",
        f"{year}-{month:02}-{day:02} {rng.randint(0, 23):02}:{rng.randint(0, 59):02}",
        f"{month}/{day}/{year} {rng.randint(0, 23):02}:{rng.randint(0, 59):02}",
        f"{year}-{month:02}-{day:02}T{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}Z",
        f"{month:02}/{year}",
        f"{day} {month} {year}",
    ]
    return rng.choice(written if rng.random() < 0.55 else figures)


def year(rng: random.Random) -> str:
    """A year of the recent past."""
    return str(rng.randint(1925, 2026))


def clock(rng: random.Random) -> str:
    """A time of day."""
    hour, minute = rng.randint(0, 23), rng.choice((0, 5, 10, 15, 20, 25, 30, 40, 45, 50, rng.randint(0, 59)))
    half = "am" if hour < 12 else "pm"
    twelve = (hour - 1) % 12 + 1
    if rng.random() < 0.15:
        return rng.choice((in_words(twelve), f"half past {in_words(twelve)}", f"{in_words(twelve)} o'clock", "noon"))
    forms = (f"{hour:02}:{minute:02}", f"{twelve}:{minute:02} {half}", f"{twelve}{half}", f"{twelve}:{minute:02}{half}")
    return rng.choice(forms)


def age(rng: random.Random) -> str:
    """A number of years, mostly in figures."""
    number = rng.choice((rng.randint(1, 99), rng.randint(18, 70)))
    return in_words(number) if rng.random() < 0.12 else str(number)


def in_words(number: int) -> str:
    """A number from 1 to 99 in English words."""
    if number < 10:
        return _UNITS[number - 1]
    if number < 20:
        return _TEENS[number - 10]
    tens, units = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_UNITS[units - 1]}" if units else "")
