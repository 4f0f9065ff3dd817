"""Read a returned workbook of any format (.xlsx, .xls, .et, .ods) into a RawWorkbook."""
