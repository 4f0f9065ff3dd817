"""The command line: parse options, run the commands and print their results in Chinese."""
