"""A record of every decision: append-only, tamper-evident, with reviews and outcomes.

`ledger.Ledger` keeps decisions; the functions of `reading`, `reviews` and `outcomes` take its
`database`. `decision`, `settings` and `errors` need no library of a database.
`credit-scoring ledger --help` lists what an operator can do.
"""
