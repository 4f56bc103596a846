from pathlib import Path

import pandas as pd
import pytest

from sluicegate.data.validation.suites import load_suite
from sluicegate.drafting import draft
from sluicegate.errors import InputRefused
from sluicegate.policy import default_rule, load_policy
from sluicegate.spec import load_spec


def table(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"text": ["a b", "c d"] * 4, "label": ["yes", "no"] * 4} | columns)


def drafted(data: Path, **changes: object):
    settings = {"model": None, "text": None, "label": None, "groups": [], "owner": "ole"}
    return draft(data, out=data.parent, **(settings | changes))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_what_is_drafted_from_two_columns_is_a_spec_that_loads(tmp_path: Path, kind: str) -> None:
    data = tmp_path / f"My Reviews.{kind}"
    frame = table()
    {
        "csv": lambda: frame.to_csv(data, index=False),
        "jsonl": lambda: frame.to_json(data, orient="records", lines=True),
        "parquet": lambda: frame.to_parquet(data),
    }[kind]()
    written = drafted(data)
    loaded = load_spec(written.spec)
    assert (loaded.spec.model, loaded.spec.data.labels) == ("my-reviews", ["no", "yes"])
    assert (loaded.spec.owner, loaded.spec.reviewers) == ("ole", [])
    policy = load_policy(loaded.resolve(loaded.spec.policy), loaded.spec)
    assert {stage: policy.rule(stage) for stage in loaded.spec.stages} == {
        stage: default_rule(stage) for stage in ("internal", "restricted", "public")
    }
    assert len(load_suite(loaded.resolve(loaded.spec.validation.suite), ["id", "text", "label"]).expectations) > 5


@pytest.mark.parametrize(
    ("text", "language"), [("a b", "en"), ("好吃 ok", "en"), ("很好吃的面 ok", "zh"), ("12 !", "en")]
)
def test_the_language_of_the_texts_is_looked_at(tmp_path: Path, text: str, language: str) -> None:
    table(text=[text] * 8).to_csv(tmp_path / "d.csv", index=False)
    assert load_spec(drafted(tmp_path / "d.csv").spec).spec.evidence.languages == [language]


def test_groups_come_into_spec_suite_and_policy(tmp_path: Path) -> None:
    table(region=["north", "south"] * 4).to_csv(tmp_path / "d.csv", index=False)
    loaded = load_spec(drafted(tmp_path / "d.csv", groups=["region"]).spec)
    checks = [limit.check for limit in load_policy(loaded.resolve(loaded.spec.policy), loaded.spec).limits("internal")]
    assert "group.macro_f1_gap[region]" in checks
    load_suite(loaded.resolve(loaded.spec.validation.suite), ["id", "text", "label", "region"])


@pytest.mark.parametrize(
    ("frame", "changes", "line"),
    [
        pytest.param(
            table().rename(columns={"text": "x", "label": "y"}), {}, "say --text NAME; it has x, y", id="names"
        ),
        pytest.param(table(), {"label": "verdict"}, "there is no column 'verdict'", id="missing column"),
        pytest.param(table(label=["same"] * 8), {}, "label: has 1 different values", id="one label"),
        pytest.param(table().head(0), {}, "holds no rows", id="empty"),
        pytest.param(table(id=["1"] * 8), {"groups": ["id"]}, "'id' is a reserved name", id="reserved group"),
    ],
)
def test_data_that_cannot_be_drafted_from_is_one_clear_line(
    tmp_path: Path, frame: pd.DataFrame, changes: dict, line: str
) -> None:
    frame.to_csv(tmp_path / "d.csv", index=False)
    with pytest.raises(InputRefused, match=line):
        drafted(tmp_path / "d.csv", **changes)
    assert [p.name for p in tmp_path.iterdir()] == ["d.csv"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    table().to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "d.policy.yaml").write_text("mine")
    with pytest.raises(InputRefused, match=r"d.policy.yaml: is there already"):
        drafted(tmp_path / "d.csv")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d.csv", "d.policy.yaml"]
