import pytest

from sluicegate.settings import silence_telemetry

silence_telemetry()  # before the import, which reads the environment

from sluicegate.data.validation.expectations.rights import is_allowed  # noqa: E402

ALLOWED = frozenset({"mit", "apache-2.0", "apache-2.0 with llvm-exception", "cc-by-4.0"})


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        pytest.param("MIT", True, id="listed"),
        pytest.param("mit", True, id="in any case"),
        pytest.param("GPL-3.0-only", False, id="not listed"),
        pytest.param("MIT OR GPL-3.0-only", True, id="one of two will do"),
        pytest.param("MIT AND GPL-3.0-only", False, id="both are needed"),
        pytest.param("(MIT OR GPL-3.0-only) AND CC-BY-4.0", True, id="nested"),
        pytest.param("Apache-2.0 WITH LLVM-exception", True, id="with its exception"),
        pytest.param("Apache-2.0 WITH Classpath-exception-2.0", False, id="with another exception"),
        pytest.param("Kettle-1.0", False, id="no SPDX name"),
        pytest.param("MIT OR", False, id="half an expression"),
        pytest.param("", False, id="empty"),
        pytest.param("all rights reserved", False, id="words"),
    ],
)
def test_a_licence_is_allowed_if_it_can_be_met_with_those_listed(expression, allowed):
    assert is_allowed(expression, ALLOWED) is allowed
