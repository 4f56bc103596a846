"""What docs/notebook.md shows, as a notebook's cell runs it: in a loop of asyncio, without a module of its own."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

PAGE = Path(__file__).parents[3] / "docs" / "notebook.md"


def cell() -> str:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_page_s_cell_trains_a_model_and_asks_it(
    base_model: Path, rows: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(base_model, tmp_path / "base")
    for part in ("train", "validation"):
        shutil.copy(rows[part], tmp_path / f"{part}.parquet")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}

    async def kernel() -> None:
        exec(compile(cell(), "cell", "exec"), names)

    asyncio.run(kernel())

    assert set(names["answers"][0]) == set(names["labels"])
    assert sum(names["answers"][0].values()) == pytest.approx(1)
    curve: pd.DataFrame = names["curve"]
    assert curve["step"].is_monotonic_increasing
    assert curve["loss"].dropna().iloc[-1] < curve["loss"].dropna().iloc[0]


def test_the_library_needs_no_prefect_and_no_mlflow_and_pytorch_only_to_train() -> None:
    code = (
        "import sys; from sluicegate.training import fine_tune; assert 'torch' not in sys.modules;"
        "from sluicegate.training import load, pack; print(*({'prefect', 'mlflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""
