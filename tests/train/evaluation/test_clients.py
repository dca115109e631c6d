import numpy as np
import pyarrow as pa
import pytest

from train.evaluation import clients as drawing
from train.evaluation.clients import Clients, Scored, drawn, keys
from train.evaluation.fairness import Grouping

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(50, 3))
X[3, 1] = np.nan
Y = RANDOM.integers(0, 2, 50).astype(np.int8)
GROUPS = (Grouping("gender", "sex", np.array(["F", "M"] * 25, object)),)
CLIENTS = Clients(np.arange(50), Y, GROUPS, persons=np.arange(50) // 2)
STORED = Scored(CLIENTS, X[:, 0], X[:, 0] > 0, keys(X))


@pytest.mark.parametrize("scored", [STORED, Scored(Clients(np.array(["a"]), Y[:1]), X[:1, 0])])
def test_what_is_written_is_read_back(scored, tmp_path):
    scored.write(tmp_path / "scored.parquet")
    read = Scored.read(tmp_path / "scored.parquet")
    for name in ("probability", "lent", "keys"):
        assert np.array_equal(getattr(read, name), getattr(scored, name))
    for name in ("ids", "defaulted", "persons"):
        assert np.array_equal(getattr(read.clients, name), getattr(scored.clients, name))
    assert len(read.clients.groupings) == len(scored.clients.groupings)


def test_clients_are_known_by_their_ids():
    rows = np.array([7, 3, 30])
    assert STORED.places(CLIENTS.at(rows)).tolist() == [7, 3, 30]
    strangers = Clients(np.arange(100, 103), Y[:3])
    assert STORED.places(strangers).tolist() == [-1, -1, -1]


def test_clients_with_other_ids_are_known_by_the_content_of_their_rows():
    rows = np.arange(40, 0, -1)
    other = Clients(np.arange(40), Y[rows])
    assert (STORED.places(other) == -1).all()
    assert STORED.places(other, keys(X[rows])).tolist() == rows.tolist()


def test_rows_that_several_clients_share_tell_nobody_apart():
    shared = Scored(CLIENTS, X[:, 0], None, keys(np.vstack([X[:25], X[:25]])))
    assert (shared.places(CLIENTS, keys(X)) == -1).all()


def test_equal_content_with_other_outcomes_is_of_other_clients():
    assert (STORED.places(Clients(np.arange(50), 1 - Y), keys(X)) == -1).all()


def test_a_table_says_which_clients_it_holds():
    table = pa.table({"id": [5, 6], "y": [0, 1], "CODE_GENDER": ["F", "M"], "person": ["a", "a"]})
    made = Clients.of(table, "id", "y", "person")
    assert made.ids.tolist() == [5, 6]
    assert made.defaulted.tolist() == [0, 1]
    assert made.persons[0] == made.persons[1]
    assert made.at(np.array([1])).table.num_rows == 1


def test_of_many_clients_a_fixed_draw_is_compared(monkeypatch):
    monkeypatch.setattr(drawing, "MOST_CLIENTS", 7)
    rows = np.arange(10, 50)
    first, again = drawn(rows, 0), drawn(rows, 0)
    assert first.tolist() == again.tolist() == sorted(set(first.tolist()))
    assert len(first) == 7
    assert set(first) <= set(rows)
