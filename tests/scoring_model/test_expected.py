"""What the model says of its example at training is what it says wherever it serves."""

import json

import pytest

from scoring_model.expected import TOLERANCE, Expected

EXPECTED = Expected([{"ID": 1, "AGE": None}, {"ID": 2}], [0.25, 1.0])


def test_it_comes_back_from_json_equal():
    assert Expected.from_json(EXPECTED.to_json()) == EXPECTED


def test_every_bit_of_a_solvency_comes_back():
    odd = Expected([{}], [0.1 + 0.2])
    assert Expected.from_json(odd.to_json()).solvencies == [0.1 + 0.2]


def test_clients_are_asked_about_as_json_keeps_them():
    asked = []

    def predict(clients):
        asked.extend(clients)
        return [{"solvency": 0.5} for _ in clients]

    expected = Expected.of([{"A": (1, 2)}], predict)
    assert asked == expected.clients == json.loads(json.dumps([{"A": (1, 2)}]))


@pytest.mark.parametrize(
    ("solvencies", "holds"),
    [
        ([0.25, 1.0], True),
        ([0.25 + TOLERANCE / 2, 1.0 - TOLERANCE / 2], True),
        ([0.25 + 2 * TOLERANCE, 1.0], False),
        ([1.0, 0.25], False),
        ([0.25], False),
        ([0.25, 1.0, 1.0], False),
        ([0.25, float("nan")], False),
    ],
)
def test_only_the_last_bits_may_differ(solvencies, holds):
    assert EXPECTED.holds(solvencies) is holds


@pytest.mark.parametrize(("clients", "solvencies"), [([], []), ([{}], []), ([{}], [0.1, 0.2])])
def test_there_is_one_solvency_a_client(clients, solvencies):
    with pytest.raises(ValueError, match="one solvency"):
        Expected(clients, solvencies)
