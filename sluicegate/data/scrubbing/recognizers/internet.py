"""E-mail addresses, URLs and domain names, IP and MAC addresses, handles."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

import tldextract
from presidio_analyzer import EntityRecognizer

from sluicegate.data.scrubbing.recognizers.capitals import words
from sluicegate.data.scrubbing.recognizers.rules import CHECKED, IN_CONTEXT, STRONG, WEAK, Find, Reading, RuleRecognizer

_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

_LOCAL = re.compile(r"""(?:"[^"\s@]{1,60}"|[\w.!#$%&'*+/=?^`{|}~-]{1,64})\s?$""")
_HOST = re.compile(
    r"\s?(?:\[[0-9A-Fa-f:.]{3,45}\]|[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?){1,6})"
)
_AT = r"(?:\s?[(\[{<]\s?(?:at|@)\s?[)\]}>]\s?|\s(?:at|AT)\s)"
_DOT = r"(?:\s?[(\[{<]\s?(?:dot|\.)\s?[)\]}>]\s?|\s(?:dot|DOT)\s)"
_OBFUSCATED = re.compile(
    rf"(?<![\w.+-])[\w+-]{{1,40}}(?:(?:\.|{_DOT})[\w+-]{{1,40}}){{0,3}}{_AT}"
    rf"[\w-]{{1,40}}(?:(?:\.|{_DOT})[A-Za-z][\w-]{{0,40}}){{0,3}}(?:\.|{_DOT})[A-Za-z]{{2,18}}(?!\w)"
)
_SPELT_OUT = re.compile(_AT, re.IGNORECASE)

_SCHEME = re.compile(
    r"(?<!\w)(?:(?:https?|hxxps?|ftps?|sftp|ssh|git|file|smb|ldaps?|wss?|rtsp|s3|gs|jdbc:\w+|mongodb"
    r"|postgres(?:ql)?|mysql|redis)"
    r"://|www\d?\.)[^\s<>\"'`|\\^{}▪]{2,2000}",
    re.IGNORECASE,
)
_DOMAIN = re.compile(
    r"(?<![\w@.-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.|\[\.\])){1,6}[^\W\d_][^\W_]{1,17}(?![\w@])"
    r"(?::[0-9]{2,5})?(?:/[^\s<>\"'`|\\^{}▪]{0,2000})?"
)
_CLOSING = ".,;:!?'\")]}>*…”’"
_FILE_ENDINGS = words("py md rs sh pl zip mov cc so ps ml mm do mk ac fm bar")
_WORD_SUFFIXES = words("it is in me no so to at be my us am as do by id la ma pa ne de my pm re sa")
_FRAMEWORKS = frozenset(("asp.net", "vb.net", "ado.net", "ml.net", "socket.io"))
_VISIT = re.compile(
    r"\b(?:visit|see|site|website|web|page|at|on|from|url|link|domain|go to|check|via|host|homepage|blog"
    r"|dns|of)[\s:(\"'<-]*$"
)

_IPV4 = re.compile(r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w]|\.[0-9])(?:/[0-9]{1,2}(?![0-9]))?")
_IPV6 = re.compile(
    r"(?<![\w:.])(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{2,39}(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3})?(?![\w:])(?:%\w{"
    r"1,15})?"
)
_VERSION = re.compile(
    r"(?:\bv|version|release|build|section|firmware|chapter|clause|ver\.?|kernel|driver|§|update"
    r"|rev)[\s:.]*$"
)
_MAC = re.compile(
    r"(?<![\w:-])(?:[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![\w:-])"
)
_MAC_CUE = re.compile(r"\bmac\b|ether|hwaddr|bssid|physical address|hardware address|device address")

_HANDLE = re.compile(r"(?<![\w@./&=-])@[A-Za-z_](?:[\w.]{0,38}\w)?(?![\w@])(?!\.\w)")
_REDDIT = re.compile(r"(?<![\w/.])/?u/[A-Za-z0-9_-]{3,20}(?![\w/])")
_USER = re.compile(
    r"(?<![\w-])(?:user ?name|user ?id|user(?:name)? (?:is|was)|user(?=[:=])|login(?: ?name| id)?"
    r"|log[- ]?in as|handle|screen ?name|nick(?:name)?"
    r"|gamertag|account name|skype(?: id| name)?|discord(?: name| tag)?|telegram|insta(?:gram)?|snapchat"
    r"|snap|twitter|psn(?: id)?|steam(?: id)?"
    r"|tiktok|github|xbox(?: live)?|twitch|kik|wechat(?: id)?|line id)"
    r"(?:\s*[:=]\s*|\s+(?:is|was|name is|as)\s+[:\"'“]?|\s+[\"'“]|\s+(?=@?[\w.-]*[0-9_])(?=@?[\w.-]*[a-z]))"
    r"(@?[\w.#-]{2,40})"
)
_NO_HANDLES = words("not the a an is was name id user my your same below none null yes no unknown in on")


def recognizers() -> list[EntityRecognizer]:
    """Recognizers of what identifies people and machines on the internet."""
    return [
        RuleRecognizer("EmailRules", ["EMAIL_ADDRESS"], _emails),
        RuleRecognizer("UrlRules", ["URL"], _urls, needs="."),
        RuleRecognizer("IpRules", ["IP_ADDRESS"], _ips, needs=".:", digits=1),
        RuleRecognizer("MacAddressRules", ["MAC_ADDRESS"], _macs, needs=":-.", digits=0),
        RuleRecognizer("HandleRules", ["USER_NAME"], _handles),
    ]


def is_domain(name: str) -> bool:
    """Whether `name` is a registrable domain, or lies below one, by the public suffix list that is shipped."""
    found = _suffixes(name)
    return bool(found.domain and found.suffix)


def _emails(read: Reading) -> Iterator[Find]:
    text = read.text
    at = text.find("@")
    while at >= 0:
        if (find := _email_around(text, at)) is not None:
            yield find
        at = text.find("@", at + 1)
    low = read.lower
    if "dot" in low and " at " in low or "(at" in low or "[at" in low or "{at" in low or "[.]" in low or "(@)" in low:
        for m in _OBFUSCATED.finditer(text):
            plain = re.sub(r"\s?[(\[{<]?\s?\b(?:dot|DOT)\b\s?[)\]}>]?\s?|\s?[(\[]\.[)\]]\s?", ".", m[0])
            if is_domain(_SPELT_OUT.split(plain)[-1].strip()):
                yield Find(m.start(), m.end(), "EMAIL_ADDRESS", STRONG)


def _email_around(text: str, at: int) -> Find | None:
    low = max(0, at - 66)
    local, host = _LOCAL.search(text[low:at]), _HOST.match(text, at + 1)
    if local is None or host is None:
        return None
    name = local[0].lstrip("'.`/={|")
    spaced = local[0][-1].isspace(), host[0][0].isspace()
    if not name.strip() or spaced[0] != spaced[1]:
        return None
    start = low + local.start() + len(local[0]) - len(name)
    return _email_with_host(text, start, at, host[0], spaced[0])


def _email_with_host(text: str, start: int, at: int, host: str, spaced: bool) -> Find | None:
    end = at + 1 + len(host)
    domain = host.strip()
    if domain.startswith("["):
        return Find(start, end, "EMAIL_ADDRESS", STRONG)
    while True:
        labels = domain.rsplit(".", 1)
        if len(labels) == 1:
            break
        if is_domain(domain) and not (labels[1].istitle() and is_domain(labels[0]) and not domain.istitle()):
            return Find(start, at + 1 + len(host) - len(host.strip()) + len(domain), "EMAIL_ADDRESS", CHECKED)
        domain = labels[0]
    return None if spaced else Find(start, end, "EMAIL_ADDRESS", IN_CONTEXT)


def _urls(read: Reading) -> Iterator[Find]:
    text, low = read.text, read.lower
    if "://" in low or "www" in low:
        for m in _SCHEME.finditer(text):
            yield Find(m.start(), m.start() + len(_trimmed(m[0])), "URL", STRONG)
    for m in _DOMAIN.finditer(text):
        found = _trimmed(m[0])
        name = re.split(r"[:/]", found, maxsplit=1)[0].replace("[.]", ".")
        score = _domain_score(read, m.start(), m.start() + len(found), name, found)
        if score:
            yield Find(m.start(), m.start() + len(found), "URL", score)


def _trimmed(found: str) -> str:
    """`found` without closing punctuation and brackets that it did not open."""
    while found and found[-1] in _CLOSING:
        if found[-1] == ")" and found.count("(") >= found.count(")"):
            break
        found = found[:-1]
    return found


def _domain_score(read: Reading, start: int, end: int, name: str, found: str) -> float:
    head, _, last = name.rpartition(".")
    plain = name == found and "." not in head
    if name.lower() in _FRAMEWORKS:
        return 0.0
    glued = last[:1].isupper() and not (head.isupper() or head.istitle() and len(last) == 2)
    if glued or not head or not is_domain(name):
        return 0.0
    ending = last.lower()
    if plain and ending in _FILE_ENDINGS:
        return IN_CONTEXT if _VISIT.search(read.before(start)) and "/" not in found else 0.0
    if plain and ending in _WORD_SUFFIXES and not set(head) & set("0123456789-"):
        return WEAK if _VISIT.search(read.before(start)) or not read.after(end)[:2].strip(" ").isalpha() else 0.0
    return STRONG


def _ips(read: Reading) -> Iterator[Find]:
    for m in _IPV4.finditer(read.text):
        address, _, prefix = m[0].partition("/")
        if all(int(part) < 256 for part in address.split(".")) and not _VERSION.search(read.before(m.start(), 20)):
            end = m.end() if prefix and int(prefix) <= 32 else m.start() + len(address)
            yield Find(m.start(), end, "IP_ADDRESS", STRONG)
    if read.text.count(":") >= 2:
        for m in _IPV6.finditer(read.text):
            found = m[0].rstrip(":") if m[0].endswith(":") and not m[0].endswith("::") else m[0]
            if _is_ipv6(found):
                yield Find(m.start(), m.start() + len(found), "IP_ADDRESS", CHECKED)


def _is_ipv6(found: str) -> bool:
    try:
        ipaddress.IPv6Address(found)
    except ValueError:
        return False
    return any(c.isdigit() for c in found) or found.count(":") >= 3


def _macs(read: Reading) -> Iterator[Find]:
    for m in _MAC.finditer(read.text):
        dotted = m[1] is None
        if not dotted or not m[0].replace(".", "").isdecimal() or _MAC_CUE.search(read.before(m.start())):
            yield Find(m.start(), m.end(), "MAC_ADDRESS", STRONG)


def _handles(read: Reading) -> Iterator[Find]:
    text = read.text
    if "@" in text:
        for m in _HANDLE.finditer(text):
            yield Find(m.start(), m.end(), "USER_NAME", STRONG)
    if "u/" in text:
        for m in _REDDIT.finditer(text):
            yield Find(m.start(), m.end(), "USER_NAME", STRONG)
    for m in _USER.finditer(read.lower):
        name = m[1].rstrip(".-")
        if len(name) > 1 and name not in _NO_HANDLES:
            yield Find(m.start(1), m.start(1) + len(name), "USER_NAME", IN_CONTEXT)
