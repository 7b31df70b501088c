"""Quantiles against printed tables, the Wilson interval against published examples."""

from __future__ import annotations

import pytest

from claims.statistics.quantiles import student_cdf, student_quantile, wilson_interval

# .975 quantiles of Student's t as printed in statistical tables (NIST/SEMATECH e-Handbook, section 1.3.6.7.2).
T_975 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 9: 2.262, 10: 2.228, 30: 2.042, 99: 1.984, 100: 1.984}


@pytest.mark.parametrize(("freedom", "printed"), T_975.items())
def test_it_works(freedom: int, printed: float) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(printed, abs=5e-4)


def test_expansion_meets_the_series() -> None:
    assert student_cdf(student_quantile(0.975, 1500), 1500) == pytest.approx(0.975, abs=1e-10)


@pytest.mark.parametrize("freedom", [1, 2, 7, 40, 199])
def test_cdf_and_quantile_undo_each_other(freedom: int) -> None:
    assert student_cdf(student_quantile(0.9, freedom), freedom) == pytest.approx(0.9, abs=1e-12)
    assert student_cdf(0.0, freedom) == pytest.approx(0.5)


# Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3.
WILSON = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]


@pytest.mark.parametrize(("successes", "trials", "low", "high"), WILSON)
def test_wilson_interval(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_nothing_tried_has_no_interval() -> None:
    assert wilson_interval(0, 0) is None
