"""Family J: models of single rows of the history, whose scores become a client's columns."""
