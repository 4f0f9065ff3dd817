"""Concatenate all returns with pandas, as a user would write it."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

_HEADER_ROW = 4


def main() -> None:
    """Read the folder given first, write the workbook given second."""
    paths = sorted(Path(sys.argv[1]).glob("*.xlsx"))
    frames = [pd.read_excel(path, engine="openpyxl", header=_HEADER_ROW) for path in paths]
    pd.concat(frames).to_excel(sys.argv[2])


if __name__ == "__main__":
    main()
