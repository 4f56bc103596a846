"""Puts this folder's fixture modules on the path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from house_fixtures import house, mlflow_template  # noqa: E402, F401
