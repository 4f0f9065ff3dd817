"""Files that came back, each read in a process of its own, into what they say."""
