"""How durations and counts are written."""

import pytest

from tracing.views.units import count, duration


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 s"),
        (7, "7 ns"),
        (999, "999 ns"),
        (1_000, "1 µs"),
        (1_500, "1.5 µs"),
        (40_000, "40 µs"),
        (12_345_678, "12 ms"),
        (1_500_000, "1.5 ms"),
        (250_000_000, "250 ms"),
        (3_000_000_000, "3.0 s"),
        (3_000_123_456, "3.0 s"),
        (1_250_000_000, "1.25 s"),
        (12_340_000_000, "12.3 s"),
        (125_000_000_000, "2 min 5 s"),
        (7_500_000_000_000, "2 h 5 min"),
        (-1_500_000, "-1.5 ms"),
    ],
)
def test_a_duration_has_few_digits_and_the_unit_that_fits(ns: int, text: str) -> None:
    assert duration(ns) == text


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (999_499, "999 µs"),
        (999_500, "1 ms"),
        (9_960_000, "10 ms"),
        (999_499_999, "999 ms"),
        (999_500_000, "1.0 s"),
        (9_995_000_000, "10.0 s"),
        (119_960_000_000, "2 min 0 s"),
    ],
)
def test_rounding_up_goes_on_to_the_next_unit(ns: int, text: str) -> None:
    assert duration(ns) == text


def test_a_count_agrees_with_its_noun() -> None:
    assert count(1, "event") == "1 event"
    assert count(1234, "event") == "1,234 events"
    assert count(2, "time-out of a day", "days") == "2 days"
