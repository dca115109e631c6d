"""Models fitted on clients: which columns, which trees, how many, judged in folds."""
