"""Made-up values of every entity type, valid by their checksums, and sentences that carry them.

Names come from the same syllables as pseudonyms, which nothing here was trained on. Nationalities are a closed
class and cannot be made up.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable

from sluicegate.data.scrubbing.invented import Draw, first_name, organization, pick, place, street, surname
from sluicegate.data.scrubbing.pseudonyms import pseudonym

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PEOPLES = ("Norwegian", "Peruvian", "Ghanaian", "Japanese", "Hungarian", "Moroccan", "Canadian", "Vietnamese")
_MONTHS = ("January", "March", "April", "June", "August", "September", "October", "December")
_IBAN_BANKS = {"DE": "18n", "GB": "4a14n", "NL": "4a10n", "ES": "20n"}
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

Value = Callable[[Draw], str]


def _digits(draw: Draw, count: int) -> str:
    return "".join(str(draw(10)) for _ in range(count))


def _letters(draw: Draw, count: int) -> str:
    return "".join(pick("ABCDEFGHJKLMNPRSTUVWXYZ", draw) for _ in range(count))


def luhn(digits: str) -> str:
    """`digits` and their check digit (ISO/IEC 7812)."""
    total = sum(sum(divmod(int(d) * 2, 10)) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def iban(country: str, account: str) -> str:
    """An IBAN with its check digits (ISO 13616)."""
    number = int("".join(str(int(c, 36)) for c in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02}{account}"


def resident_id(digits: str) -> str:
    """Seventeen digits of a Chinese resident number and its check character (GB 11643-1999)."""
    total = sum(weight * int(d) for weight, d in zip(_RESIDENT_WEIGHTS, digits, strict=True))
    return digits + "10X98765432"[total % 11]


def _card(draw: Draw) -> str:
    start = pick(("4", "51", "55", "6011"), draw)
    number = luhn(start + _digits(draw, 15 - len(start)))
    return number if draw(2) else " ".join(number[i : i + 4] for i in range(0, 16, 4))


def _iban(draw: Draw) -> str:
    country = pick(tuple(_IBAN_BANKS), draw)
    form = _IBAN_BANKS[country]
    bank = _letters(draw, 4) if "a" in form else ""
    made = iban(country, bank + _digits(draw, int(form.removeprefix("4a").removesuffix("n"))))
    return made if draw(2) else " ".join(made[i : i + 4] for i in range(0, len(made), 4))


def _bitcoin(draw: Draw) -> str:
    raw = bytes([0, *(draw(256) for _ in range(20))])
    whole = raw + hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(whole, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = _BASE58[rest] + text
    return "1" * (len(whole) - len(whole.lstrip(b"\0"))) + text


def _person(draw: Draw) -> str:
    return f"{first_name(draw)} {surname(draw)}"


def _email(draw: Draw) -> str:
    return f"{first_name(draw)}.{surname(draw)}@{surname(draw)}.{pick(('com', 'org', 'co.uk', 'net'), draw)}".lower()


def _address(draw: Draw) -> str:
    line = f"{1 + draw(250)} {street(draw)}"
    town = pick(("", f", {place(draw)}", f", {place(draw)}, OH {43000 + draw(2900)}"), draw)
    return line + town


def _phone(draw: Draw) -> str:
    area, line = pick(("212", "415", "312", "617", "206"), draw), f"01{draw(100):02}"
    london = f"+44 20 7946 0{draw(1000):03}"
    return pick((f"({area}) 555-{line}", f"+1 {area} 555 {line}", f"{area}-555-{line}", london), draw)


def _date(draw: Draw) -> str:
    day, month, year = 1 + draw(28), 1 + draw(12), 1950 + draw(75)
    name = pick(_MONTHS, draw)
    return pick((f"{day} {name} {year}", f"{name} {day}, {year}", f"{year}-{month:02}-{day:02}"), draw)


def _secret(draw: Draw) -> str:
    return "".join(pick(string.ascii_letters + string.digits, draw) for _ in range(20)) + _digits(draw, 2) + "!"


ENGLISH: dict[str, Value] = {
    "PERSON": _person,
    "TITLE": lambda draw: pick(("Mr.", "Mrs.", "Ms.", "Dr.", "Prof."), draw),
    "ADDRESS": _address,
    "POSTCODE": lambda draw: pick((f"{10000 + draw(89999)}", f"M{1 + draw(9)} {1 + draw(9)}AB"), draw),
    "LOCATION": place,
    "ORGANIZATION": lambda draw: f"{organization(draw)} Ltd",
    "NRP": lambda draw: pick(_PEOPLES, draw),
    "DATE_TIME": _date,
    "AGE": lambda draw: str(19 + draw(70)),
    "EMAIL_ADDRESS": _email,
    "PHONE_NUMBER": _phone,
    "CREDIT_CARD": _card,
    "IBAN_CODE": _iban,
    "BANK_ACCOUNT": lambda draw: f"{1 + draw(9)}{_digits(draw, 7)}",
    "IP_ADDRESS": lambda draw: f"{11 + draw(150)}.{draw(256)}.{draw(256)}.{1 + draw(254)}",
    "MAC_ADDRESS": lambda draw: ":".join(f"{draw(256):02x}" for _ in range(6)),
    "URL": lambda draw: f"{pick(('https://www.', 'http://', 'www.'), draw)}{surname(draw)}.com/{surname(draw)}".lower(),
    "USER_NAME": lambda draw: f"@{surname(draw)}{draw(100)}".lower(),
    "CRYPTO": _bitcoin,
    "PASSPORT": lambda draw: f"{_letters(draw, 1)}{_digits(draw, 8)}",
    "DRIVER_LICENSE": lambda draw: f"{_letters(draw, 1)}{1 + draw(9)}{_digits(draw, 6)}",
    "US_SSN": lambda draw: f"{100 + draw(500)}-{10 + draw(89)}-{1000 + draw(8999)}",
    "NATIONAL_ID": lambda draw: f"{pick(('AB', 'CE', 'HJ', 'PR'), draw)}{_digits(draw, 6)}{pick('ABCD', draw)}",
    "TAX_ID": lambda draw: f"{pick(('20', '45', '81'), draw)}-{1000000 + draw(8999999)}",
    "MEDICAL_ID": lambda draw: f"{1 + draw(9)}{_digits(draw, 6)}",
    "LICENSE_PLATE": lambda draw: f"{_letters(draw, 2)}{10 + draw(60)} {_letters(draw, 3)}",
    "SECRET": _secret,
}
ENGLISH_CARRIERS: dict[str, tuple[str, ...]] = {
    "PERSON": (
        "My name is {}.",
        "Please ask {} about it.",
        "{} called me yesterday.",
        "Thanks, {}",
        "I spoke to {} there.",
    ),
    "TITLE": ("Please ask {} {surname} about it.", "I saw {} {surname} there."),
    "ADDRESS": ("I live at {}.", "Please send it to {}.", "My address is {}."),
    "POSTCODE": ("My postcode is {}.", "The zip code is {}."),
    "LOCATION": ("I live in {}.", "We moved to {} last year.", "The shop in {} is closed."),
    "ORGANIZATION": ("I work for {}.", "The invoice came from {}."),
    "NRP": ("My wife is {}.", "The owner is {}, I think."),
    "DATE_TIME": ("I was born on {}.", "It was delivered on {}."),
    "AGE": ("I am {} years old.", "My father is {} years old."),
    "EMAIL_ADDRESS": ("Write to {}.", "My e-mail is {}", "Contact: {}"),
    "PHONE_NUMBER": ("Call me on {}.", "My phone number is {}.", "Tel.: {}"),
    "CREDIT_CARD": ("I paid with card {}.", "My credit card number is {}."),
    "IBAN_CODE": ("Please pay to {}.", "My IBAN is {}."),
    "BANK_ACCOUNT": ("My bank account number is {}.", "Account no. {}"),
    "IP_ADDRESS": ("I logged in from {}.", "The server is at {}."),
    "MAC_ADDRESS": ("The device has the address {}.", "MAC: {}"),
    "URL": ("See {} for more.", "I found it on {}"),
    "USER_NAME": ("Follow {} for more.", "My user name is {}."),
    "CRYPTO": ("Send the bitcoin to {}.", "Wallet: {}"),
    "PASSPORT": ("My passport number is {}.", "Passport no. {}"),
    "DRIVER_LICENSE": ("My driver's license number is {}.", "Driver license: {}"),
    "US_SSN": ("My social security number is {}.", "SSN: {}"),
    "NATIONAL_ID": ("My national insurance number is {}.", "NI number: {}"),
    "TAX_ID": ("Our tax ID is {}.", "EIN: {}"),
    "MEDICAL_ID": ("Her medical record number is {}.", "MRN: {}"),
    "LICENSE_PLATE": ("My license plate is {}.", "The car with number plate {} was there."),
    "SECRET": ("password: {}", "My password is {}"),
}

BARE = frozenset(
    {
        *(
            "PERSON",
            "ADDRESS",
            "EMAIL_ADDRESS",
            "PHONE_NUMBER",
            "CREDIT_CARD",
            "IBAN_CODE",
            "IP_ADDRESS",
            "MAC_ADDRESS",
        ),
        *("URL", "CRYPTO", "US_SSN", "CN_RESIDENT_ID"),
    }
)
"""Types whose values say what they are without a word beside them."""


def _chinese(entity: str, like: str) -> Value:
    def value(draw: Draw) -> str:
        return pseudonym(entity, like, draw)

    return value


def _resident_id(draw: Draw) -> str:
    area = pick(("110105", "310104", "440106", "510107", "330106"), draw)
    return resident_id(f"{area}{1950 + draw(55)}{1 + draw(12):02}{1 + draw(28):02}{draw(1000):03}")


CHINESE: dict[str, Value] = {
    "PERSON": _chinese("PERSON", "王小明"),
    "ADDRESS": _chinese("ADDRESS", "北京市朝阳区建国路88号"),
    "LOCATION": _chinese("LOCATION", "上海"),
    "ORGANIZATION": _chinese("ORGANIZATION", "上海华联有限公司"),
    "PHONE_NUMBER": lambda draw: f"1{pick(('38', '39', '86', '59', '71'), draw)}{_digits(draw, 8)}",
    "CN_RESIDENT_ID": _resident_id,
    "CREDIT_CARD": lambda draw: luhn(f"6222{_digits(draw, 14)}"),
    "LICENSE_PLATE": lambda draw: f"{pick('京沪粤川浙', draw)}{_letters(draw, 1)}{_digits(draw, 5)}",
    "PASSPORT": lambda draw: f"E{_digits(draw, 8)}",
    "EMAIL_ADDRESS": _email,
    "DATE_TIME": lambda draw: f"{1950 + draw(70)}年{1 + draw(12)}月{1 + draw(28)}日",
}
CHINESE_CARRIERS: dict[str, tuple[str, ...]] = {
    "PERSON": ("我叫{}。", "请联系{}。", "收货人：{}"),
    "ADDRESS": ("我住在{}。", "请寄到{}。", "地址：{}"),
    "LOCATION": ("我住在{}。", "我是{}人。"),
    "ORGANIZATION": ("我在{}工作。", "发票由{}开具。"),
    "PHONE_NUMBER": ("我的手机号是{}。", "请拨打{}。", "电话：{}"),
    "CN_RESIDENT_ID": ("我的身份证号是{}。", "身份证：{}"),
    "CREDIT_CARD": ("我的银行卡号是{}。", "卡号：{}"),
    "LICENSE_PLATE": ("我的车牌号是{}。", "车牌{}的车停在门口。"),
    "PASSPORT": ("我的护照号是{}。", "护照号码：{}"),
    "EMAIL_ADDRESS": ("我的邮箱是{}。", "请发邮件到{}"),
    "DATE_TIME": ("我出生于{}。", "{}收到了货。"),
}
VALUES = {"en": ENGLISH, "zh": CHINESE}
CARRIERS = {"en": ENGLISH_CARRIERS, "zh": CHINESE_CARRIERS}
