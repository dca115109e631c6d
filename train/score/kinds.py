"""What the columns of a CSV file are, told by the model's contract instead of a guess."""

import re
from collections.abc import Collection

from scoring_model.contract import Contract
from train.data.engines import connect, reading
from train.data.schema import CLIENT, Kind
from train.data.sources import Source

LOOKED_AT = 20_480
"""First rows that tell whether ids are numbers, and categories names or positions."""

WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")


def csv_kinds(source: Source, contract: Contract) -> dict[str, Kind]:
    """{column: kind} of every column of a CSV file, of which only the first rows are read.

    A category is text, unless every value of it is a whole number and no category's name: then it
    came as its position. Columns that the contract does not name are text, which nobody looks at.
    Raises UnreadableTable.
    """
    con = connect("duckdb")
    with reading(source.table):
        texts = con.read_csv(source.path, all_varchar=True, header=True)
        coded = {f.name: f.categories for f in contract.features if f.kind == "category"}
        looked_at = [name for name in (contract.id, *coded) if name in texts.columns]
        found = texts.select(looked_at).limit(LOOKED_AT).to_pyarrow() if looked_at else {}
    kinds: dict[str, Kind] = dict.fromkeys(texts.columns, "text")
    kinds |= {f.name: "number" for f in contract.features if f.name in kinds}
    for name in looked_at:
        kinds[name] = _kind(found[name].unique().to_pylist(), coded.get(name, ()))
    if contract.id == CLIENT and CLIENT in kinds:
        kinds[CLIENT] = "integer"
    return kinds


def _kind(texts: Collection[str | None], categories: Collection[str]) -> Kind:
    known = {text for text in texts if text is not None}
    whole = bool(known) and all(WHOLE.fullmatch(text) for text in known)
    return "integer" if whole and known.isdisjoint(categories) else "text"
