"""Tests that drive a real LibreOffice."""
