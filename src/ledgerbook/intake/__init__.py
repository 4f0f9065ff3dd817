"""Read an untrusted file: check, read, identify, parse. The result is its answers and problems."""
