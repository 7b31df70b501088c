"""Published tables with published figures, so that the coefficients are held to papers wherever the tests run."""

from __future__ import annotations

import numpy as np
import pytest

from claims.statistics.coefficients import COEFFICIENTS
from claims.statistics.scales import Scale, weights_from_disagreement
from claims.statistics.score import REASONS
from claims.statistics.scoring import score_labels
from claims.statistics.tables import LabelTable, Pattern, table_from_matrix, table_from_patterns

_ = None
# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, sections C and D: 4 observers, 12 units, values 1-5.
KRIPPENDORFF_2011 = [
    [1, 1, _, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [_, 5, 5, 5],
    [_, _, 1, 1],
    [_, _, 3, _],
]
# The same paper, section A: two observers, ten units, a yes or no.
KRIPPENDORFF_2011_BINARY = [[1, 0], [1, 1], [0, 1], [0, 0], [0, 0], [0, 1], [0, 0], [0, 1], [0, 0], [0, 0]]
# Fleiss (1971), Psychol Bull 76:378-382, table 1: psychiatrists per diagnosis for 30 patients.
FLEISS_1971 = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
# Hayes and Krippendorff (2007), Communication Methods and Measures 1:77-89: 5 observers, 40 units, values 0-3.
HAYES_KRIPPENDORFF_2007 = """
112.2 1101. 2333. .00.0 000.0 000.0 102.1 1.20. 222.2 2111. .100. 0000. 1222. 33223 111.1 111.1
212.2 1233. 1101. 000.0 0011. 00.00 2333. 0000. 12.22 0111. 00010 1212. 1122. 112.2 110.0 2121.
22.22 3222. 222.2 223.2 222.2 22.12 2222. 111.1
"""
# Fleiss's worked example as commonly reprinted: 14 raters, 10 subjects, 5 categories.
FLEISS_10_SUBJECTS = [
    (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
]  # fmt: skip
COHEN_1968 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]  # Cohen (1968), table 1, as 200 patients; unweighted it is 1960's
BRENNAN_PREDIGER_1981 = [[50, 0, 0], [10, 10, 10], [20, 0, 0]]  # their table 1
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]  # Gwet (2014), cont3x3abstractors: pregnancy type, two abstractors


def matrix_table(rows: list[list[int | None]], first: int, size: int) -> LabelTable:
    return table_from_matrix([[None if v is None else v - first for v in row] for row in rows], size)


def cross_table(cells: list[list[int]]) -> LabelTable:
    size = len(cells)
    pairs = [(i, j) for i in range(size) for j in range(size) for _n in range(cells[i][j])]
    return table_from_matrix(pairs, size)


def counted_table(rows: list[Pattern]) -> LabelTable:
    return table_from_patterns({row: rows.count(row) for row in rows}, len(rows[0]))


def digit_rows(text: str) -> list[list[int | None]]:
    return [[None if digit == "." else int(digit) for digit in row] for row in text.split()]


TABLES = {
    "krippendorff_2011": (matrix_table(KRIPPENDORFF_2011, 1, 5), Scale(5, (1, 2, 3, 4, 5))),
    "krippendorff_2011_binary": (matrix_table(KRIPPENDORFF_2011_BINARY, 0, 2), Scale(2, (0, 1))),
    "hayes_krippendorff_2007": (matrix_table(digit_rows(HAYES_KRIPPENDORFF_2007), 0, 4), Scale(4, (0, 1, 2, 3))),
    "fleiss_1971": (counted_table([tuple(map(int, row)) for row in FLEISS_1971.split()]), Scale(5)),
    "fleiss_10_subjects": (counted_table(FLEISS_10_SUBJECTS), Scale(5)),
    "cohen_1968": (cross_table(COHEN_1968), Scale(3)),
    "brennan_prediger_1981": (cross_table(BRENNAN_PREDIGER_1981), Scale(3)),
    "abstractors": (cross_table(ABSTRACTORS), Scale(3)),
    "paradox": (cross_table([[80, 7], [8, 5]]), Scale(2)),
}

# table, coefficient, level or weights, the figure as printed, where it is printed
PUBLISHED = [
    ("krippendorff_2011_binary", "krippendorff_alpha", "nominal", "0.095"),  # section A
    ("krippendorff_2011", "krippendorff_alpha", "nominal", "0.743"),  # section C
    ("krippendorff_2011", "krippendorff_alpha", "ordinal", "0.815"),  # section D
    ("krippendorff_2011", "krippendorff_alpha", "interval", "0.849"),
    ("krippendorff_2011", "krippendorff_alpha", "ratio", "0.797"),
    ("krippendorff_2011", "percent_agreement", "identity", "0.81818"),  # irrCAC vignette, cac.raw4raters
    ("krippendorff_2011", "gwet_ac", "identity", "0.77544"),
    ("krippendorff_2011", "fleiss_kappa", "identity", "0.76117"),
    ("krippendorff_2011", "conger_kappa", "identity", "0.76282"),
    ("krippendorff_2011", "brennan_prediger", "identity", "0.77273"),
    ("krippendorff_2011", "gwet_ac", "quadratic", "0.91400"),
    ("krippendorff_2011", "fleiss_kappa", "quadratic", "0.86494"),
    ("krippendorff_2011", "brennan_prediger", "quadratic", "0.90152"),
    ("krippendorff_2011", "percent_agreement", "quadratic", "0.97538"),
    ("hayes_krippendorff_2007", "krippendorff_alpha", "ordinal", "0.7598"),  # the paper's own example
    ("hayes_krippendorff_2007", "krippendorff_alpha", "nominal", "0.4765"),  # Gwet (2015), On Krippendorff's alpha
    ("hayes_krippendorff_2007", "percent_agreement", "identity", "0.6250"),
    ("hayes_krippendorff_2007", "gwet_ac", "identity", "0.5093"),
    ("fleiss_1971", "fleiss_kappa", "identity", "0.430"),
    ("fleiss_1971", "percent_agreement", "identity", "0.5556"),
    ("fleiss_10_subjects", "fleiss_kappa", "identity", "0.210"),
    ("cohen_1968", "cohen_kappa", "identity", "0.492"),  # Cohen (1960), page 45
    ("cohen_1968", "percent_agreement", "identity", "0.70"),
    ("cohen_1968", "gwet_ac", "identity", "0.57597"),  # R irrCAC 1.4
    ("cohen_1968", "gwet_ac", "quadratic", "0.63855"),
    ("brennan_prediger_1981", "brennan_prediger", "identity", "0.40"),
    ("brennan_prediger_1981", "cohen_kappa", "identity", "0.27"),
    ("abstractors", "cohen_kappa", "identity", "0.7964094"),  # irrCAC vignette
    ("abstractors", "scott_pi", "identity", "0.7962397"),
    ("abstractors", "gwet_ac", "identity", "0.8493305"),
    ("abstractors", "brennan_prediger", "identity", "0.835"),
    ("abstractors", "krippendorff_alpha", "nominal", "0.7972585"),
    ("abstractors", "cohen_kappa", "quadratic", "0.8921569"),
    ("abstractors", "gwet_ac", "quadratic", "0.9402369"),
    ("paradox", "percent_agreement", "identity", "0.85"),  # Gwet (2008): high agreement, low kappa
    ("paradox", "gwet_ac", "identity", "0.808"),
]


def value_of(table: str, coefficient: str, measure: str | None = None) -> float | None:
    return score_labels(TABLES[table][0], coefficient, TABLES[table][1], measure).value


def test_it_works() -> None:
    table, scale = TABLES["krippendorff_2011"]
    score = score_labels(table, "krippendorff_alpha", scale, "nominal")
    assert score.value == pytest.approx(0.743421, abs=5e-7)
    assert score.reason is None
    assert (score.n_units, score.n_pairable, score.n_labels) == (12, 11, 41)


@pytest.mark.parametrize(("table", "coefficient", "measure", "printed"), PUBLISHED)
def test_published_figure(table: str, coefficient: str, measure: str, printed: str) -> None:
    value = value_of(table, coefficient, measure)
    assert value is not None
    digits = len(printed.split(".")[1])
    assert value == pytest.approx(float(printed), abs=0.5000001 * 10**-digits)


def test_weighted_kappa_of_cohen_1968_takes_costs() -> None:
    table, scale = TABLES["cohen_1968"]
    weights = weights_from_disagreement([[0, 1, 3], [1, 0, 6], [3, 6, 0]])
    assert score_labels(table, "cohen_kappa", scale, weights).value == pytest.approx(0.348, abs=5e-4)


def test_percent_agreement_counts_units_alike_not_labels() -> None:
    """Weighted by labels, as other tools do, the figure of this table would be 0.8000."""
    assert value_of("krippendorff_2011", "percent_agreement") == pytest.approx(9 / 11)


def test_ordinal_is_not_interval() -> None:
    """Taking |a - b| for the ordinal distance gives 0.622 on this table; the published figure is 0.760."""
    assert value_of("hayes_krippendorff_2007", "krippendorff_alpha", "ordinal") == pytest.approx(0.7598, abs=5e-5)


def test_alpha_takes_a_distance_matrix() -> None:
    table, scale = TABLES["krippendorff_2011"]
    own = score_labels(table, "krippendorff_alpha", scale, (1 - np.eye(5)) * 7)
    assert own.value == pytest.approx(0.743421, abs=5e-7)
    assert own.measure == "custom"


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_full_agreement_on_two_choices_is_one(coefficient: str) -> None:
    table = table_from_matrix([[0, 0], [1, 1], [0, 0]], 2)
    assert score_labels(table, coefficient, Scale(2)).value == pytest.approx(1)


ONE_CHOICE = table_from_matrix([[1, 1], [1, 1], [1, 1]], 2)
ALONE = table_from_matrix([[0, None], [None, 1], [1, None]], 2)
NOTHING = table_from_matrix([[None, None]], 2)
VARIED_ALONE = table_from_matrix([[0, 0], [0, 0], [1, None]], 2)

UNDEFINED = [
    *[(ONE_CHOICE, name, 2, "no_variation") for name in ("krippendorff_alpha", "fleiss_kappa", "scott_pi")],
    *[(ONE_CHOICE, name, 2, "no_variation") for name in ("cohen_kappa", "conger_kappa")],
    *[(ONE_CHOICE, name, 2, None) for name in ("percent_agreement", "gwet_ac", "brennan_prediger")],
    *[(table_from_matrix([[0, 0]], 1), name, 1, "single_category") for name in COEFFICIENTS],
    *[(ALONE, name, 2, "no_pairable_units") for name in COEFFICIENTS],
    *[(NOTHING, name, 2, "no_labels") for name in COEFFICIENTS],
    (VARIED_ALONE, "krippendorff_alpha", 2, "no_variation"),
    (TABLES["fleiss_1971"][0], "cohen_kappa", 5, "reviewers_unknown"),
    (TABLES["fleiss_1971"][0], "conger_kappa", 5, "reviewers_unknown"),
    (TABLES["krippendorff_2011"][0], "cohen_kappa", 5, "needs_two_reviewers"),
    (TABLES["krippendorff_2011"][0], "scott_pi", 5, "needs_two_reviewers"),
]


@pytest.mark.parametrize(("table", "coefficient", "size", "reason"), UNDEFINED)
def test_undefined_is_none_with_a_reason(table: LabelTable, coefficient: str, size: int, reason: str | None) -> None:
    score = score_labels(table, coefficient, Scale(size))
    assert score.reason == reason
    assert score.reason is None or score.reason in REASONS
    assert score.value == (None if reason else 1.0)
    if reason:
        assert (score.low, score.high, score.interval_reason) == (None, None, "undefined")


@pytest.mark.parametrize(
    ("coefficient", "value"),
    [("krippendorff_alpha", 0.64), ("fleiss_kappa", 0.6), ("gwet_ac", 11 / 15), ("brennan_prediger", 0.7)],
)
def test_a_declared_choice_that_is_never_used_counts_as_declared(coefficient: str, value: float) -> None:
    """irrCAC 0.4.4 with a declared domain: AC1 .733 and BP .700; with the used choices BP would be .600."""
    table = table_from_matrix([[0, 0], [1, 1], [0, 1], [1, 1], [0, 0]], 3)
    assert score_labels(table, coefficient, Scale(3)).value == pytest.approx(value)


def test_two_reviewers_who_always_differ() -> None:
    table = table_from_matrix([[0, 1], [1, 0]] * 2, 2)
    assert score_labels(table, "krippendorff_alpha", Scale(2)).value == pytest.approx(-0.75)
    assert score_labels(table, "cohen_kappa", Scale(2)).value == pytest.approx(-1)


@pytest.mark.parametrize("coefficient", [name for name in COEFFICIENTS if not COEFFICIENTS[name].needs_two_reviewers])
@pytest.mark.parametrize("position", [0, 1, 2])
def test_figures_do_not_hang_on_the_order_of_units(coefficient: str, position: int) -> None:
    rows = KRIPPENDORFF_2011[position * 4 :] + KRIPPENDORFF_2011[: position * 4]
    scale = TABLES["krippendorff_2011"][1]
    expected = value_of("krippendorff_2011", coefficient)
    assert score_labels(matrix_table(rows, 1, 5), coefficient, scale).value == pytest.approx(expected, abs=1e-12)


def test_words_that_are_not_known_are_refused() -> None:
    table, scale = TABLES["krippendorff_2011"]
    with pytest.raises(ValueError, match='has no "cubic"'):
        score_labels(table, "gwet_ac", scale, "cubic")
    with pytest.raises(ValueError, match="needs a number for every choice"):
        score_labels(table, "krippendorff_alpha", Scale(5), "interval")
