"""Word documents in the typography of official papers (GB/T 9704)."""
