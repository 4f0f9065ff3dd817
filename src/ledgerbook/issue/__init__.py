"""Build what goes out to the sections: workbooks, correction workbooks, mails, notice.

:mod:`ledgerbook.issue.layout` defines the rows, columns and labels of an issued sheet, the
contract with ``intake``; the other modules draw it. Start reading at
:func:`ledgerbook.issue.workbook.issue_round`.
"""
