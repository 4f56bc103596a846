"""The registry's house serves these tests too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "registry"))

from house_fixtures import house, mlflow_template  # noqa: E402, F401
