"""The building that the client lives in: 14 measures, each as mean, mode and median, and types."""

import numpy as np

from sample.clients import Clients
from sample.draw import Bools, Columns, Floats, quantile, ranks
from sample.facts import Table

# Each measure's correlation with the quality of the building
MEASURES = {
    "APARTMENTS": 0.85,
    "BASEMENTAREA": 0.65,
    "YEARS_BEGINEXPLUATATION": 0.2,
    "YEARS_BUILD": 0.5,
    "COMMONAREA": 0.55,
    "ELEVATORS": 0.8,
    "ENTRANCES": 0.5,
    "FLOORSMAX": 0.8,
    "FLOORSMIN": 0.65,
    "LANDAREA": 0.4,
    "LIVINGAPARTMENTS": 0.8,
    "LIVINGAREA": 0.9,
    "NONLIVINGAPARTMENTS": 0.2,
    "NONLIVINGAREA": 0.35,
}
TYPES = ("FONDKAPREMONT_MODE", "HOUSETYPE_MODE", "WALLSMATERIAL_MODE", "EMERGENCYSTATE_MODE")


def unknown_building(rng: np.random.Generator, clients: Clients) -> Floats:
    """How little is known of each client's building: the lower, the more is filled."""
    return clients.mix(rng.standard_normal(len(clients)), FLOORSMAX_AVG=-0.15, EXT_SOURCE_2=-0.05)


def missing_flags(
    rng: np.random.Generator, unknown: Floats, train: Bools, rate: float, rate_test: float
) -> Bools:
    """Rows where a building column is missing: nearly the same rows for all of them."""
    p = ranks(unknown + 0.3 * rng.standard_normal(len(unknown)))
    return p > 1 - np.where(train, rate, rate_test)


def housing_columns(
    rng: np.random.Generator, clients: Clients, unknown: Floats, table: Table
) -> Columns:
    """The three statistics of each measure are near identical and are missing together."""
    columns: Columns = {}
    n = len(clients)
    for measure, weight in {**MEASURES, "TOTALAREA": 0.85}.items():
        names = [f"{measure}_{kind}" for kind in ("AVG", "MODE", "MEDI")]
        facts = [table.columns[name] for name in names if name in table.columns]
        score = clients.mix(rng.standard_normal(n), FLOORSMAX_AVG=weight)
        missing = missing_flags(
            rng, unknown, clients.train, facts[0].missing, facts[0].missing_test
        )
        for fact in facts:
            near = score + 0.05 * rng.standard_normal(n)
            values = np.full(n, np.nan)
            values[~missing] = np.round(quantile(ranks(near[~missing]), fact), 4)
            columns[fact.name] = values
    return columns
