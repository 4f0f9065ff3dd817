"""Run ledgerbook as ``python -m ledgerbook``."""

from ledgerbook.cli.app import main

# Worker processes import this module again under another name and must not run it.
if __name__ == "__main__":
    main()
