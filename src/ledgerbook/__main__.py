"""Run ledgerbook as ``python -m ledgerbook``."""

from ledgerbook.cli.app import main

# Worker processes import this module again; only the first may run.
if __name__ == "__main__":
    main()
