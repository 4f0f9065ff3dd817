"""Workbooks made: the one seam to XlsxWriter, type and its measure, fixed times."""
