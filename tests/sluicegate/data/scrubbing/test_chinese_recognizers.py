import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from sluicegate.data.scrubbing.folding import fold
from sluicegate.data.scrubbing.recognizers.chinese import recognizers

ALL = recognizers()
TYPES = sorted({entity for recognizer in ALL for entity in recognizer.supported_entities})


def finds(text, entity, least=0.0):
    """What was found of one type: the text of each find and its score."""
    folded = fold(text)
    found = [f for r in ALL if entity in r.supported_entities for f in r.analyze(folded.text, [entity])]
    return {text[slice(*folded.span(f.start, f.end))]: f.score for f in found if f.score >= least}


@pytest.mark.parametrize(
    ("text", "entity", "expected"),
    [
        pytest.param("我叫王小明。", "PERSON", {"王小明"}, id="introduced"),
        pytest.param("姓名：欧阳娜娜", "PERSON", {"欧阳娜娜"}, id="compound surname behind a label"),
        pytest.param("請找陳偉傑先生", "PERSON", {"陳偉傑"}, id="traditional characters"),
        pytest.param("张伟、李娜和刘洋都到了", "PERSON", {"张伟", "李娜", "刘洋"}, id="list"),
        pytest.param("找王先生或李医生", "PERSON", {"王", "李"}, id="surname and title"),
        pytest.param("导演史蒂文·斯皮尔伯格来了", "PERSON", {"史蒂文·斯皮尔伯格"}, id="raised dot"),
        pytest.param("总统克林顿表示欢迎", "PERSON", {"克林顿"}, id="foreign name behind a role"),
        pytest.param("我是John Smith, 电话 138-1234-5678", "PERSON", {"John Smith"}, id="mixed languages"),
        pytest.param("记者陈思远报道。陈思远昨天到", "PERSON", {"陈思远"}, id="a second mention"),
        pytest.param("王先生和李女士", "TITLE", {"先生", "女士"}, id="titles"),
        pytest.param(
            "住在杭州市西湖区文三路478号2幢301室。", "ADDRESS", {"杭州市西湖区文三路478号2幢301室"}, id="whole address"
        ),
        pytest.param("寄到幸福小区5号楼2单元301", "ADDRESS", {"幸福小区5号楼2单元301"}, id="estate"),
        pytest.param("住址:湖南省长沙县跑马镇李家村12号", "ADDRESS", {"湖南省长沙县跑马镇李家村12号"}, id="village"),
        pytest.param("地址：张江路88弄12号602", "ADDRESS", {"张江路88弄12号602"}, id="lane"),
        pytest.param(
            "Room 301, No. 5 Xueyuan Rd, Haidian District, Beijing 100083",
            "ADDRESS",
            {"Room 301, No. 5 Xueyuan Rd, Haidian District, Beijing 100083"},
            id="English form",
        ),
        pytest.param("飞往纽约，再去江苏省昆山市", "LOCATION", {"纽约", "江苏省昆山市"}, id="places"),
        pytest.param("电话13812345678转告", "PHONE_NUMBER", {"13812345678"}, id="mobile without spaces around"),
        pytest.param("打+86 138 1234 5678", "PHONE_NUMBER", {"+86 138 1234 5678"}, id="country code"),
        pytest.param("打0086-138-1234-5678", "PHONE_NUMBER", {"0086-138-1234-5678"}, id="country code with zeros"),
        pytest.param("手机１３８１２３４５６７８", "PHONE_NUMBER", {"１３８１２３４５６７８"}, id="full-width"),
        pytest.param("幺三八一二三四五六七八", "PHONE_NUMBER", {"幺三八一二三四五六七八"}, id="spelt"),
        pytest.param("1 3 8 1 2 3 4 5 6 7 8", "PHONE_NUMBER", {"1 3 8 1 2 3 4 5 6 7 8"}, id="digits apart"),
        pytest.param("座机010-62345678转801", "PHONE_NUMBER", {"010-62345678转801"}, id="landline with extension"),
        pytest.param("热线400-820-8820", "PHONE_NUMBER", {"400-820-8820"}, id="service number"),
        pytest.param("车牌京A·12345，粤BD12345", "LICENSE_PLATE", {"京A·12345", "粤BD12345"}, id="plates"),
        pytest.param(
            "京A1234警 沪C1234挂 使014578", "LICENSE_PLATE", {"京A1234警", "沪C1234挂", "使014578"}, id="special plates"
        ),
        pytest.param("护照E12345678", "PASSPORT", {"E12345678"}, id="passport"),
        pytest.param("加我微信：wx_abc123", "USER_NAME", {"wx_abc123"}, id="WeChat"),
        pytest.param("我的QQ12345678", "USER_NAME", {"12345678"}, id="QQ"),
        pytest.param("生于二〇二四年三月五日", "DATE_TIME", {"二〇二四年三月五日"}, id="day in numerals"),
        pytest.param("农历八月十五", "DATE_TIME", {"农历八月十五"}, id="lunar day"),
        pytest.param("他今年三十五岁", "AGE", {"三十五岁"}, id="age"),
        pytest.param("在北京星河科技有限公司上班", "ORGANIZATION", {"北京星河科技有限公司"}, id="company"),
        pytest.param("开户行中国工商银行杭州西湖支行", "ORGANIZATION", {"中国工商银行杭州西湖支行"}, id="branch"),
        pytest.param("民族：汉", "NRP", {"汉"}, id="people by label"),
        pytest.param("邮编100080", "POSTCODE", {"100080"}, id="postcode"),
        pytest.param("住院号：2024001234", "MEDICAL_ID", {"2024001234"}, id="record number"),
        pytest.param("车架号LFV3A23C8F3000001", "LICENSE_PLATE", {"LFV3A23C8F3000001"}, id="vehicle number"),
    ],
)
def test_what_is_found(text, entity, expected):
    assert set(finds(text, entity)) == expected


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        pytest.param("高兴地说，任何时候都可以，白天马上就到，方便极了", "PERSON", id="words that begin with surnames"),
        pytest.param("这家超市在城市中心，马路对面就是，小区里很安静", "ADDRESS", id="plain places"),
        pytest.param("工程建设过程中，关于程度的问题", "PERSON", id="words that end in surnames"),
        pytest.param("一家物流公司，附近的医院和学校", "ORGANIZATION", id="plain organisations"),
        pytest.param("用了十年，三点意见，第二章", "DATE_TIME", id="spans and counts"),
        pytest.param("订单编号20240305138123456789", "PHONE_NUMBER", id="a mobile inside a longer number"),
        pytest.param("价格12345678901元", "PHONE_NUMBER", id="eleven digits that no mobile begins with"),
        pytest.param("第5条，3.14159，版本1.2.3", "CN_RESIDENT_ID", id="numbers"),
    ],
)
def test_what_is_left_alone(text, entity):
    assert finds(text, entity) == {}


@pytest.mark.parametrize(
    ("text", "entity", "score"),
    [
        pytest.param("11010519491231002X", "CN_RESIDENT_ID", 1.0, id="resident id whose checksum holds"),
        pytest.param("身份证110105194912310021", "CN_RESIDENT_ID", 0.6, id="wrong checksum behind its name"),
        pytest.param("110105194912310021", "CN_RESIDENT_ID", 0.45, id="wrong checksum alone"),
        pytest.param("身份证110105491231002", "CN_RESIDENT_ID", 0.85, id="fifteen digits behind their name"),
        pytest.param("卡号4111111111111111", "CREDIT_CARD", 1.0, id="card whose checksum holds"),
        pytest.param("卡号4111111111111112", "CREDIT_CARD", 0.6, id="card whose checksum does not"),
        pytest.param("A123456(3)", "NATIONAL_ID", 1.0, id="Hong Kong, worked by hand"),
        pytest.param("身分證A123456789", "NATIONAL_ID", 1.0, id="Taiwan, worked by hand"),
        pytest.param("91350100M000100Y43", "TAX_ID", 1.0, id="credit code whose checksum holds"),
        pytest.param("信用代码91350100M000100Y44", "TAX_ID", 0.6, id="credit code whose checksum does not"),
    ],
)
def test_a_checksum_decides_the_score(text, entity, score):
    assert list(finds(text, entity).values()) == [score]


@pytest.mark.parametrize("text", ["A123456(4)", "A123456780", "91350100M000100Y44", "110105194913310021"])
def test_numbers_whose_checksum_or_day_does_not_hold_are_left_alone_without_a_name(text):
    assert finds(text, "NATIONAL_ID") == finds(text, "TAX_ID") == finds(text, "CN_RESIDENT_ID", 0.5) == {}


@given(st.dates(), st.integers(0, 999))
def test_the_checksum_is_that_of_a_library(day, number):
    body = f"110105{day.year:04}{day.month:02}{day.day:02}{number:03}"
    check = ric.calc_check_digit(body + "0")
    if 1880 <= day.year < 2100:
        assert finds(body + check, "CN_RESIDENT_ID") == {body + check: 1.0}


@pytest.mark.parametrize(
    "text",
    [
        "1" * 10_000,
        "138 " * 2_500,
        "1-" * 5_000,
        "省市区县路" * 2_000,
        "中山" * 5_000,
        "王" * 10_000,
        "王小" * 5_000,
        "公司" * 5_000,
        "一" * 10_000,
        "二〇二四年" * 2_000,
        "Room 1, " * 1_250,
        "A" * 10_000,
        "斯·" * 5_000,
        "6222 " * 2_000,
        "微信" * 5_000,
        "姓名：" * 3_000,
        "Aa " * 3_300,
        "(" * 10_000,
        "北京" * 4_999 + "5号",
    ],
    ids=lambda text: re.sub(r"\W", "_", text[:6]),
)
@pytest.mark.timeout(20)
def test_no_text_makes_the_search_walk_far(text):
    for recognizer in ALL:
        recognizer.analyze(text, TYPES)


@given(st.text(st.sampled_from("王李小明省市路号12３8-x@·年月日岁 ：,.A(）"), max_size=60))
def test_every_find_lies_in_the_text_and_is_of_a_type_that_was_asked_for(text):
    folded = fold(text).text
    for recognizer in ALL:
        for find in recognizer.analyze(folded, TYPES):
            assert 0 <= find.start < find.end <= len(folded)
            assert find.entity_type in recognizer.supported_entities
            assert find.score in (1.0, 0.85, 0.6, 0.45)
