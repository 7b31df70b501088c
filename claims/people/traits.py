"""What a reviewer says of themselves in a project, so that panels can be made up: of their own accord, for nobody's
eyes, and gone when they say so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from claims.errors import Problem, Refused
from claims.models import Reviewer, ReviewerTraits, User
from claims.models.project import LEANINGS
from claims.permissions import check_can
from claims.text import clean_line

MOST_WORDS = 20
LANGUAGE = re.compile(r"[a-z]{2,3}")


def say_traits(
    reviewer: Reviewer,
    *,
    by: User,
    leaning: str = "",
    languages: Sequence[str] = (),
    region: str = "",
    expertise: Sequence[str] = (),
) -> ReviewerTraits | None:
    """Keep what the reviewer says now in place of what they said; None, and nothing kept, where all of it is empty.

    No audit row: it would keep what somebody may want forgotten.
    """
    check_can("label", by, reviewer.project)
    if reviewer.user_id != by.pk:
        raise Refused("not_your_own", "Only reviewers themselves say this of themselves.", status=403)
    tags = list(dict.fromkeys(tag.strip().lower().split("-")[0] for tag in languages if tag.strip()))
    words = list(dict.fromkeys(filter(None, (clean_line(word)[:60] for word in expertise))))[:MOST_WORDS]
    _check(leaning, tags)
    said = {"leaning": leaning, "languages": tags, "region": clean_line(region)[:60], "expertise": words}
    if not any(said.values()):
        ReviewerTraits.objects.filter(reviewer=reviewer).delete()
        return None
    traits, _ = ReviewerTraits.objects.update_or_create(reviewer=reviewer, defaults=said)
    return traits


def _check(leaning: str, tags: Sequence[str]) -> None:
    problems = []
    if leaning not in ("", *LEANINGS):
        sentence = f"The leaning is empty or one of {', '.join(LEANINGS)}; not {leaning!r}."
        problems.append(Problem("leaning", "unknown_leaning", sentence))
    wrong = [tag for tag in tags if not LANGUAGE.fullmatch(tag)]
    if wrong or len(tags) > MOST_WORDS:
        sentence = f"A language is its code in two or three letters, as en; not {', '.join(wrong[:3]) or 'so many'}."
        problems.append(Problem("languages", "unknown_language", sentence))
    if problems:
        raise Refused(problems[0].code, " ".join(problem.sentence for problem in problems), problems=problems)
