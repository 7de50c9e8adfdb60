"""What was learned and forgotten is counted by transactions, in whatever order they are told of."""

from __future__ import annotations

from sutra_api.meter import Meter
from sutra_core.observing import ForgettingObserved, LearningObserved


def told(meter: Meter, transaction: int, concepts: int, *, learned: int = 1) -> None:
    observer = meter.observer("default")
    assert observer is not None
    observer.learned(LearningObserved(learned, 0, {}, 0, concepts, 0.1, (), transaction))


def forgot(meter: Meter, transaction: int, concepts: int) -> None:
    observer = meter.observer("default")
    assert observer is not None
    observer.forgot(ForgettingObserved(1, concepts, 0, 0.1, transaction))


def learned_by(meter: Meter, transaction: int) -> int | None:
    counted = meter.counted_by("default", transaction)
    return None if counted is None else counted.learned


def test_what_a_transaction_has_learned_is_known_once_all_before_it_are_told() -> None:
    meter = Meter()
    told(meter, 5, 10)
    told(meter, 7, 30)
    assert [learned_by(meter, at) for at in (4, 5, 6, 7)] == [0, 10, None, None]
    told(meter, 6, 20)
    assert [learned_by(meter, at) for at in (4, 5, 6, 7, 8)] == [0, 10, 30, 60, None]


def test_what_was_known_is_no_transaction() -> None:
    meter = Meter()
    told(meter, 5, 10)
    told(meter, 6, 0, learned=0)
    assert learned_by(meter, 6) is None


def test_where_nothing_was_learned_there_is_nothing_to_wait_for() -> None:
    meter = Meter()
    assert learned_by(meter, 9) == 0
    assert meter.observer("default") is not None
    assert learned_by(meter, 9) == 0


def test_no_more_than_the_last_transactions_are_remembered() -> None:
    meter = Meter()
    for transaction in range(1, 3001):
        told(meter, transaction, 1)
    assert [learned_by(meter, at) for at in (2500, 3000, 3001)] == [2500, 3000, None]


def test_what_was_forgotten_is_a_transaction_too() -> None:
    meter = Meter()
    told(meter, 5, 10)
    told(meter, 7, 30)
    assert meter.counted_by("default", 7) is None
    forgot(meter, 6, 4)
    assert [meter.counted_by("default", at) for at in (4, 5, 6, 7, 8)] == [
        (0, 0),
        (10, 0),
        (10, 4),
        (40, 4),
        None,
    ]
    assert meter.counted("default")[0] == (40, 4)
    assert b'sutra_concepts_forgotten_total{namespace="default"} 4.0' in meter.text()
