"""Tests that save workbooks with other programs."""
