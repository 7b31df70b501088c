"""The registry of agreement coefficients. To add one: a module in this folder and a line here."""

from __future__ import annotations

from .brennan_prediger import BRENNAN_PREDIGER
from .coefficient import Coefficient
from .cohen_kappa import COHEN_KAPPA
from .conger_kappa import CONGER_KAPPA
from .fleiss_kappa import FLEISS_KAPPA, SCOTT_PI
from .gwet_ac import GWET_AC
from .krippendorff_alpha import KRIPPENDORFF_ALPHA
from .percent_agreement import PERCENT_AGREEMENT

__all__ = ["COEFFICIENTS", "Coefficient"]

COEFFICIENTS: dict[str, Coefficient] = {
    "percent_agreement": PERCENT_AGREEMENT,
    "krippendorff_alpha": KRIPPENDORFF_ALPHA,
    "gwet_ac": GWET_AC,
    "fleiss_kappa": FLEISS_KAPPA,
    "conger_kappa": CONGER_KAPPA,
    "cohen_kappa": COHEN_KAPPA,
    "scott_pi": SCOTT_PI,
    "brennan_prediger": BRENNAN_PREDIGER,
}
