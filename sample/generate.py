"""All tables of a sample, block after block."""

import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from sample.application import application_columns
from sample.block import Block, blocks
from sample.bureau import draw_bureau
from sample.bureau_balance import draw_bureau_balance
from sample.card_balance import card_columns, card_instalments
from sample.card_life import live
from sample.clients import Clients, draw_clients
from sample.draw import Columns
from sample.errors import SampleError
from sample.facts import Facts, load
from sample.instalments import instalment_columns
from sample.loan import draw_loan
from sample.loans import draw_loans
from sample.pos import pos_columns
from sample.previous import draw_applications
from sample.previous_columns import previous_columns
from sample.previous_terms import draw_terms
from sample.target import default_score, draw_target
from sample.write import FolderWriter, Format, arrow

Tables = dict[str, pa.Table]


def generate(
    out: Path, scale: float, format_: Format = "parquet", seed: int = 0, workers: int = 2
) -> None:
    """Write all eight files to the folder `out`, at `scale` of the published number of clients.

    The same scale and seed give the same rows whatever the number of worker processes. Raises
    SampleError.
    """
    if not 0 < scale <= 1:
        raise SampleError(f"--scale must be above 0 and at most 1, got {scale:g}")
    if seed < 0:
        raise SampleError(f"--seed must be 0 or more, got {seed}")
    facts = load()
    todo = blocks(facts, scale, seed)
    with FolderWriter(out, facts.tables, format_) as writer:
        made = _in_order(todo, min(workers, len(todo)))
        for tables in tqdm(made, total=len(todo), unit="block", file=sys.stderr, desc=str(out)):
            writer.write(tables)
    (out / "GENERATED.txt").write_text("These clients are made up by python -m sample.\n")


def _in_order(todo: list[Block], workers: int) -> Iterator[Tables]:
    """Each block's tables, in order, with no more than a few blocks waiting to be written."""
    if workers < 2:
        yield from map(block_tables, todo)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: deque[Future[Tables]] = deque()
        for block in todo:
            waiting.append(pool.submit(block_tables, block))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def block_tables(block: Block) -> Tables:
    """The rows of every table that belong to the block's clients."""
    facts = load()
    clients = draw_clients(block, facts)
    bureau, credits = draw_bureau(block, clients, facts)
    columns = {
        **_applications(block, clients, facts),
        "bureau": bureau,
        "bureau_balance": draw_bureau_balance(block, clients, credits, facts),
        **_previous(block, clients, facts),
    }
    return {name: arrow(columns[name], table) for name, table in facts.tables.items()}


def _applications(block: Block, clients: Clients, facts: Facts) -> dict[str, Columns]:
    goods = facts.tables["application_train"].columns["AMT_GOODS_PRICE"]
    loan = draw_loan(block.rng("loan"), clients, goods)
    columns = application_columns(block, clients, loan, facts)
    score = default_score(clients, loan, columns, facts)
    columns["TARGET"] = draw_target(block.rng("target"), score, clients.train)
    return {
        f"application_{part}": {name: _rows(values, where) for name, values in columns.items()}
        for part, where in (("train", clients.train), ("test", ~clients.train))
    }


def _rows(values: np.ndarray | pa.Array, where: np.ndarray) -> np.ndarray | pa.Array:
    return values[where] if isinstance(values, np.ndarray) else values.filter(pa.array(where))


def _previous(block: Block, clients: Clients, facts: Facts) -> dict[str, Columns]:
    apps = draw_applications(block, clients, facts)
    terms = draw_terms(block, clients, apps, facts)
    loans, cards = draw_loans(block, clients, apps, terms, facts)
    life = live(block.rng("card life"), clients, cards)
    paid = instalment_columns(block.rng("instalments"), clients, loans)
    by_card = card_instalments(block.rng("card instalments"), clients, cards, life)
    return {
        "previous_application": previous_columns(block, clients, apps, terms, facts),
        "POS_CASH_balance": pos_columns(block.rng("pos"), clients, loans),
        "installments_payments": {k: np.concatenate([paid[k], by_card[k]]) for k in paid},
        "credit_card_balance": card_columns(block.rng("card"), clients, cards, life),
    }
