"""How a person is reached in China: mobile numbers, landlines, service numbers, and accounts at WeChat and QQ."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, STRONG, WEAK, Find, Reading

_BEFORE, _AFTER = r"(?<![0-9A-Za-z_./@+-])", r"(?![0-9A-Za-z_@]|[.,/-][0-9])"
_COUNTRY = r"(?:\(?(?:\+|00) ?86\)?[ -]?|\(86\) ?|86[ -]?(?=1[3-9]))"
_MOBILE = re.compile(
    rf"(?<![0-9A-Za-z_/@.])(?:{_COUNTRY})?1[3-9](?:[0-9]{{9}}|[0-9][ .·_-]{{1,3}}[0-9]{{4}}[ .·_-]{{1,3}}[0-9]{{4}}"
    rf"|[0-9]{{2}}[ .-][0-9]{{3}}[ .-][0-9]{{4}}|[0-9][ .-][0-9]{{3}}[ .-][0-9]{{3}}[ .-][0-9]{{2}}"
    rf"|[0-9]{{5}}[ .-][0-9]{{4}}"
    rf"|[0-9][ .-][0-9]{{8}})(?![0-9A-Za-z_@])"
)
_SPACED = re.compile(r"(?<![0-9])1(?:[ .\-*,·]{1,2}[0-9]){10}(?![ .\-*,·]?[0-9])")
_MASKED = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9][*xX]{4}[0-9]{4}(?![0-9A-Za-z])")
_AREA = r"(?:010|02[0-57-9]|0[3-9][0-9]{2})"
_LANDLINE = re.compile(
    rf"(?<![0-9A-Za-z_./@])(?:(?:\+|00) ?86[ -]?)?(?:\({_AREA}\) ?|{_AREA}[ -]{{1,3}})"
    rf"[2-8][0-9]{{2,3}}[ -]?[0-9]{{4}}(?: ?(?:转|轉|ext\.?|分机|-|x) ?[0-9]{{1,6}})?(?![0-9A-Za-z_@])"
)
_LANDLINE_ABROAD = re.compile(
    r"(?<![0-9A-Za-z])\(?(?:\+|00) ?86\)?[ -]?\(?0?(?:10|2[0-57-9]|[3-9][0-9]{2})\)?["
    r" -]?[2-8][0-9]{2,3}[ -]?[0-9]{4}(?![0-9A-Za-z])"
)
_LANDLINE_SOLID = re.compile(rf"(?<![0-9A-Za-z_./@]){_AREA}[2-8][0-9]{{6,7}}(?![0-9A-Za-z_@])")
_SERVICE = re.compile(rf"{_BEFORE}[48]00[ -]?(?:[0-9]{{3}}[ -]?[0-9]{{4}}|[0-9]{{4}}[ -]?[0-9]{{3}}){_AFTER}")
_NEIGHBOURS = re.compile(
    r"(?<![0-9A-Za-z])\(?(?:\+|00) ?(?:852|853|886)\)?[ -]?(?:0?9[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}"
    r"|[0-9]{4}[ -]?[0-9]{4})(?![0-9A-Za-z])"
)
_TAIWAN_MOBILE = re.compile(r"(?<![0-9A-Za-z])09[0-9]{2}[ -][0-9]{3}[ -][0-9]{3}(?![0-9A-Za-z])")
_LABELLED = re.compile(
    r"(?:电话|電話|手机号?码?|手機號?碼?|座机|热线|熱線|传真|傳真|联系方式|聯絡方式|致电|拨打|固话"
    r"|来电|短号|Tel|TEL|tel|号码|打给我|打我)"
    r"(?:号码?|為|为|是|[(（][^)）]{0,4}[)）])*[: ]{0,3}((?:\+?[0-9]{1,4}[ -])?\(?[0-9][0-9()"
    r" -]{5,16}[0-9])(?![0-9A-Za-z])"
)
_EXTENSION = re.compile(r"(?:分机号?|内线|短号)(?:为|是)?[: ]{0,2}([0-9]{3,6})(?![0-9A-Za-z])")
_SPELT = re.compile(
    "[幺一壹][三叁四肆五伍六陆七柒八捌九玖](?:["
    " -]?[〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]){9}(?![〇零一二三四五六七八九十百千万年])"
)
_PHONE_WORDS = re.compile(
    "电话|電話|手机|手機|号码|號碼|联系|聯絡|座机|热线|传真|拨|致电|来电|打|call|tel|phone|微信", re.IGNORECASE
)
_MESSENGER = re.compile(
    r"(?:微信号?|威信|薇信|围脖|微 ?信|wechat|weixin|(?<![A-Za-z])(?:v[xX信]|VX|Vx|wx|WX|V)|[加➕+]v"
    r"|加微|q ?q群?号?|扣扣群?|企鹅号?|微博|抖音号?|小红书号?|快手号?|淘宝|旺旺|支付宝账?号?|用户名|"
    r"用戶名|账号|帐号|帳號|昵称|网名|登录名|LINE|Telegram|钉钉号?)(?:ID|id|号码?|账号|群|名"
    r"|同号)?(?:为|是|叫|[:：])? {0,2}[:@]? ?"
    r"([A-Za-z][A-Za-z0-9_.-]{3,29}|[1-9][0-9]{4,11})(?![0-9A-Za-z_@])",
    re.IGNORECASE,
)
_NOT_HANDLES = re.compile(
    r"(?:app|ios|android|pay|vip|phone|https?|www|login|wechat|weixin|windows|group|http)\b", re.IGNORECASE
)
_NICKNAME = re.compile(
    "(?:用户名|用戶名|昵称|暱稱|网名|ID名|登录名|抖音名|微博名?|微博id|公众号)(?:为|是|叫)?[:"
    " ]{1,2}@?([\\w\u4e00-\u9fff.-]{2,16})(?![\\w])"
)
_MENTION = re.compile(r"(?<![0-9A-Za-z_.@-])@([\w\u4e00-\u9fff-]{2,20}?)(?=[ :,。!?;、\n]|$)")


def phones(read: Reading) -> Iterator[Find]:
    """Mobile numbers, landlines with area code and extension, 400 and 800 numbers, numbers behind a label."""
    text = read.text
    if read.digits >= 7:
        yield from _numbers(text)
    if read.digits >= 3:
        for pattern in (_EXTENSION, _LABELLED):
            for found in pattern.finditer(text):
                yield Find(*found.span(1), "PHONE_NUMBER", IN_CONTEXT)
    for found in _SPELT.finditer(text):
        yield Find(*found.span(), "PHONE_NUMBER", STRONG)


def _numbers(text: str) -> Iterator[Find]:
    for pattern in (_MOBILE, _LANDLINE, _LANDLINE_ABROAD, _NEIGHBOURS, _SPACED):
        for found in pattern.finditer(text):
            yield Find(*found.span(), "PHONE_NUMBER", STRONG)
    for pattern, score in (
        (_LANDLINE_SOLID, WEAK),
        (_SERVICE, IN_CONTEXT),
        (_MASKED, IN_CONTEXT),
        (_TAIWAN_MOBILE, IN_CONTEXT),
    ):
        for found in pattern.finditer(text):
            called = _PHONE_WORDS.search(text, max(0, found.start() - 12), found.start())
            yield Find(*found.span(), "PHONE_NUMBER", STRONG if called else score)


def accounts(read: Reading) -> Iterator[Find]:
    """Accounts at WeChat, QQ, Weibo and others, by the word before them; mentions with @."""
    text = read.text
    for found in _MESSENGER.finditer(text):
        if not _NOT_HANDLES.match(found[1]) and not (found[0][0] in "Vv" and found[1].isalpha()):
            yield Find(*found.span(1), "USER_NAME", IN_CONTEXT)
    for found in _NICKNAME.finditer(text):
        yield Find(*found.span(1), "USER_NAME", IN_CONTEXT)
    if "@" in text:
        for found in _MENTION.finditer(text):
            if any("\u4e00" <= c <= "\u9fff" for c in found[1]):
                yield Find(*found.span(), "USER_NAME", IN_CONTEXT)


_SECRET = re.compile(
    r"(?:密码|密碼|口令|密钥|密鑰|验证码|驗證碼|取件码|提取码)(?:为|是|為|改成|改为|设为)?[: ]{0,3}([!-~]{4,64})"
)


def secrets(read: Reading) -> Iterator[Find]:
    """Passwords and one-time codes after the word for them."""
    for match in _SECRET.finditer(read.text):
        yield Find(match.start(1), match.end(1), "SECRET", IN_CONTEXT)
