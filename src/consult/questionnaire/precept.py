"""Council tax arithmetic: what a precept costs a household in its band.

Band D is the reference; every other band pays a number of ninths of it (Local Government Finance
Act 1992, section 5; band I exists in Wales only).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from pydantic import Field

from consult.questionnaire.answers.base import Frozen, Identifier

NINTHS: Mapping[str, int] = {
    "a": 6, "b": 7, "c": 8, "d": 9, "e": 11, "f": 13, "g": 15, "h": 18, "i": 21,
}  # fmt: skip
REFERENCE = "d"
PENNY = Decimal("0.01")


def bill(band_d: Decimal, band: str) -> Decimal:
    """The yearly charge in ``band`` where band D pays ``band_d`` pounds, to the penny."""
    return (band_d * NINTHS[band] / 9).quantize(PENNY, ROUND_HALF_UP)


def sterling(amount: Decimal) -> str:
    """Pounds as people write them: £12, £8.56, 71p."""
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    if 0 < amount < 1:
        return f"{sign}{int(amount * 100)}p"
    return f"{sign}£{amount:,.2f}".removesuffix(".00")


class Precept(Frozen):
    """The precept a survey asks about, and the rises it offers."""

    band: str = Field(pattern=Identifier, description="The question that holds the tax band.")
    band_d: Decimal = Field(gt=0, decimal_places=2, description="Band D now, pounds a year.")
    rises: Mapping[str, Decimal] = Field(description="Band D rise by option, pounds a year.")

    def names(self) -> set[str]:
        """The names that wording may use between braces."""
        parts = ("year", "month", "total")
        costs = {f"precept.{rise}.{part}" for rise in self.rises for part in parts}
        return costs | {"precept.band", "precept.now"}

    def value(self, name: str, band: str | None) -> str:
        """The wording for one of ``names``, for ``band`` (the reference where not known)."""
        if band is None or band not in NINTHS:
            band = REFERENCE
        now = bill(self.band_d, band)
        match name.split("."):
            case ["precept", "band"]:
                return band.upper()
            case ["precept", "now"]:
                return sterling(now)
            case ["precept", rise, part]:
                total = bill(self.band_d + self.rises[rise], band)
                year = total - now
                month = (year / 12).quantize(PENNY, ROUND_HALF_UP)
                return sterling({"year": year, "month": month, "total": total}[part])
        raise KeyError(name)
