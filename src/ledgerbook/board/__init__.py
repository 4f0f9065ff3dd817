"""Write 看板.html: the year on one page for a browser, from the ledger, without personal data."""

from ledgerbook.board.page import BOARD_NAME, write_board

__all__ = ["BOARD_NAME", "write_board"]
