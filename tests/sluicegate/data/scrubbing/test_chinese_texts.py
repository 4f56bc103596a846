"""210 made-up Chinese texts with known answers: 70 ways to write, each filled with three sets of made-up values."""

import re
from collections import defaultdict

import pytest

from sluicegate.data.scrubbing.folding import fold
from sluicegate.data.scrubbing.recognizers.chinese import recognizers

# fmt: off
VALUES = {
    "PERSON": 
        "王建国 李秀英 张伟 刘洋 陈思远 杨雪 赵丽娜 黄志强 周晓燕 吴昊 徐静 孙浩然 马俊杰 朱梓涵 胡玉梅"
        " 郭鹏飞 何欣怡 林志远 罗文博 高建华 欧阳雨桐 司马光明 诸葛青云 宋佳 郑爽朗 谢婷婷 韩雪峰 唐诗雨"
        " 冯玉婷 董明辉"
    
    " 萧雅文 程志刚 曹雪莹 袁立新 邓慧敏 许文静 傅思明 沈梦琪 曾国强 彭丽华",
    "PHONE_NUMBER": 
        "13812345678 139-8765-4321 +86_156_0011_2233 0086-17788990011 010-62345678 0755-83214567转801"
        " (021)54321098 ①⑧⑥１２３４５６７８ 1\u200b5912348765 400-820-8820 187_6543_2109"
        " 0571-88776655-8002"
    ,
    "ADDRESS": 
        "北京市海淀区中关村大街27号院3号楼501室 上海市浦东新区张江路88弄12号602室"
        " 广东省深圳市南山区科技园南路6号创新大厦B座1203 杭州市西湖区文三路478号"
        " 四川省成都市武侯区天府大道1388号2栋3单元1901室"
    
    " 湖南省长沙县跑马镇李家村五组12号 江苏省苏州市工业园区星湖街328号 幸福小区5号楼2单元301"
        " 天津市和平区南京路75号国际大厦1805室 武汉市洪山区珞喻路1037号 重庆市渝中区解放碑街道民权路28号"
        " 西安市雁塔区小寨东路126号百隆广场A座2108室",
    "CN_RESIDENT_ID": "11010519491231002X 440524188001010014 110105_19491231_002X １１０１０５１９４９１２３１００２Ｘ",
    "CREDIT_CARD": "6222021234567890128 6217_0012_3456_7890_124 6228480012345678903",
    "LICENSE_PLATE": "京A12345 粤B·D12345 沪C88K66 苏E1234挂 浙AF12345",
    "USER_NAME": "wx_summer2019 hello_zhang88 xiaoyu.li",
    "DATE_TIME": "2024年3月5日 二〇二三年十月一日 1998-05-01 2022年11月11日下午3点 农历八月十五",
    "AGE": "35岁 六十二岁 8岁 28周岁",
    "ORGANIZATION": 
        "北京星河科技有限公司 复旦大学 武汉市第一医院 上海明远贸易有限公司 中国工商银行杭州西湖支行"
        " 长沙市第三中学"
    ,
    "LOCATION": "成都 江苏省 哈尔滨 厦门市 新加坡 西双版纳",
    "EMAIL": "li@example.com",
    "NRP": "汉族 回族 美国人",
    "POSTCODE": "100080 200120 518057",
    "TITLE": "先生 女士 老师 医生 经理",
    "PASSPORT": "E12345678 G87654321 EA1234567",
}
TEMPLATES = """
你好，我叫{PERSON}，住在{ADDRESS}，电话{PHONE_NUMBER}。
收件人：{PERSON}，手机：{PHONE_NUMBER}，地址：{ADDRESS}
姓名：{PERSON}⏎身份证号：{CN_RESIDENT_ID}⏎联系电话：{PHONE_NUMBER}
麻烦把快递寄到{ADDRESS}，收货人{PERSON}，{PHONE_NUMBER}，谢谢！
{PERSON}{TITLE}您好，您的订单已于{DATE_TIME}发出，请保持电话{PHONE_NUMBER}畅通。
患者{PERSON}，{AGE}，{NRP}，{DATE_TIME}因腹痛入院，家属电话{PHONE_NUMBER}。
请把货款打到{CREDIT_CARD}，户名：{PERSON}。
车牌号{LICENSE_PLATE}的车主{PERSON}请速来挪车，电话{PHONE_NUMBER}。
我的身份证{CN_RESIDENT_ID}丢了，怎么补办？我在{LOCATION}。
加我微信：{USER_NAME}，或者打{PHONE_NUMBER}找我。
昨晚和{PERSON}、{PERSON}一起去了{LOCATION}，玩得很开心。
我在{ORGANIZATION}上班，今年{AGE}，来自{LOCATION}。
{PERSON}说，他{DATE_TIME}会去{LOCATION}出差。
联系人：{PERSON}　电话：{PHONE_NUMBER}　邮编：{POSTCODE}
尊敬的{PERSON}{TITLE}：感谢您光临{ORGANIZATION}。
房东叫{PERSON}，房子在{ADDRESS}，每月三千二。
护照号码：{PASSPORT}，持有人{PERSON}，出生日期{DATE_TIME}。
报警记录：{DATE_TIME}，{PERSON}驾驶{LICENSE_PLATE}小客车行驶至路口。
老师您好，我是{PERSON}的妈妈，孩子今天发烧，请假一天，我的电话是{PHONE_NUMBER}。
客服你好，我的收货地址填错了，应该是{ADDRESS}，请改一下。
应聘者{PERSON}，{AGE}，毕业于{ORGANIZATION}，现居{LOCATION}。
{PERSON}（手机{PHONE_NUMBER}）投诉送货慢。
紧急联系人：{PERSON}，关系：夫妻，电话：{PHONE_NUMBER}。
转账给{PERSON}，卡号{CREDIT_CARD}，开户行{ORGANIZATION}。
记者{PERSON}从{LOCATION}报道。
会议由{PERSON}主持，{PERSON}和{PERSON}参加了会议。
门诊病历：{PERSON}，女，{AGE}，住址：{ADDRESS}。
有事请联系{PERSON}，{PHONE_NUMBER}（微信同号）。
本人{PERSON}，身份证号码{CN_RESIDENT_ID}，特此声明。
甲方：{ORGANIZATION}，乙方：{PERSON}，签订日期：{DATE_TIME}。
快递员把包裹放在{ADDRESS}了，你下班去拿。
乘客{PERSON}，证件号{CN_RESIDENT_ID}，{DATE_TIME}从{LOCATION}出发。
我朋友{PERSON}今年{AGE}，是{NRP}，在{LOCATION}开了家小店。
客户{PERSON}来电，号码{PHONE_NUMBER}，要求{DATE_TIME}上门安装。
医生{PERSON}看了片子，说没有大问题。
寄件人{PERSON}，寄往{ADDRESS}，邮编{POSTCODE}。
我们公司在{ADDRESS}，欢迎来访。
同学{PERSON}考上了{ORGANIZATION}，大家都替他高兴。
我的银行卡{CREDIT_CARD}被盗刷了，当时人在{LOCATION}。
违章车辆{LICENSE_PLATE}，{DATE_TIME}闯红灯。
谢谢{PERSON}{TITLE}的耐心讲解，孩子进步很大。
{PERSON}，男，{NRP}，{DATE_TIME}出生，身份证{CN_RESIDENT_ID}。
请问{PERSON}在吗？我是{ORGANIZATION}的。
下单人：{PERSON}；送到：{ADDRESS}；时间：{DATE_TIME}。
我是John，中文名叫{PERSON}，my phone is {PHONE_NUMBER}。
Hi 我是{PERSON}，please ship to {ADDRESS}，thanks！
合同签字人：{PERSON}，电话：{PHONE_NUMBER}，传真：{PHONE_NUMBER}。
被告{PERSON}于{DATE_TIME}在{LOCATION}被抓获。
据{PERSON}介绍，这家店开在{LOCATION}已经五年了。
孩子叫{PERSON}，{AGE}，在{ORGANIZATION}读书。
入住人{PERSON}，证件{CN_RESIDENT_ID}，订了两晚大床房。
请{PERSON}、{PERSON}、{PERSON}三位同事明天到会议室开会。
导演{PERSON}的新片在{LOCATION}上映。
QQ：{USER_NAME}，手机号{PHONE_NUMBER}，非诚勿扰。
{PERSON}老师今天讲得真好。
本店地址：{ADDRESS}。订座电话：{PHONE_NUMBER}。
法定代表人：{PERSON}，注册地址：{ADDRESS}。
主治医师：{PERSON}　复诊时间：{DATE_TIME}
签收人：{PERSON}，已放{ADDRESS}门口。
爸爸{PERSON}和妈妈{PERSON}都是{ORGANIZATION}的退休职工。
帮我查一下{LICENSE_PLATE}的保险什么时候到期。
{DATE_TIME}，我和{PERSON}在{LOCATION}领了结婚证。
租客{PERSON}，{AGE}，籍贯{LOCATION}，电话{PHONE_NUMBER}。
经理{PERSON}让我{DATE_TIME}去{ORGANIZATION}面试。
发票抬头：{ORGANIZATION}，收票地址：{ADDRESS}，收票人：{PERSON}。
救护车把{PERSON}送到了{ORGANIZATION}，家属请速联系{PHONE_NUMBER}。
打电话给我{PHONE_NUMBER}或者加微信号{USER_NAME}。
作者：{PERSON}⏎发表于：{DATE_TIME}
村民{PERSON}告诉记者，他今年{AGE}，一直住在{ADDRESS}。
支付宝账号{PHONE_NUMBER}，实名{PERSON}，转二百元。
""".strip().split("\n")
# fmt: on
MARK = re.compile(r"\{([A-Z_]+)\}")


def texts():
    """Each text with its answers: (start, end, entity type)."""
    taken = defaultdict(int)
    for round_ in range(3):
        for template in TEMPLATES:
            yield _filled(template.replace("⏎", "\n"), taken, round_)


def _filled(template, taken, round_):
    text, answers, at = "", [], 0
    for mark in MARK.finditer(template):
        text += template[at : mark.start()]
        values = VALUES[mark[1]].split()
        value = values[(taken[mark[1]] + round_) % len(values)].replace("_", " " if mark[1] != "USER_NAME" else "_")
        taken[mark[1]] += 1
        answers.append((len(text), len(text) + len(value), mark[1]))
        text, at = text + value, mark.end()
    return text + template[at:], answers


ALL = [recognizer for recognizer in recognizers()]
TYPES = sorted({entity for recognizer in ALL for entity in recognizer.supported_entities})


def found(text):
    folded = fold(text)
    for recognizer in ALL:
        for find in recognizer.analyze(folded.text, TYPES):
            yield (*folded.span(find.start, find.end), find.entity_type, find.score)


def measured():
    """By type: characters covered by any find, characters in all; and what was covered of plain text."""
    covered, total, extra, flagged = defaultdict(int), defaultdict(int), [], 0
    missed = []
    for text, answers in texts():
        marked = {i for start, end, *_ in found(text) for i in range(start, end)}
        truth = {i for start, end, _ in answers for i in range(start, end)}
        for start, end, entity in answers:
            covered[entity] += len(marked & set(range(start, end)))
            total[entity] += end - start
            if not set(range(start, end)) <= marked:
                missed.append((entity, text[start:end], text))
        extra += [(text[start:end], text) for start, end, *_ in found(text) if not set(range(start, end)) & truth]
        flagged += len(marked - truth)
    return covered, total, flagged, missed, extra


def test_there_are_at_least_200_texts():
    assert len({text for text, _ in texts()}) >= 200


@pytest.fixture(scope="module")
def outcome():
    return measured()


def test_direct_identifiers_are_all_covered(outcome):
    covered, total, _, missed, _ = outcome
    direct = ("PHONE_NUMBER", "CN_RESIDENT_ID", "CREDIT_CARD", "LICENSE_PLATE", "PASSPORT")
    assert not [m for m in missed if m[0] in direct]
    assert all(covered[entity] == total[entity] > 0 for entity in direct)


def test_of_all_characters_at_least_97_in_100_are_covered(outcome):
    covered, total, *_ = outcome
    assert sum(covered.values()) >= 0.97 * sum(total.values())


def test_of_each_type_at_least_9_in_10_characters_are_covered(outcome):
    covered, total, *_ = outcome
    assert {e: covered[e] / total[e] for e in total if covered[e] < 0.9 * total[e]} == {}


def test_of_what_is_covered_at_least_95_in_100_characters_are_personal(outcome):
    covered, _, flagged, *_ = outcome
    assert flagged <= 0.05 * (sum(covered.values()) + flagged)
