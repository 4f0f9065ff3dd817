"""The bytes of a workbook in any format that comes back → its raw cells."""
