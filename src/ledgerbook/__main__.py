"""Run ledgerbook as ``python -m ledgerbook``."""

from ledgerbook.cli import main

main()
