"""Make .xlsx workbooks: the only room that imports XlsxWriter.

``workbook_writer`` makes workbooks, ``sheet_writer`` and ``tables`` draw sheets and tables,
``styles`` and ``pagination`` measure texts and pages, ``names`` and ``limits`` keep to what
Excel accepts, ``deterministic_zip`` saves what openpyxl and python-docx make.
"""
