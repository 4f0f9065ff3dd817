"""Read the tables of a plan from one file format each.

Every reader takes the bytes or text of a file and returns a PlanDocument with all its
tables; it does not decide which of them is the plan. ``flat_text`` and
``outline`` read text without cells and return a PlanTable. ``plan.reader`` chooses the
reader by the file's content.
"""
