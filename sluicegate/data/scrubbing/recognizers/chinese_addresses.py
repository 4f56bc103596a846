"""Addresses and places in Chinese text, and the English form that Chinese addresses take.

An address is a chain of parts, each a name with the word for what it is (…省, …市, …路, 5号, 3单元). The words are
found first and each name is read leftwards from its word, so any subset and order of parts will do and no text makes
the search walk far. A chain counts as an address from the street down; regions alone are a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sluicegate.data.scrubbing.recognizers.chinese_name_words import any_of, words_of
from sluicegate.data.scrubbing.recognizers.chinese_places import CITIES, CITIES_ABROAD, COUNTRIES, PROVINCES
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, STRONG, WEAK, Find, Reading

_COUNTRY, _PROVINCE, _CITY, _DISTRICT, _TOWN, _ROAD, _ESTATE, _HOUSE = range(8)


_NUMERAL = "[一二三四五六七八九十百零〇]{1,5}"
_NUMBER = (
    rf"(?:[0-9]{{1,5}}[A-Za-z]?(?:[-~/、][0-9]{{1,5}}){{0,2}}|[A-Za-z][0-9]{{0,4}}(?:-[0-9]{{1,4}})?"
    rf"|{_NUMERAL}|[甲乙丙丁东西南北])"
)
_PART = re.compile(
    rf"(?P<house>(?<![0-9.])(?:{_NUMBER} ?(?:号院|号楼|号房|号(?![码线召称外牌角])|號|支弄"
    rf"|弄(?![得错清到好])|栋|幢|座(?![位谈])|单元|单位(?=[0-9])|楼(?![下上主梯市盘道层])"
    rf"|门(?=[0-9])|层(?![面次楼])|室(?![内外友温])|房(?=[,。;! ]|$)|户(?=[,。; ]|$)|组(?=[0-9,。;]|$)"
    rf"|队(?=[0-9])|排(?=[0-9])|期(?=[0-9一二三A-Z])|区(?=[0-9一二三A-Z])|#楼?)"
    rf"(?:附[0-9]{{1,4}}号|之[一二三四五六七八九0-9]+)?|[0-9]{{1,2}}[/-][0-9]{{1,3}}[/-][0-9]{{3,4}}(?!"
    rf"[0-9-])|(?<=[号楼元栋幢座#院区弄]) ?(?:[0-9]{{1,2}}-)?[0-9]{{3,4}}(?![0-9年个元块平米人路次分天克"
    rf".%])"
    rf"|(?<=[路道街弄寓厦厦苑园区]) ?[0-9]{{1,4}}(?:-[0-9]{{1,4}}){{1,2}}(?![0-9]))|负[一二三1-3]层)"
    rf"|(?P<place>{any_of((*PROVINCES, *CITIES))}(?P<grade>特别行政区|(?:壮族|回族|维吾尔)?自治区"
    rf"|自治州|地区|省|市(?![场民面委长值])|盟|县|区(?![别域分间]))?)"
    rf"|(?P<far>{any_of((*COUNTRIES, *CITIES_ABROAD))})"
    rf"|(?P<estate>小区|花园|家园|公寓|大厦|广场|新村|新城|花苑|雅苑|名苑|佳苑|嘉园|别墅|山庄|家属院"
    rf"|宿舍楼?|大院|写字楼|商务楼|国际中心|商务中心|科技园|产业园|软件园|工业园区?|创业园|园区|(?:苑"
    rf"|园|府|湾|里|坊|城|庭|居|轩|阁)(?= ?[0-9A-Z一二三四五六七八九十]+ ?[-号栋幢座#单期区楼]))"
    rf"|(?P<road>大道|大街|路(?:[东西南北中一二三四五]段|[东西南北]侧"
    rf"|口)?(?![上过人口线费由途程段边况局透演子灯面障标牌])|街(?![上道坊舞头机边])|胡同|巷(?!子)|弄堂"
    rf"|环路|国道|省道)"
    rf"|(?P<town>街道办事处|街道(?![上边])|镇(?![静定压长痛])|乡(?![亲下村愁土情镇音])|苏木"
    rf"|村(?![民长委官子里上])(?:委会)?|屯(?=[0-9])|农场|林场|社区(?![的里]))"
    rf"|(?P<district>自治县|自治旗|新区|开发区|高新区|区(?![别域分间号划])|县(?![委政级长]))"
    rf"|(?P<city>市(?![场民面委长值容政况内外区场局里中井])|自治州|地区(?!别))"
    rf"|(?P<province>省(?![委级长会略得去下事心力钱电油城]))"
)
_KINDS = {"estate": _ESTATE, "road": _ROAD, "town": _TOWN, "district": _DISTRICT, "city": _CITY, "province": _PROVINCE}
_LONGEST_NAME = {_ESTATE: 8, _ROAD: 5, _TOWN: 4, _DISTRICT: 4, _CITY: 4, _PROVINCE: 3}
_SHORTEST_NAME = {_ESTATE: 2, _ROAD: 1, _TOWN: 1, _DISTRICT: 1, _CITY: 2, _PROVINCE: 2}
# Characters that no name of a road, a village or an estate holds, so that a name ends where the sentence begins.
_NOT_IN_NAME = frozenset(
    "的了在是和与及或我你您他她它们这那哪每各某把被给让很都也就还又再不没有请到从去往离说讲看吃买卖走"
    "过着坐回沿顺条个该叫送寄约问找于住址居自为等所以可"
    "要会能想近但因如何么什吗呢吧啊呀哦嘛哈之而则即却将由对比按据向跟同用使做作进出来起只才刚最更太真"
    "好多少几两整全间次天年月日时分秒点件份元块角"
    "说道听见写打开关拿带租搬选离靠近附旁边侧里内外前后左右隔壁个位名至"
)
_NAME_IN_CHAIN = re.compile("[\u4e00-\u9fff]*(?<![的了在是和与到送请我你住有])")
_HAN = re.compile("[\u4e00-\u9fff]")
_WORDS_WITHIN = words_of(
    "超市 城市 都市 夜市 上市 股市 门市 集市 楼市 车市 早市 书市 牛市 熊市 闹市 沪市 深市 罢市 菜市"
    " 马路 公路 铁路 道路 网路 思路 走路 迷路 出路 线路 电路 套路 销路 门路 半路 赶路 问路 带路 退路"
    " 活路 歧路 修路 筑路 探路"
    " 逛街 步行街 农村 乡村 度假村 下乡 城乡 异乡 他乡 返乡 故乡 家乡 城镇 乡镇 市区 郊区 景区 校区"
    " 军区 战区 误区 灾区 牧区 矿区 地区 时区 选区 街区 市县 贫困县 郡县 郊县 省市 各省 外省 节省"
    " 反省"
)
"""Words that end like a place; a name that ends in one is none."""
_GENERIC = words_of(
    "大市 本市 全市 我市 该市 各市 花市 两市 开市 入市 后市 应市 互市 黑市 县市 社区 山区 城区 小区"
    " 特区 园区 新区 老区 辖区 片区 禁区 库区 区区 专区 林区 厂区 分区 本区 全区 雷区 盲区 展区 住区"
    " 产区 港区 湖区"
    " 一路 上路 后路 水路 陆路 海路 大路 小路 认路 同路 顺路 绕路 弯路 死路 末路 航路 让路 引路 来路"
    " 去路 油路 山路 之路 条路 财路 生路 言路 老路 新路 正路 邪路 心路 血路 养路 开路 土路 平路"
    " 高架路 十字路 三路 二路 几路"
    " 上街 大街 小街 街街 老街 满街 沿街 过街 扫街 临街 金融街 商业街 美食街 小吃街 华尔街 一条街"
    " 唐人街 骂街 游街 当街 跨街 出街 全村 山村 本村 每村 各村 村村 新村 进村 住村 驻村 渔村 老村"
    " 我村 该村 小村 穷村 邻村 回村 自然村"
    " 行政村 示范村 地球村 城中村 老乡 同乡 全乡 本乡 水乡 梦乡 侨乡 还乡 思乡 离乡 各乡 回乡 进乡"
    " 该乡 冰镇 重镇 小镇 古镇 集镇 村镇 全镇 市镇 本镇 各镇 该镇 各县 全县 本县 我县 该县 州县 邻县"
    " 大县 区县 全省 本省 我省 该省 俭省 邻省"
    " 两省 三省 大省 强省 后花园 大花园 小花园 老公寓 美家园 新家园 大广场 小广场 新广场 各小区"
    " 单身公寓 单身宿舍 学生宿舍 员工宿舍 职工宿舍 集体宿舍 商业广场 购物广场 酒店公寓 住宅小区"
    " 居民小区 生活小区 封闭小区 高档小区 老小区 文化广场"
    " 大别墅 豪华别墅 小别墅 海景别墅 花园别墅 高级公寓 高档公寓 老年公寓 小巷 街巷 大巷 老巷 深巷"
    " 空巷 陋巷 里巷 小胡同 老胡同 一环路 林荫大道 康庄大道 大街小巷 国营农场 高速公路 精神家园"
    " 花花公寓 政府大院 机关大院"
)
"""Whole names that are plain words."""
_SHORT_REGION = re.compile("[\u4e00-\u9fff]县")
_LABEL = re.compile(
    "地址|住址|收货|寄到|寄往|寄至|送到|送至|住在|家住|居住|现住|户籍|籍贯|位于|坐落|地处|门牌|发货"
    "|配送|收件|所在|搬到|搬去|租在|地點|地点|家庭住|户口|产地|出生地|快递到|邮寄|房子在|家在|公司在"
    "|上门|楼盘"
)
_LABEL_CHARACTERS = 12
_GAP = re.compile(r"[ ,\-·]{0,2}|\(")
_BREAK = re.compile(r"[,。;! \n)、]|$")
_TAIL = re.compile(
    r" ?(?:[东西南北]门|[东西南北]侧|对面|附近|旁边|门口|楼下|前台|门卫|收发室|菜鸟驿站|丰巢柜?"
    r"|快递柜)?(?:\([\u4e00-\u9fffA-Za-z0-9 ]{2,20}\))?"
)
_POSTCODE = re.compile(
    r"(?:邮编|邮政编码|郵遞區號|邮码|郵編|邮区|P\.?C\.?)(?:号码?|为|是)?[: ]{0,3}([0-9]{6}"
    r"|[0-9]{3}(?:[0-9]{2,3})?)(?![0-9A-Za-z])"
)
_POSTCODE_BARE = re.compile(r"(?<![0-9A-Za-z.:-])\(?([0-8][0-9]{5})\)?(?![0-9A-Za-z.%元])")
_PO_BOX = re.compile(
    r"[\u4e00-\u9fff]{0,6}?(?:[0-9]{1,5}(?:-[0-9]{1,4})?号?(?:邮政)?信箱|信箱"
    r" ?[0-9]{1,5}(?:-[0-9]{1,4})?号?)(?:[0-9]{1,4}分箱)?"
)

_PINYIN_CITIES = (
    "Beijing|Shanghai|Tianjin|Chongqing|Guangzhou|Shenzhen|Hangzhou|Nanjing|Suzhou|Wuhan|Chengdu"
    "|Xi'?an|Changsha|Zhengzhou|Jinan|Qingdao|Dalian|Shenyang|Harbin|Changchun|Xiamen|Fuzhou|Ningbo"
    "|Hefei|Kunming|Guiyang"
    "|Nanning|Haikou|Lanzhou|Yinchuan|Urumqi|Lhasa|Hohhot|Taiyuan|Shijiazhuang|Nanchang|Dongguan"
    "|Foshan|Zhuhai|Wuxi|Taipei|Kaohsiung|Hong Kong|Kowloon|Macau|Macao|Zhejiang|Jiangsu|Guangdong"
    "|Sichuan|Hubei|Hunan|Henan|Hebei|Shandong|Shanxi|Shaanxi|Fujian|Anhui|Jiangxi|Liaoning|Jilin"
    "|Heilongjiang|Yunnan|Guizhou|Guangxi|Hainan|Gansu|Qinghai|Ningxia|Xinjiang|Tibet|China|P\\."
    " ?R\\. ?China|PRC"
)
_ROOM = (
    r"(?:(?:Room|Rm|Flat|Unit|Apt|Apartment|Suite|No|Number|Building|Bldg|Block|Tower|Floor|Lane"
    r"|Alley|Gate|Entrance)\.? ?#?[A-Z]?-?[0-9]{1,5}[A-Z]?(?:-[0-9]{1,4})?|[0-9]{1,3}(?:/F|F|(?:st|nd"
    r"|rd|th) Floor)|#[0-9]{1,5}|[0-9]{1,5}(?:-[0-9]{1,4})?)"
)
_STREET = (
    r"(?:(?:(?:East|West|North|South|Middle)[ .])?[A-Z][A-Za-z']{1,20}(?:"
    r" [A-Z0-9][A-Za-z']{0,20}){0,4}[ ,]{1,2}?(?:Road|Rd|Street|St|Avenue|Ave|Lane|Ln|Boulevard|Blvd"
    r"|Dajie|Lu|Jie|Hutong)\.?(?: \(?(?:[EWNSM]|East|West|North|South|Middle)\b\.?\)?)?)"
)
_AREA = (
    rf"(?:[A-Z][A-Za-z']{{1,20}}(?: [A-Z][A-Za-z']{{0,20}}){{0,3}} (?:District|Dist|New Area|Town"
    rf"|Township|Village|County|City|Province|Garden|Gardens|Plaza|Mansion|Community|Estate|Court"
    rf"|Building|Tower|Centre|Center|Park|Zone)\.?|{_PINYIN_CITIES})"
)
_ENGLISH_ROAD = re.compile(r"R(?:oa)?d|St|Ave|Ln|Lane|Blvd|Boulevard|Dajie|Lu|Jie|Hutong")
_ENGLISH = re.compile(
    rf"(?<![A-Za-z0-9#])(?:{_ROOM}[, ]{{1,2}}){{1,4}}{_STREET}(?:[, ]{{1,2}}{_AREA}){{0,5}}(?:[,"
    rf" ]{{1,2}}[0-9]{{6}}(?![0-9]))?(?:[, ]{{1,2}}(?:P\. ?R\. ?)?China)?"
)


class _Part(NamedTuple):
    kind: int
    start: int
    end: int
    sure: bool
    """Whether the place is in a list, or the name ends where it must."""


def addresses(read: Reading) -> Iterator[Find]:
    """Addresses (from the street down) and places by name, in Chinese, and in English for Chinese addresses."""
    text = read.text
    if not text.isascii():
        for chain in _chains(text):
            if find := _judged(text, chain):
                yield find
    if read.digits and _ENGLISH_ROAD.search(text):
        for found in _ENGLISH.finditer(text):
            yield Find(*found.span(), "ADDRESS", STRONG)
    if "信箱" in text:
        for found in _PO_BOX.finditer(text):
            yield Find(*found.span(), "ADDRESS", IN_CONTEXT)


def postcodes(read: Reading) -> Iterator[Find]:
    """Postcodes of six digits by their label, or standing next to an address."""
    for found in _POSTCODE.finditer(read.text):
        yield Find(*found.span(1), "POSTCODE", STRONG)
    if read.digits < 6 or not _HAN.search(read.text):
        return
    for found in _POSTCODE_BARE.finditer(read.text):
        if re.search(r"[省市区县路街号室村镇][,。 (]{0,2}$", read.text[max(0, found.start() - 4) : found.start()]):
            yield Find(*found.span(1), "POSTCODE", IN_CONTEXT)


def _chains(text: str) -> Iterator[list[_Part]]:
    """Parts that belong together, in order of their place in the text."""
    chain: list[_Part] = []
    for part in _parts(text):
        if chain and _joins(text, chain, part):
            chain.append(part)
            continue
        if chain:
            yield chain
        chain = [part]
    if chain:
        yield chain


def _parts(text: str) -> Iterator[_Part]:
    last: _Part | None = None
    for found in _PART.finditer(text):
        if last and last.end == found.start() and last.kind <= _DISTRICT and found.lastgroup in _KINDS:
            last = _Part(
                _KINDS[found.lastgroup], last.start, found.end(), last.sure
            )  # a road that is named after a city
            continue
        part = _named(text, found, last.end if last else 0)
        if part:
            if last:
                yield last
            last = part
    if last:
        yield last


def _named(text: str, found: re.Match[str], floor: int) -> _Part | None:
    """The part whose word was found, with its name, which begins at `floor` at the earliest."""
    word = found.lastgroup
    start, end = found.span()
    if word == "house":
        return _Part(_HOUSE, start, end, True)
    if word == "far":
        return _Part(_COUNTRY, start, end, True)
    if found["place"]:
        return _Part(_grade(found), start, end, True)
    kind = _KINDS[word or ""]
    name = _name_start(text, start, max(floor, start - _LONGEST_NAME[kind]))
    if (
        kind in (_ROAD, _ESTATE)
        and floor
        and 2 <= start - floor <= _LONGEST_NAME[kind]
        and _NAME_IN_CHAIN.fullmatch(text, floor, start)
    ):
        name = floor
    if start - name < _SHORTEST_NAME[kind] or _is_generic(text[name:end]):
        return None
    limited = name == floor or not _HAN.match(text[name - 1 : name]) or text[name - 1] in _NOT_IN_NAME
    return _Part(kind, name, end, limited)


def _grade(found: re.Match[str]) -> int:
    grade = found["grade"] or ""
    if grade in ("区", "县"):
        return _DISTRICT
    return _PROVINCE if found["place"].removesuffix(grade) in PROVINCES and grade not in ("地区", "盟") else _CITY


def _name_start(text: str, end: int, floor: int) -> int:
    start = end
    while start > floor and "\u4e00" <= text[start - 1] <= "\u9fff" and text[start - 1] not in _NOT_IN_NAME:
        start -= 1
    return start


def _is_generic(name: str) -> bool:
    return name in _GENERIC or any(name.endswith(word) for word in (name[-2:], name[-3:]) if word in _WORDS_WITHIN)


def _joins(text: str, chain: list[_Part], part: _Part) -> bool:
    last = chain[-1]
    gap = text[last.end : part.start]
    if not _GAP.fullmatch(gap):
        return False
    if part.kind >= _ROAD and last.kind >= _ROAD:
        return "," not in gap or part.kind == _HOUSE or last.kind == _HOUSE
    if part.kind > last.kind:
        return last.kind != _COUNTRY or part.kind >= _PROVINCE
    goes_up = bool(gap) and chain[0].kind >= _ROAD and _BREAK.match(text, part.end) is not None
    return goes_up or (part.kind == last.kind == _TOWN and not gap)


def _judged(text: str, chain: list[_Part]) -> Find | None:
    """What a chain is, if anything."""
    start, end = chain[0].start, chain[-1].end
    kinds = {part.kind for part in chain}
    called = _LABEL.search(text, max(0, start - _LABEL_CHARACTERS), start) is not None
    houses = sum(part.kind == _HOUSE for part in chain)
    below = kinds & {_ROAD, _ESTATE, _HOUSE}
    if below and (len(kinds) > 1 or (houses > 1 and (called or houses > 2 or "," not in text[start:end]))):
        tail = _TAIL.match(text, end)
        end = tail.end() if tail and tail[0].strip() else end
        sure = chain[0].sure or called
        return Find(start, end, "ADDRESS", STRONG if sure and (houses or kinds - below) else IN_CONTEXT)
    if below == {_HOUSE}:
        return Find(start, end, "ADDRESS", WEAK) if called and end - start > 2 else None
    if below:
        return (
            Find(start, end, "ADDRESS", IN_CONTEXT if called else WEAK)
            if called or (chain[0].sure and _ROAD in below)
            else None
        )
    return _place(text, chain, called)


def _place(text: str, chain: list[_Part], called: bool) -> Find | None:
    start, end = chain[0].start, chain[-1].end
    if chain[0].kind <= _CITY and chain[0].sure and _is_listed(text, chain[0]):
        return Find(start, end, "LOCATION", STRONG)
    if len(chain) > 1:
        return Find(start, end, "LOCATION", IN_CONTEXT)
    if _SHORT_REGION.fullmatch(text[start:end]) or end - start == 2:
        return Find(start, end, "LOCATION", WEAK) if called else None
    return Find(start, end, "LOCATION", IN_CONTEXT) if called else None


def _is_listed(text: str, part: _Part) -> bool:
    return _PART.match(text, part.start) is not None
