"""Book → the workbooks that go out to the sections.

What stands where on them is in :mod:`ledgerbook.issue.layout`, the contract with
intake; the other modules draw it.
"""
