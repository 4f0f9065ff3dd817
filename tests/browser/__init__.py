"""Tests that open the board in a real Chromium."""
