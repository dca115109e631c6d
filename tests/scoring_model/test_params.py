import numpy as np
import pytest

from scoring_model.errors import InvalidParameter
from scoring_model.params import Params


def test_none_and_nothing_are_the_defaults():
    assert Params.read({}) == Params.read({"threshold": None, "lang": None}) == Params()


@pytest.mark.parametrize("convert", [lambda value: value, np.array])
def test_values_are_read_as_python_objects(convert):
    given = {"threshold": 0.5, "reasons": 3, "checks": True, "min_coverage": 1, "lang": "fr"}
    read = Params.read({name: convert(value) for name, value in given.items()})
    assert read == Params(0.5, 3, True, 1.0, "fr", "raise")
    assert type(read.reasons) is int
    assert type(read.checks) is bool


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("threshold", value) for value in (-0.1, 1.1, float("nan"), "0.5", True, [0.5])],
        *[("reasons", value) for value in (-1, 1.5, "2", True, [1])],
        *[("counterfactuals", value) for value in (-1, 4, 1.5, "2", True)],
        *[("checks", value) for value in ("yes", 1, [True])],
        *[("min_coverage", value) for value in (2, "x", np.array([0.1, 0.2]))],
        *[("lang", value) for value in ("de", 1, ["en"])],
        *[("invalid_rows", value) for value in ("ignore", True)],
    ],
)
def test_another_value_is_an_error_that_names_the_parameter(name, value):
    with pytest.raises(InvalidParameter, match=name) as error:
        Params.read({name: value})
    assert error.value.name == name


def test_unknown_names_are_an_error_that_lists_the_known_ones():
    with pytest.raises(InvalidParameter, match="treshold") as error:
        Params.read({"treshold": 0.5, "reasons": 1})
    assert all(name in error.value.expected for name in ("threshold", "reasons", "lang"))
