"""Reading tables, and the clients they hold as a matrix of columns."""
