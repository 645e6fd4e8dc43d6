"""Helpers of the reference tests: the small files of the analysis tests."""

import sys
from pathlib import Path

for folder in (Path(__file__).parent, Path(__file__).parents[1] / "unit" / "analysis"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
