"""What a user would write instead: pandas reads each file, concatenates, writes."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

_HEAD = 4


def main() -> None:
    """Read the folder named first, write the workbook named second."""
    paths = sorted(Path(sys.argv[1]).glob("*.xlsx"))
    frames = [pd.read_excel(path, engine="openpyxl", header=_HEAD) for path in paths]
    pd.concat(frames).to_excel(sys.argv[2])


if __name__ == "__main__":
    main()
