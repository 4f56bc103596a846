"""What is written alike in every language is found between Chinese characters, which put no space around it."""

from __future__ import annotations

import pytest

from sluicegate.data.scrubbing.recognizers import chinese, common, english

RECOGNIZERS = [*common.recognizers(), *english.recognizers(), *chinese.recognizers()]
TYPES = {entity for recognizer in RECOGNIZERS for entity in recognizer.supported_entities}


@pytest.mark.parametrize(
    ("before", "value", "after", "entity"),
    [
        ("邮箱是", "zhang.san@example.com", "请查收", "EMAIL_ADDRESS"),
        ("服务器", "192.168.1.1", "挂了", "IP_ADDRESS"),
        ("网址", "www.example.com.cn", "看看", "URL"),
        ("见", "https://example.com/a?b=1", "的说明", "URL"),
        ("卡号", "4111111111111111", "刷了", "CREDIT_CARD"),
        ("地址", "00:1A:2B:3C:4D:5E", "的", "MAC_ADDRESS"),
        ("账户", "GB33BUKB20201555555555", "汇款", "IBAN_CODE"),
        ("密码:", "Abc12345", "请保密", "SECRET"),
        ("密码是", "Abc12345", "", "SECRET"),
        ("メールは", "hanako@example.jp", "です", "EMAIL_ADDRESS"),
        ("이메일은", "hong@example.kr", "입니다", "EMAIL_ADDRESS"),
        ("อีเมล", "somchai@example.co.th", "ครับ", "EMAIL_ADDRESS"),
    ],
)
def test_it_is_found_whole_and_alone(before: str, value: str, after: str, entity: str) -> None:
    text = before + value + after
    found = {
        text[result.start : result.end]
        for recognizer in RECOGNIZERS
        for result in recognizer.analyze(text, TYPES, None)
        if result.entity_type == entity
    }
    assert value in found
    assert not any(set(before + after) - set("是:") & set(each) for each in found)
