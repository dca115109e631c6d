"""A block of clients: the unit of generation, with its own random streams and its own ids."""

import math
from dataclasses import dataclass

import numpy as np

from sample.draw import Bools, Ints
from sample.facts import Facts

CLIENTS = 4096  # per block; part of the data's definition, like the seed


@dataclass(frozen=True)
class Block:
    """Clients `first`..`first + size - 1` of all those at this scale, the `number`-th of `of`.

    A block depends on nothing but these facts, so blocks can be made in any order and by any number
    of processes.
    """

    number: int
    of: int
    first: int
    size: int
    train: Bools
    seed: int

    def rng(self, stream: str) -> np.random.Generator:
        """The block's own random stream of that name."""
        return np.random.default_rng([self.seed, self.number, *stream.encode()])

    def ids(self, id_range: tuple[int, int], count: int) -> Ints:
        """`count` ids of the range, which no other block can get, spread over the whole range."""
        low, high = id_range
        capacity = high - low + 1
        places = self.number + self.of * np.arange(count)
        if count and places[-1] >= capacity:
            raise OverflowError(f"{count} ids do not fit in block {self.number} of {self.of}")
        return low + _spread(places, capacity, self.seed)

    def client_ids(self, id_range: tuple[int, int]) -> Ints:
        """SK_ID_CURR of the block's clients."""
        low, high = id_range
        return low + _spread(self.first + np.arange(self.size), high - low + 1, self.seed)


def blocks(facts: Facts, scale: float, seed: int) -> list[Block]:
    """All blocks of a sample: train and test clients in proportion, mixed evenly."""
    train = max(1, round(facts.tables["application_train"].rows * scale))
    test = max(1, round(facts.tables["application_test"].rows * scale))
    clients = train + test
    of = math.ceil(clients / CLIENTS)
    return [_block(number, of, clients, test, seed) for number in range(of)]


def _block(number: int, of: int, clients: int, test: int, seed: int) -> Block:
    first = number * CLIENTS
    size = min(CLIENTS, clients - first)
    place = np.arange(first, first + size, dtype=np.int64)
    is_test = (place + 1) * test // clients > place * test // clients
    return Block(number, of, first, size, ~is_test, seed)


def _spread(places: Ints, capacity: int, seed: int) -> Ints:
    """A one-to-one map of 0..capacity-1 onto itself that scatters neighbours."""
    factor = round(capacity * (math.sqrt(5) - 1) / 2)
    while math.gcd(factor, capacity) > 1:
        factor += 1
    return (places * factor + seed) % capacity
