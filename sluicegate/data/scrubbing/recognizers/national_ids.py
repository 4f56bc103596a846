"""National numbers of persons by country: one row each, with its form, its checksum and how much context it needs.

The checksums are python-stdnum's. A recognizer is named for its country.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import NamedTuple

from presidio_analyzer import EntityRecognizer
from stdnum.at import vnr
from stdnum.au import tfn
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.eu import vat
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs, utr
from stdnum.gr import amka
from stdnum.hr import oib
from stdnum.ie import pps
from stdnum.il import idnr as teudat
from stdnum.in_ import gstin, pan
from stdnum.is_ import kennitala
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.lt import asmens
from stdnum.mx import curp
from stdnum.my import nric as my_nric
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.nz import ird
from stdnum.pl import nip, pesel
from stdnum.pt import cc, nif
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.si import emso
from stdnum.th import pin
from stdnum.tr import tckimlik
from stdnum.us import ein, itin, ssn
from stdnum.za import idnr as za_id

from sluicegate.data.scrubbing.recognizers import id_checks
from sluicegate.data.scrubbing.recognizers.cues import cue
from sluicegate.data.scrubbing.recognizers.rules import (
    CHECKED,
    IN_CONTEXT,
    STRONG,
    WEAK,
    Find,
    Reading,
    RuleRecognizer,
)

_BEFORE, _AFTER = r"(?<![\w@$£€+.-])(?<![0-9]/)", r"(?![\w@])(?!-[0-9])"


class Number(NamedTuple):
    """One kind of number."""

    name: str
    entity: str
    form: str
    """Regular expression of the whole number."""
    checks: Callable[[str], bool]
    cues: str = ""
    """Cues (see `cues`) under which a number without a valid checksum is taken too."""
    alone: float = 0.0
    """Score of a valid number that nothing calls so; 0 leaves it."""
    unchecked: float = 0.0
    """Score of the form alone, with neither checksum nor cue; 0 leaves it."""
    digits: int = 7
    """Fewest digits."""
    letters: bool = False
    """Whether there is always a capital letter in it."""


def _valid(module: ModuleType) -> Callable[[str], bool]:
    return module.is_valid  # type: ignore[no-any-return]


_DMY = r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}"
_YMD = r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"

_NUMBERS = (
    Number("UsSsn", "US_SSN", r"[0-9]{3}([- .])[0-9]{2}\1[0-9]{4}", _valid(ssn), "ssn tax", STRONG, IN_CONTEXT),
    Number("UsItin", "US_SSN", r"9[0-9]{2}-?[0-9]{2}-?[0-9]{4}", _valid(itin), "ssn tax"),
    Number("UsEin", "TAX_ID", r"[0-9]{2}-[0-9]{7}", _valid(ein), "tax", WEAK),
    Number(
        "UsMedicare",
        "MEDICAL_ID",
        r"[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9]-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9]-?"
        r"[AC-HJKMNP-RT-Y]{2}[0-9]{2}",
        id_checks.no_checksum,
        "medical",
        STRONG,
        digits=5,
        letters=True,
    ),
    Number(
        "UsDriverLicense",
        "DRIVER_LICENSE",
        r"[A-Z][0-9]{7,8}|[A-Z][0-9]{3}-[0-9]{3,4}-[0-9]{4}(?:-[0-9]{3})?|[A-Z][0-9]{12,14}|[A-Z]{2}[0-9]{7}",
        id_checks.no_checksum,
        "licence",
        WEAK,
        letters=True,
    ),
    Number(
        "Vehicle",
        "LICENSE_PLATE",
        r"[A-HJ-NPR-Z0-9]{9}[A-HJ-NPR-Z0-9]{3}[0-9]{5}",
        id_checks.vehicle,
        "plate",
        STRONG,
        digits=5,
        letters=True,
    ),
    Number(
        "UkNino",
        "NATIONAL_ID",
        r"[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]",
        id_checks.no_checksum,
        "national",
        STRONG,
        digits=6,
        letters=True,
    ),
    Number("UkNhs", "MEDICAL_ID", r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}", _valid(nhs), "medical"),
    Number("UkUtr", "TAX_ID", r"[0-9]{10}|[0-9]{5} [0-9]{5}", _valid(utr), "tax"),
    Number(
        "UkDriverLicence",
        "DRIVER_LICENSE",
        r"[A-Z]{1,5}9{0,4}[0-9][0156][0-9][0-9]{2}[0-9][A-Z9]{2}[A-Z0-9][A-Z]{2}(?: ?[0-9]{2})?",
        lambda s: len(s.replace(" ", "")) in (16, 18),
        "licence",
        STRONG,
        digits=6,
        letters=True,
    ),
    Number("CanadaSin", "NATIONAL_ID", r"[0-9]{3}([- ]?)[0-9]{3}\1[0-9]{3}", _valid(sin), "national ssn"),
    Number("AustraliaTfn", "NATIONAL_ID", r"[0-9]{3}([- ]?)[0-9]{3}\1[0-9]{2,3}", _valid(tfn), "national tax"),
    Number(
        "AustraliaMedicare",
        "MEDICAL_ID",
        r"[2-6][0-9]{3} ?[0-9]{5} ?[0-9](?:[ /-]?[0-9])?",
        id_checks.medicare_au,
        "medical",
    ),
    Number("NewZealandIrd", "TAX_ID", r"[0-9]{2,3}[- ]?[0-9]{3}[- ]?[0-9]{3}", _valid(ird), "tax"),
    Number(
        "NewZealandNhi",
        "MEDICAL_ID",
        r"[A-HJ-NP-Z]{3}[0-9]{4}|[A-HJ-NP-Z]{3}[0-9]{2}[A-HJ-NP-Z]{2}",
        lambda _: False,
        "medical",
        digits=2,
        letters=True,
    ),
    Number(
        "IndiaAadhaar",
        "NATIONAL_ID",
        r"[2-9][0-9]{3}([ -]?)[0-9]{4}\1[0-9]{4}",
        id_checks.aadhaar_number,
        "national",
        STRONG,
    ),
    Number(
        "IndiaPan",
        "TAX_ID",
        r"[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]",
        _valid(pan),
        "tax national",
        STRONG,
        digits=4,
        letters=True,
    ),
    Number(
        "IndiaGstin",
        "TAX_ID",
        r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]",
        _valid(gstin),
        "tax",
        STRONG,
        letters=True,
    ),
    Number("IndiaVoter", "NATIONAL_ID", r"[A-Z]{3}[0-9]{7}", lambda _: False, "national", letters=True),
    Number(
        "SouthAfricaId",
        "NATIONAL_ID",
        _YMD + r" ?[0-9]{4} ?[01][89][0-9]",
        _valid(za_id),
        "national",
        STRONG,
        digits=13,
    ),
    Number("IrelandPps", "NATIONAL_ID", r"[0-9]{7}[A-W][ABHWTX]?", _valid(pps), "national", STRONG, letters=True),
    Number("GermanyTax", "TAX_ID", r"[1-9][0-9](?: ?[0-9]{3}){3}", _valid(idnr), "tax national"),
    Number(
        "GermanyIdentityCard",
        "NATIONAL_ID",
        r"[CFGHJKLMNPRTVWXYZ][0-9CFGHJKLMNPRTVWXYZ]{8}[0-9]",
        lambda _: False,
        "national",
        digits=3,
        letters=True,
    ),
    Number(
        "AustriaInsurance", "NATIONAL_ID", r"[1-9][0-9]{3} ?" + _DMY, _valid(vnr), "national medical", WEAK, digits=10
    ),
    Number(
        "SwitzerlandAhv",
        "NATIONAL_ID",
        r"756([. -]?)[0-9]{4}\1[0-9]{4}\1[0-9]{2}",
        _valid(ahv),
        "national",
        STRONG,
        digits=13,
    ),
    Number(
        "FranceNir",
        "NATIONAL_ID",
        r"[12378] ?[0-9]{2} ?[0-9]{2} ?[0-9][0-9AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
        _valid(nir),
        "national",
        STRONG,
        digits=14,
    ),
    Number(
        "SpainDni",
        "NATIONAL_ID",
        r"[0-9]{2}\.?[0-9]{3}\.?[0-9]{3}[- ]?[A-HJ-NP-TV-Z]",
        _valid(dni),
        "national tax",
        STRONG,
        letters=True,
    ),
    Number(
        "SpainNie",
        "NATIONAL_ID",
        r"[XYZ][- ]?[0-9]{7}[- ]?[A-HJ-NP-TV-Z]",
        _valid(nie),
        "national tax",
        STRONG,
        letters=True,
    ),
    Number(
        "ItalyFiscalCode",
        "NATIONAL_ID",
        r"[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPR-T][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]",
        _valid(codicefiscale),
        "national tax",
        STRONG,
        IN_CONTEXT,
        digits=3,
        letters=True,
    ),
    Number("NetherlandsBsn", "NATIONAL_ID", r"[0-9]{8,9}|[0-9]{4}[. ][0-9]{2}[. ][0-9]{3}", _valid(bsn), "national"),
    Number(
        "BelgiumRegister",
        "NATIONAL_ID",
        r"[0-9]{2}\.?[0-9]{2}\.?[0-9]{2}[- ]?[0-9]{3}[. ]?[0-9]{2}",
        _valid(nn),
        "national",
        STRONG,
        digits=11,
    ),
    Number("PolandPesel", "NATIONAL_ID", r"[0-9]{11}", _valid(pesel), "national", IN_CONTEXT, digits=11),
    Number("PolandNip", "TAX_ID", r"[0-9]{3}-?[0-9]{3}-?[0-9]{2}-?[0-9]{2}", _valid(nip), "tax"),
    Number(
        "SwedenPersonnummer",
        "NATIONAL_ID",
        r"(?:19|20)?" + _YMD + r"[-+][0-9]{4}|(?:19|20)" + _YMD + "[0-9]{4}",
        _valid(personnummer),
        "national",
        STRONG,
        digits=10,
    ),
    Number(
        "NorwayFodselsnummer",
        "NATIONAL_ID",
        r"[0-7][0-9][0-9]{4} ?[0-9]{5}",
        _valid(fodselsnummer),
        "national",
        STRONG,
        digits=11,
    ),
    Number("DenmarkCpr", "NATIONAL_ID", _DMY + r"-?[0-9]{4}", id_checks.danish, "national", STRONG, digits=10),
    Number(
        "FinlandHetu",
        "NATIONAL_ID",
        _DMY + r"[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]",
        _valid(hetu),
        "national",
        STRONG,
        IN_CONTEXT,
        digits=9,
    ),
    Number("IcelandKennitala", "NATIONAL_ID", _DMY + r"-?[0-9]{4}", _valid(kennitala), "national", digits=10),
    Number(
        "EstoniaLithuaniaCode",
        "NATIONAL_ID",
        r"[1-8]" + _YMD + "[0-9]{4}",
        lambda s: ik.is_valid(s) or asmens.is_valid(s),
        "national",
        STRONG,
        digits=11,
    ),
    Number(
        "LatviaCode", "NATIONAL_ID", _DMY + r"-[0-2][0-9]{4}", id_checks.no_checksum, "national", IN_CONTEXT, digits=11
    ),
    Number(
        "CzechiaSlovakiaBirthNumber",
        "NATIONAL_ID",
        r"[0-9]{2}[0-35-8][0-9][0-3][0-9]/[0-9]{3,4}",
        _valid(rc),
        "national",
        STRONG,
        digits=9,
    ),
    Number("RomaniaCnp", "NATIONAL_ID", r"[1-8]" + _YMD + "[0-9]{6}", _valid(cnp), "national", STRONG, digits=13),
    Number("BulgariaEgn", "NATIONAL_ID", r"[0-9]{10}", _valid(egn), "national", digits=10),
    Number("CroatiaOib", "NATIONAL_ID", r"[0-9]{11}", _valid(oib), "national tax", WEAK, digits=11),
    Number(
        "SloveniaEmso",
        "NATIONAL_ID",
        r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[09][0-9]{2}[0-9]{6}",
        _valid(emso),
        "national",
        STRONG,
        digits=13,
    ),
    Number("GreeceAmka", "NATIONAL_ID", _DMY + r"[0-9]{5}", _valid(amka), "national", IN_CONTEXT, digits=11),
    Number(
        "PortugalCard",
        "NATIONAL_ID",
        r"[0-9]{8} ?[0-9] ?[A-Z0-9]{2}[0-9]",
        _valid(cc),
        "national",
        STRONG,
        digits=10,
        letters=True,
    ),
    Number("PortugalNif", "TAX_ID", r"[1-9][0-9]{2} ?[0-9]{3} ?[0-9]{3}", _valid(nif), "national tax"),
    Number("TurkeyIdentity", "NATIONAL_ID", r"[1-9][0-9]{10}", _valid(tckimlik), "national", IN_CONTEXT, digits=11),
    Number("IsraelIdentity", "NATIONAL_ID", r"[0-9]{8}-?[0-9]", _valid(teudat), "national"),
    Number(
        "BrazilCpf",
        "NATIONAL_ID",
        r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}|[0-9]{11}",
        _valid(cpf),
        "national tax",
        STRONG,
        digits=11,
    ),
    Number("ChileRut", "NATIONAL_ID", r"[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-[0-9kK]", _valid(rut), "national tax", STRONG),
    Number(
        "MexicoCurp",
        "NATIONAL_ID",
        r"[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[A-Z0-9][0-9]",
        _valid(curp),
        "national",
        STRONG,
        STRONG,
        letters=True,
    ),
    Number("KoreaRrn", "NATIONAL_ID", _YMD + r"-[1-8][0-9]{6}", _valid(rrn), "national", STRONG, IN_CONTEXT, digits=13),
    Number(
        "MalaysiaNric",
        "NATIONAL_ID",
        _YMD + r"-[0-9]{2}-[0-9]{4}",
        _valid(my_nric),
        "national",
        STRONG,
        IN_CONTEXT,
        digits=12,
    ),
    Number(
        "ThailandIdentity",
        "NATIONAL_ID",
        r"[0-9]-?[0-9]{4}-?[0-9]{5}-?[0-9]{2}-?[0-9]",
        _valid(pin),
        "national",
        STRONG,
        digits=13,
    ),
    Number(
        "SingaporeNric", "NATIONAL_ID", r"[STFGM][0-9]{7}[A-Z]", id_checks.singapore, "national", STRONG, letters=True
    ),
    Number(
        "EuropeVat",
        "TAX_ID",
        r"(?:ATU|BE|BG|CY|CZ|DE|DK|EE|EL|ES|EU|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI"
        r"|CHE)[ -]?"
        r"[0-9A-Z]?[0-9]{1,3}[0-9 .]{4,11}[0-9][A-Z0-9]{0,3}",
        _valid(vat),
        "tax",
        STRONG,
        letters=True,
    ),
)


def recognizers() -> list[EntityRecognizer]:
    """One recognizer a kind of number."""
    return [
        RuleRecognizer(f"{number.name}Recognizer", [number.entity], _rule(number), digits=number.digits)
        for number in _NUMBERS
    ]


def _rule(number: Number) -> Callable[[Reading], Iterator[Find]]:
    return partial(_finds, number, re.compile(f"{_BEFORE}(?:{number.form}){_AFTER}"), frozenset(number.cues.split()))


def _finds(number: Number, form: re.Pattern[str], cues: frozenset[str], read: Reading) -> Iterator[Find]:
    for start, end, digits, lettered in read.numbers:
        if digits < number.digits or (number.letters and not lettered):
            continue
        for m in form.finditer(read.text, start, min(len(read.text), end + 2)):
            called = cue(read, m.start(), m.end())
            if score := _score(number, m[0], called, called in cues):
                yield Find(m.start(), m.end(), number.entity, score)


def _score(number: Number, found: str, called: str | None, named: bool) -> float:
    valid = number.checks(found)
    checksum = number.checks is not id_checks.no_checksum
    if valid and (named or (number.alone > WEAK and not _is_called_otherwise(found, called))):
        return CHECKED if checksum and (named or number.alone >= STRONG) else max(number.alone, IN_CONTEXT)
    if named:
        return IN_CONTEXT
    if _is_called_otherwise(found, called) or called in ("other", "card", "iban"):
        return 0.0
    return number.alone if valid else number.unchecked


def _is_called_otherwise(found: str, called: str | None) -> bool:
    return called == "other" or (called == "phone" and not any(map(str.isalpha, found)))
