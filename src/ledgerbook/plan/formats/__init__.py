"""The tables of a plan, from each format that plans come in."""
