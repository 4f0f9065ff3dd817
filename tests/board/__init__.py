"""Tests of the board: what stands in it, and what never does."""
