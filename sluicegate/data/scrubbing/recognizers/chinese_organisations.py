"""Organisations by what their names end in, and peoples and faiths."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sluicegate.data.scrubbing.recognizers.chinese_name_words import any_of, words_of
from sluicegate.data.scrubbing.recognizers.chinese_places import CITIES, COUNTRIES, PROVINCES
from sluicegate.data.scrubbing.recognizers.rules import IN_CONTEXT, STRONG, Find, Reading

_ENDINGS = (
    "股份有限公司|有限责任公司|有限公司|集团公司|分公司|子公司|总公司|公司|集团|株式会社|事务所|合伙企业|工作室"
    "|大学|學院|学院|附属中学|附中|中学|中學|小学|小學|幼儿园|附小|党校|职业技术学院"
    "|人民医院|中医院|附属医院|妇幼保健院|医院|醫院|卫生院|卫生服务中心|诊所|疾控中心"
    "|银行|銀行|证券|保险|基金会|研究院|研究所|科学院|出版社|报社|电视台|通讯社|日报|晚报|杂志社"
    "|委员会|人民政府|政府|人民法院|法院|检察院|公安局|派出所|税务局|教育局|卫生局|民政局|管理局"
    "|总局|居委会|村委会|街道办事处|办事处"
    "|协会|学会|联合会|总会|商会|俱乐部|酒店|宾馆|大饭店|饭店|超市|商场|百货|药店|药房|书店|旗舰店"
    "|专卖店|餐厅|火锅店|养老院|福利院|敬老院"
    "|图书馆|博物馆|体育馆|工厂|制造厂|机械厂|化工厂|厂"
)
_BODY = r"[\u4e00-\u9fffA-Za-z0-9()·&-]"
# The ending is found first; the body is read leftwards from it, so that no text makes the search walk far.
_ENDING = re.compile(
    rf"(?:{_ENDINGS})(?:(?:(?![的和在了与])[\u4e00-\u9fff]){{2,8}}?(?:支行|分行|营业部|分公司|分院"
    rf"|校区|分局|分店|门店))?"
)
_BRANCH = re.compile(
    r"(?:中国)?(?:工商|建设|农业|中国|交通|招商|民生|光大|浦发|中信|平安|邮储|兴业"
    r"|华夏)银行(?:[\u4e00-\u9fff]{2,10}?(?:支行|分行|营业部|分理处))?|(?:工行|建行|农行|中行|交行"
    r"|招行)(?:[\u4e00-\u9fff]{2,8}?(?:支行|分行))"
)
_LABELLED = re.compile(
    r"(?:公司名称?|单位名称?|工作单位|就职于|任职于|供职于|就读于|毕业于|毕业院校|公司|单位|学校"
    r"|开户行|发票抬头|抬头|雇主)(?:[:]| ?为 ?)[ ]{0,2}([\u4e00-\u9fffA-Za-z0-9()·&]{3,30})"
)
_LONGEST = 26
_COMMON_ENDINGS = words_of(
    "厂 政府 保险 证券 百货 法院 学会 总会 工厂 管理局 总局 办事处 派出所 学院 报社 商会 超市 商场"
    " 药店 书店 宾馆 酒店 饭店 餐厅 联合会"
)
"""Endings that are plain words, or parts of some: a name before them begins with a place."""
_SHOP_ENDINGS = words_of(
    "公司 集团 酒店 宾馆 大饭店 饭店 旗舰店 专卖店 火锅店 俱乐部 工作室 诊所 药房 养老院 银行 研究所"
    " 委员会 小学 中学 幼儿园"
)
"""Endings before which a name is short."""
_STOP = re.compile(
    "[的了在是和与及或到去从向对给被把将由让于为跟同往也都就还又很最这那哪每各某我你您他她它们个位家间有没不以请问"
    "说讲称来进出过着能会要想找上下里回因但比像象叫住定次再此该其先且并却更太真好些种类等几多少,.。;；:!?、\"'《》<>\\\\\\s]"
    "|开户行|开户|位于|加入|就职|任职|毕业|工作|隶属|选择|觉得|感觉|什么|时候|建议|发现|自己|联系|推荐|离开|光临"
    "|预订|适合|首先|告知|切记|抵达"
    "|介绍|提高|翻阅|分析|难道|如果|考虑|接触|通过|开办|其他|参观|附近|旁边|对面|现在|今天|昨天|明天"
    "|支持|感谢|谢谢|希望|关于|根据|按照|经过|作为|成立|创办|进入|前往|访问|服务"
)
_KEEP = re.compile(
    "阿里|上海|中国|和平|人和|天和|同济|同仁|同方|和睦|太和|三和|家乐|国家|好未来|美的|大同|有色"
    "|下关|进出口|上饶|对外|合同|将乐|从化|于都|有限|向阳|会计|家具|个人|家庭|儿童|不锈钢|来宾|家电"
    "|家居|协和|颐和|永和|和田|和县"
)
_GENERIC = re.compile(
    "^(?:本|该|贵|此|新|老|大|小|好|总|分|一家|两家|这家|那家|多家|我们|全国|当地|附近|外资|国有"
    "|上市|民营|物流|快递|保险|医药|科技|软件|网络|网络科技|投资|出版|房地产|外贸|旅游|搬家|航空"
    "|电信|移动|联通|通讯|电力|石油"
    "|人民|市|县|省|区|地方|中央|各级|商业|重点|专科|综合|社区|乡镇|农村|城市|希望|公立|私立|国际"
    "|星级|五星级|四星级|三星级|经济型|快捷|连锁|大型|小型|中型|网上|新华|特色|专业|官方|品牌|化"
    "|钢铁|家电|电子|汽车|机械"
    "|老年|少年|高级|普通|初级|职业|技术|师范|名牌|知名|著名|一流|人寿|社会|商务|度假|主题|高档|豪华"
    "|大|高|中|名|党|检|旧|子|母|原|现|美国|中国|英国|日本|外国|国外|国内|市级|省级|县级|跨国|合资"
    "|独资|私营|代理|销售|供应|物业|装修|装饰|建筑|广告|传媒|娱乐|唱片|制药|汽运|客运|货运|铁路|公路"
    "|电影|电视|中医|西医|专科|三甲|法|交易|证券|工商|税务|公安|电脑|手机|服装|食品|饮料|餐饮|家具"
    "|儿童|连锁|综合|大众|民间|研究|设计|咨询|学术|教育|培训|管理|监管|主管|行政|执法|司法|文化|体育"
    "|艺术|工业|农业|信息|财政|金融|保安|清洁|家政|中介|投资|租赁|百货|药品|联合|独立|股份|合作|集体"
    "|国营|全资|控股|关联|附属|下属|所属|直属|基层|上级|下级|相关|有关|双方|全|别|男子|女子|妇女"
    "|青年|同|其他|其它|外|内|不同|许多|很多|几家|三家|十家|某|某家|另一家|哪家)+$"
)
_SHORT_OK = re.compile("^(?:北|清华|复旦|南开|浙江|武汉|厦门|同济|协和|华西|湘雅)")
_HEADS = re.compile("大学|医院|银行|公司|中学|小学|集团|学院|政府|法院|局|所|院|行|社|会|厂|店|馆|报")
_PLACES = frozenset((*PROVINCES, *CITIES, *COUNTRIES))

_PEOPLES = (
    "汉族|蒙古族|回族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族"
    "|哈萨克族|傣族|黎族|傈僳族|佤族|畲族|高山族|拉祜族|水族|东乡族|纳西族"
    "|景颇族|柯尔克孜族|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族|阿昌族|普米族"
    "|塔吉克族|怒族|乌孜别克族|俄罗斯族|鄂温克族|德昂族|保安族|裕固族|京族|塔塔尔族"
    "|独龙族|鄂伦春族|赫哲族|门巴族|珞巴族|基诺族|维族|客家人|汉人|藏人|满人|回民|穆斯林|基督徒"
    "|佛教徒|天主教徒|道教徒|基督教徒|伊斯兰教徒|共产党员|中共党员|预备党员|国民党员|民进党员|犹太人"
    "|黑人|白人"
    "|信佛|信仰基督教|基督教|天主教|伊斯兰教|佛教|道教|东正教|犹太教"
)
_NRP_CUES = re.compile("[族教人籍裔员林客回徒侨仰貌]")
_NRP = re.compile(any_of(_PEOPLES.split("|")))
_NATIONALS = re.compile(
    f"{any_of(COUNTRIES)}(?:籍|裔)?人(?![民口员类士均才大工事力])|华裔|华人|华侨|中国籍|[美英日韩法德加澳]籍"
)
_ETHNICITY = re.compile(
    "(?:民族|族别)[: ]{1,2}(汉|回|满|壮|苗|维|藏|彝|蒙|侗|瑶|白|黎|傣|羌|土|水)(?![\u4e00-\u9fff])"
    "|[男女][,、 ]{1,2}(汉|回|满|壮|苗|藏|彝|蒙)(?=[,、 ])"
)
_FAITH = re.compile("(?:宗教信仰|政治面貌|国籍|國籍|信仰)(?:为|是|[:])? {0,2}([\u4e00-\u9fff]{2,6})(?![\u4e00-\u9fff])")


def organisations(read: Reading) -> Iterator[Find]:
    """Companies, schools, hospitals, banks, offices, shops whose names end in the word for what they are."""
    text = read.text
    finds = [*_by_ending(text)]
    finds += [Find(*found.span(), "ORGANIZATION", STRONG) for found in _BRANCH.finditer(text)]
    finds += [Find(*found.span(1), "ORGANIZATION", IN_CONTEXT) for found in _LABELLED.finditer(text)]
    yield from finds


def _by_ending(text: str) -> Iterator[Find]:
    for found in _ENDING.finditer(text):
        start = _begin(text, found.start())
        body = text[start : found.start()]
        if _is_named(body, found[0]):
            sure = "有限" in found[0] or ("公司" in found[0] and len(body) > 3)
            yield Find(start, found.end(), "ORGANIZATION", STRONG if sure else IN_CONTEXT)


def _begin(text: str, end: int) -> int:
    """Where the name begins whose ending starts at `end`: after the last character that no name holds."""
    low = max(0, end - _LONGEST)
    window = text[low:end]
    kept = {i for word in _KEEP.finditer(window) for i in range(*word.span())}
    start = 0
    for stop in _STOP.finditer(window):
        if stop.start() not in kept:
            start = stop.end()
    start += len(window[start:]) - len(window[start:].lstrip("()·&-0123456789 "))
    return low + start


def _is_named(body: str, ending: str) -> bool:
    """Whether what stands before the ending is a name, and no plain word."""
    if len(body) < 2 or _GENERIC.match(body) or not any("\u4e00" <= c <= "\u9fff" or c.isupper() for c in body):
        return False
    if ending in _COMMON_ENDINGS:
        return any(body[:n] in _PLACES for n in (2, 3, 4)) or body.startswith("中华")
    return len(body) <= (8 if ending in _SHOP_ENDINGS else 16)


def peoples(read: Reading) -> Iterator[Find]:
    """Peoples, nationals, faiths and parties."""
    text = read.text
    if not _NRP_CUES.search(text):
        return
    for pattern, score in ((_NRP, STRONG), (_NATIONALS, IN_CONTEXT)):
        for found in pattern.finditer(text):
            yield Find(*found.span(), "NRP", score)
    for pattern in (_ETHNICITY, _FAITH):
        for found in pattern.finditer(text):
            yield Find(*found.span(found.lastindex or 0), "NRP", IN_CONTEXT)
