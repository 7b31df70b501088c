"""Before a round: two people cut an article independently, the cuts are compared, and the claims are locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from claims import audit
from claims.errors import Conflict, NotFound, Refused
from claims.models import Article, ArticleCut, Assignment, Project, TextVersion, User
from claims.permissions import check_can, check_not_archived
from claims.splitting.cut_rounds import end_places, is_being_cut
from claims.splitting.desk import MOST_PIECES, Piece
from claims.statistics.cutting import LOOSE
from claims.statistics.spans import apart, span_f1, unitizing
from claims.text import clean_line

MOST_IN_A_CUT = 2_000
CHUNK = 1_000


def lock_claims(project: Project, *, articles: Sequence[int] | None = None, by: User) -> int:
    """From now on the claims of these articles (None: all that are split) stay as they are; returns how many."""
    check_can("correct_claims", by, project)
    check_not_archived(project)
    rows = Article.objects.in_project(project).filter(state="split", claims_locked_at=None)
    ids = list(
        (rows if articles is None else rows.filter(pk__in=list(articles))).order_by("pk").values_list("pk", flat=True)
    )
    locked = 0
    for at in range(0, len(ids), CHUNK):
        with transaction.atomic():
            part = Article.objects.filter(pk__in=ids[at : at + CHUNK], state="split", claims_locked_at=None)
            n = part.update(claims_locked_at=Now(), version=F("version") + 1)
            audit.record("lock_claims", project, by=by, project=project, articles=ids[at : at + CHUNK], n=n)
            locked += n
    return locked


def unlock_claims(article: Article, *, reason: str, by: User) -> None:
    """Open the claims for correction again; the reason is kept."""
    check_can("correct_claims", by, article.project)
    check_not_archived(article.project)
    if not clean_line(reason):
        raise Refused("reason_required", "Say why the claims are opened again: it stands in the audit log.")
    with transaction.atomic():
        rows = Article.objects.filter(pk=article.pk, claims_locked_at__isnull=False)
        if not rows.update(claims_locked_at=None, version=F("version") + 1):
            raise Conflict("claims_not_locked", "The claims of this article are not locked.", current={"locked": False})
        audit.record("unlock_claims", article, by=by, reason=clean_line(reason)[:300])


def own_cut(article: Article, *, by: User) -> ArticleCut:
    """The person's own cut, begun when they first look; never anybody else's."""
    check_can("label", by, article.project)
    check_not_archived(article.project)
    cut, _ = ArticleCut.objects.get_or_create(article=article, user=by)
    return cut


def add_to_cut(article: Article, *, pieces: Sequence[Piece], by: User) -> ArticleCut:
    text = _text(article)
    places = _checked(pieces, text)
    with transaction.atomic():
        cut = _open_cut(article, by)
        if len(cut.claims) >= MOST_IN_A_CUT:
            raise Refused("too_many_claims", f"A cut has at most {MOST_IN_A_CUT:,} claims.")
        if places in cut.claims:
            raise Conflict("claim_is_there", "You cut out these words already.")
        cut.claims = sorted([*cut.claims, places])
        return _keep(cut)


def remove_from_cut(article: Article, *, pieces: Sequence[Piece], by: User) -> ArticleCut:
    with transaction.atomic():
        cut = _open_cut(article, by)
        wanted = [list(piece) for piece in pieces]
        if wanted not in cut.claims:
            raise NotFound
        cut.claims = [claim for claim in cut.claims if claim != wanted]
        return _keep(cut)


def hand_in_cut(article: Article, *, by: User) -> ArticleCut:
    """The cut is done: it is compared from now on, and not changed any more. It fills the person's place in a round.

    A cut that was handed in before the place was given fills it, too.
    """
    with transaction.atomic():
        own_cut(article, by=by)
        cut = ArticleCut.objects.select_for_update(no_key=True).get(article=article, user=by)
        if cut.ended_at is None and not cut.claims:
            raise Refused("cut_is_empty", "Nothing is cut out yet. Mark the claims first.")
        filled = end_places(article, by)
        if cut.ended_at is not None and not filled:
            raise Conflict("cut_is_handed_in", "You handed this cut in: it is compared as it is.")
        if cut.ended_at is None:
            ArticleCut.objects.filter(pk=cut.pk).update(ended_at=Now())
        audit.record("hand_in_cut", article, by=by, n=len(cut.claims))
    cut.refresh_from_db()
    return cut


def fill_with_cut(place: Assignment, *, by: User) -> bool:
    """Whether a cut that the person had handed in before they drew this place fills it."""
    handed_in = ArticleCut.objects.filter(user=by, ended_at__isnull=False, article__unit=place.unit_id).first()
    if handed_in is None:
        return False
    hand_in_cut(handed_in.article, by=by)
    return True


def _open_cut(article: Article, by: User) -> ArticleCut:
    own_cut(article, by=by)
    cut = ArticleCut.objects.select_for_update(no_key=True).get(article=article, user=by)
    if cut.ended_at is not None:
        raise Conflict("cut_is_handed_in", "You handed this cut in: it is compared as it is.")
    return cut


def _keep(cut: ArticleCut) -> ArticleCut:
    cut.version += 1
    cut.save(update_fields=["claims", "version"])
    return cut


def _text(article: Article) -> TextVersion:
    text = article.text_versions.order_by("-n").first()
    if text is None or text.erased_at is not None:
        raise NotFound
    return text


def _checked(pieces: Sequence[Piece], text: TextVersion) -> list[list[int]]:
    if not 1 <= len(pieces) <= MOST_PIECES:
        raise Refused("invalid_pieces", f"A claim has 1 to {MOST_PIECES} pieces of the text.")
    if not all(0 <= start < end <= text.length and text.text[start:end].strip() for start, end in pieces):
        raise Refused("span_outside", "These characters are not in the text.")
    return sorted([start, end] for start, end in pieces)


# --- comparing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CutAgreement:
    """How far people who cut the same article cut it alike. None: not defined (nobody cut anything out)."""

    n_cuts: int
    n_claims: tuple[int, ...]
    f1_exact: float | None
    f1_loose: float | None
    alpha_u: float | None
    is_awaited: bool = False  # a round still asks somebody to cut it: nothing is shown until then


def compare_cuts(article: Article, *, by: User) -> CutAgreement:
    """Agreement of the cuts that are handed in; for those who correct, never for those who still cut."""
    check_can("correct_claims", by, article.project)
    if is_being_cut(article):
        return CutAgreement(0, (), None, None, None, is_awaited=True)
    cuts = list(ArticleCut.objects.filter(article=article, ended_at__isnull=False).order_by("pk"))
    if len(cuts) < 2:
        return CutAgreement(len(cuts), tuple(len(cut.claims) for cut in cuts), None, None, None)
    marked = [[(start, end) for claim in cut.claims for start, end in claim] for cut in cuts]
    return CutAgreement(
        n_cuts=len(cuts),
        n_claims=tuple(len(cut.claims) for cut in cuts),
        f1_exact=span_f1(marked),
        f1_loose=span_f1(marked, LOOSE),
        alpha_u=unitizing([apart(spans) for spans in marked], 0, _text(article).length).alpha,
    )
