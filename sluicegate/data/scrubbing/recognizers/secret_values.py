"""Secrets: keys and tokens of known services, private keys, passwords and codes that the text calls so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers.capitals import words
from sluicegate.data.scrubbing.recognizers.rules import CHECKED, IN_CONTEXT, STRONG, Find, Reading, RuleRecognizer

_TOKENS = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    r"(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ABIA|ACCA)[A-Z0-9]{16}"  # AWS
    r"|gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[\w-]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-[A-Za-z0-9-]{10,250}"  # Slack
    r"|sk-(?:[a-z]+-)*[A-Za-z0-9_-]{20,200}|(?:sk|pk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,200}"  # OpenAI, Stripe
    r"|AIza[\w-]{35}|ya29\.[\w-]{20,250}|GOCSPX-[\w-]{20,}"  # Google
    r"|SG\.[\w-]{16,32}\.[\w-]{16,64}|key-[0-9a-f]{32}|(?:SK|AC)[0-9a-f]{32}"  # SendGrid, Mailgun, Twilio
    r"|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,250}|hf_[A-Za-z0-9]{30,40}|dop_v1_[0-9a-f]{64}|shp(?:at|ss|ca"
    r"|pa)_[0-9a-fA-F]{32}"
    r"|eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{0,4000}"  # JWT
    r"|AGE-SECRET-KEY-1[0-9A-Z]{58}|[0-9]{8,10}:AA[\w-]{33}"  # age, Telegram bots
    r")(?![A-Za-z0-9_])"
)
_STARTS = re.compile(
    r"AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ABIA|ACCA|gh[pousr]_|github_pat|glpat-|xox|xapp-|sk-|[sr]k_|pk_|whsec_"
    r"|AIza|ya29|GOCSPX|SG\.|key-|SK[0-9a-f]"
    r"|AC[0-9a-f]|npm_|pypi-|hf_|dop_v1|shp|eyJ|AGE-|:AA"
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,10000}?(?:-----END [A-Z0-9 ]{0,40}PRIV"
    r"ATE KEY(?: BLOCK)?-----|\Z)"
)
_IN_URL = re.compile(r"://[^\s:/@]{1,100}:([^\s@/]{1,200})@")

_NAMED = re.compile(
    r"(?<![a-z0-9])(?:pass ?(?:word|wd|code|phrase)|pwd|psw|(?:api|secret|access|private|auth|encryption"
    r"|licen[cs]e|product|activation|recovery|master"
    r"|session|client|bearer|refresh|app|consumer|account|storage|signing|wifi|wi-fi|wpa2?"
    r"|network)[ _-]?(?:access[ _-]?)?"
    r"(?:key|token|secret|password|passphrase|code)|token|secret|credentials?|authorization:? bearer|bearer|kennwort)"
    r"(?:[\"']?\s*(?:[:=]|=>)\s*|[\"']?\s+(?:is|was|to|of|set to|changed to|now|will be)(?: now)?[: ]\s*"
    r"|\s+(?=[\"'“‘`])|\s+(?=\S*[0-9])(?=\S*[a-z])(?=\S{6}))"
    r"[\"'“‘`(<]?([^\s\"'”’`<>]{3,500})"
)
_CODE = re.compile(
    r"(?<![a-z0-9])(?:(?:pin|puk)(?: ?(?:code|no\.?|number))?|otp|one[- ]time (?:code|pass(?:word|code)?|pin)|passcode"
    r"|(?:access|security|verification|confirmation|auth(?:entication|orization)?|2fa|mfa|door|gate|alarm"
    r"|entry|unlock|login|safe|combination|lock|key)"
    r" (?:code|pin)|c(?:v[vc]|sc|id)[0-9]?(?: ?(?:code|no\.?|number))?|security code|code)"
    r"(\s*[:=#]\s*|\s+(?:is|was|to|of|number|no\.?)\s*:?\s*|\s+|\s*\(\s*)([0-9]{3}[- ][0-9]{3}"
    r"|[0-9]{3,8})(?![\w/.,-]*[0-9a-z])"
)
_NO_SECRETS = words(
    "the a an my your our this that not is was for to of in on at and or be been reset expired required "
    "changed wrong incorrect invalid"
    " protected please below above here none null true false yes no it you with by from same correct "
    "safe weak strong new old unknown"
    " needed stored sent hidden secret string str bytes int optional must should will can has have don't "
    "never forgotten lost very"
    " still now again too so only also just exactly"
)


def recognizers() -> list[EntityRecognizer]:
    """Recognizers of secrets."""
    return [RuleRecognizer("SecretRules", ["SECRET"], _secrets)]


def _secrets(read: Reading) -> Iterator[Find]:
    text = read.text
    if _STARTS.search(text):
        for m in _TOKENS.finditer(text):
            yield Find(m.start(), m.end(), "SECRET", CHECKED)
    if "-----BEGIN" in text:
        for m in _PRIVATE_KEY.finditer(text):
            yield Find(m.start(), m.end(), "SECRET", CHECKED)
    if "://" in text:
        for m in _IN_URL.finditer(text):
            yield Find(m.start(1), m.end(1), "SECRET", STRONG)
    yield from _named(read)


def _named(read: Reading) -> Iterator[Find]:
    for m in _NAMED.finditer(read.lower):
        value = m[1].rstrip(".,;:!?)")
        if len(value) >= 3 and value not in _NO_SECRETS and _sounds_secret(value, m[0][: -len(m[1])]):
            yield Find(m.start(1), m.start(1) + len(value), "SECRET", IN_CONTEXT)
    if read.digits >= 3:
        for m in _CODE.finditer(read.lower):
            loose = m[0].startswith("code") and not set(":=#") & set(m[1]) and " is" not in m[1]
            if not loose:
                yield Find(m.start(2), m.end(2), "SECRET", IN_CONTEXT)


def _sounds_secret(value: str, label: str) -> bool:
    """A value after a colon or in quotes counts as it stands; in running text it needs more than letters."""
    return bool(set(":='\"“‘`") & set(label)) or not value.isalpha()
