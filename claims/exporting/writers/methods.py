"""The methods paragraph and the limitations, in sentences that follow from the figures of the release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from claims.exporting.writers.card import About
from claims.statistics.score import REASONS

TENTATIVE = 0.667  # Krippendorff 2004, Content Analysis, ch. 11: below it no conclusions, not even tentative ones

NAMED = {"copies": "group of copied articles"}


def methods_of(about: About) -> str:
    return (
        "# Methods\n\n"
        + paragraph(about)
        + "\n\n# Limitations\n\n"
        + "".join(f"- {sentence}\n" for sentence in limitations(about))
    )


def paragraph(about: About) -> str:
    sentences = [*_material(about), *_rounds(about), *_agreement(about), *_settling(about), *_selecting(about)]
    return " ".join(sentences)


def _material(about: About) -> Iterator[str]:
    counts, articles = about.manifest["counts"], about.facts["articles"]
    yield (
        f"{_many(articles['n'], 'article')} of {_many(articles['outlets'], 'outlet')} "
        f"{'is' if articles['n'] == 1 else 'are'} in this release, "
        f"with {_many(counts['claims'], 'version')} of claims marked in them."
    )
    if articles["first"]:
        yield f"They were published from {articles['first']} to {articles['last']}."
    if articles["languages"]:
        yield f"Languages (by number of articles): {', '.join(articles['languages'])}."


def _rounds(about: About) -> Iterator[str]:
    for row in about.facts["rounds"]:
        if row["purpose"] == "splitting":
            yield (
                f"In round “{row['name']}”, each of {_many(row['units'], 'article')} was given to "
                f"{row['overlap']} people, who cut it into claims blind to one another, before claims were locked."
            )
            continue
        questions = ", ".join(row["questions"]) or "all questions"
        yield (
            f"In round “{row['name']}” ({row['purpose']}), {_many(row['overlap'], 'independent answer')} "
            f"{'was' if row['overlap'] == 1 else 'were'} wanted on each of {_many(row['units'], 'unit')} of the kind "
            f"{row['unit_kind']}, asking {questions} of codebook {row['codebook']}, version {row['version']} "
            f"(SHA-256 {row['sha256'][:12]}…)."
        )
        if row["people"]:
            people, answered = _many(row["people"], "reviewer"), _many(row["answered"], "unit")
            yield f"{people} answered on {answered}, blind to one another."


def _agreement(about: About) -> Iterator[str]:
    for row in about.manifest["agreement"]:
        if row["krippendorff_alpha"] is None:
            continue
        interval = ""
        if row["low"] is not None:
            interval = f" (95 % interval {row['low']:.2f} to {row['high']:.2f})"
        compared = _many(row["pairable_units"], "unit")
        yield (
            f"Krippendorff's alpha ({row['level']}) for {row['question']} in {_round(about, row)} was "
            f"{row['krippendorff_alpha']:.2f}{interval} on {compared} with two or more answers."
        )


def splitting(plan: Mapping[str, Any]) -> str:
    """How units were shared out, and what is in two splits all the same."""
    how = "by the day of publication" if plan["by"] == ["time"] else f"so that no {' or '.join(plan['by'])} is in two"
    alike = f", with answers to {plan['stratify_by']} spread alike" if plan["stratify_by"] else ""
    both = [_many(n, NAMED.get(what, what)) for what, n in plan["in_two_splits"].items() if n]
    left = f"in two splits all the same are {', '.join(both)}." if both else "none of them is in two splits."
    return (
        f"Units were shared out to {', '.join(plan['units'])} {how}{alike}, with seed {plan['seed']}; articles of "
        f"nearly the same text count as one. Of articles, their copies, claims and outlets, {left} Units with nearly "
        f"the words of one in another split (Jaccard {plan['near_duplicates_from']} or more): "
        f"{plan['near_duplicates']:,}."
    )


def _selecting(about: About) -> Iterator[str]:
    chosen = about.manifest.get("selection")
    if not chosen:
        return
    parts = [f"answers to {', '.join(chosen['questions'])}"] if chosen["questions"] else []
    parts += [f"answers given from {chosen['first_day']}"] if chosen["first_day"] else []
    parts += [f"answers given until {chosen['last_day']}"] if chosen["last_day"] else []
    if chosen["least_agreement"] is not None:
        parts.append(f"units on which {chosen['least_agreement']:.0%} of two or more people gave the same first answer")
    if parts:
        yield f"This release holds only {'; '.join(parts)}."


def _settling(about: About) -> Iterator[str]:
    settled = about.facts["settled"]
    if total := sum(n for *_, n in settled):
        parts = ", ".join(f"{n} by {method} ({outcome.replace('_', ' ')})" for outcome, method, n in settled)
        yield f"{_many(total, 'label')} {'was' if total == 1 else 'were'} settled: {parts}."


def limitations(about: About) -> Iterator[str]:
    for row in about.manifest["agreement"]:
        yield from _weakness(row, _round(about, row))
    if (about.manifest.get("selection") or {}).get("least_agreement") is not None:
        yield "Labels were selected by agreement, so the agreement stated here says nothing about the task."
    articles = about.facts["articles"]
    if articles["undated"]:
        yield f"The date of {_many(articles['undated'], 'article')} of {articles['n']} is not known."
    if articles["largest"] * 2 > articles["n"] > 1:
        yield f"One outlet has {articles['largest']} of the {articles['n']} articles."
    if machines := about.facts["machines"]:
        yield f"{_many(machines, 'reviewer')} {'is a machine' if machines == 1 else 'are machines'}; see reviewers."
    if withheld := about.manifest["counts"]["withheld"]:
        yield f"{_many(withheld, 'row')} of articles or claims were left out or taken down; see withheld."
    if damaged := len(about.manifest["left_out"]):
        yield f"{_many(damaged, 'damaged row')} could not be released; the manifest names them."
    yield "Notes and other free text of reviewers are not released, since style can give a person away."


def _round(about: About, row: Mapping[str, Any]) -> str:
    """A round of the manifest's agreement by its name, which is what readers know it by."""
    names = {round_["id"]: round_["name"] for round_ in about.facts["rounds"]}
    return f"round “{names[row['round']]}”" if row["round"] in names else f"round {row['round']}"


def _weakness(row: Mapping[str, Any], round_name: str) -> Iterator[str]:
    named = f"{row['question']} in {round_name}"
    if row["krippendorff_alpha"] is None:
        yield f"No agreement can be given for {named}. {REASONS.get(row['reason'], row['reason'])}"
    elif row["krippendorff_alpha"] < TENTATIVE:
        yield f"Agreement on {named} is below {TENTATIVE}: no conclusion should rest on single labels of it."
    if single := row["units"] - row["pairable_units"]:
        yield f"{_many(single, 'unit')} of {row['units']} in {named} had fewer than two answers."


def _many(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
