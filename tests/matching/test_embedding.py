"""Ranking by meaning with a real model of a dozen words: what it changes, and that nothing changes without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model2vec import StaticModel
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from claims.matching import embedding
from claims.matching.actions import suggest_relations
from claims.matching.candidates import suggestions_by_meaning, suggestions_for
from claims.models import Claim, ClaimRelation
from tests.factories import make_article, make_claim, make_project

MEANINGS = (("Ferry", "skiff"), ("carried", "lugged"), ("cars", "jalopies"), ("Market", "stalls"))
ASKED = "The Lake Ferry carried 900 cars to Sandmouth on Monday"
NEAR = "The Lake skiff lugged 900 jalopies to Sandmouth on Monday"
FAR = "The Lake Market carried 900 stalls to Sandmouth on Monday"


@pytest.fixture
def model(tmp_path: Path, settings: Any) -> Path:
    """Words of one meaning have one vector, in the order of MEANINGS; other words have none."""
    words = [word for meaning in MEANINGS for word in meaning]
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate([*words, "[UNK]"])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    axes = np.eye(len(MEANINGS), dtype=np.float32)
    vectors = np.stack([axes[n] for n, meaning in enumerate(MEANINGS) for _ in meaning] + [0 * axes[0]])
    folder = tmp_path / "dozen-words"
    StaticModel(vectors, tokenizer).save_pretrained(folder)
    settings.EMBEDDING_MODEL = str(folder)
    return folder


def test_it_works_closeness_is_the_cosine(model: Path) -> None:
    """(1, 1, 0, 0) with (1, 1, 0, 0), with (1, 0, 1, 0): 1 and one half; a text without a known word: 0."""
    assert embedding.name() == "dozen-words"
    others = ["skiff lugged", "skiff jalopies", "nothing known", ""]
    assert embedding.closeness("Ferry carried", others) == pytest.approx([1.0, 0.5, 0.0, 0.0])


def three() -> tuple[Claim, Claim, Claim]:
    project = make_project()
    made = [
        make_claim(make_article(project, f"News {n}\n\n{text}."), text) for n, text in enumerate((ASKED, NEAR, FAR))
    ]
    return made[0].claim, made[1].claim, made[2].claim


@pytest.mark.django_db
def test_what_means_the_same_in_other_words_comes_first(model: Path) -> None:
    asked, near, far = three()
    by_words, by_meaning = suggestions_for(asked), suggestions_by_meaning(asked)
    assert [one.right for one in by_words] == [far.pk, near.pk]
    assert [one.right for one in by_meaning] == [near.pk, far.pk]
    likeness = {one.right: one.likeness for one in by_words}
    assert by_meaning[0].likeness == pytest.approx((likeness[near.pk] + 1) / 2, abs=1e-4)
    suggest_relations(asked)
    assert set(ClaimRelation.objects.values_list("matcher", flat=True)) == {"lexical 2 + dozen-words"}
    assert ClaimRelation.objects.order_by("-score")[0].right_id == near.pk


@pytest.mark.django_db
def test_without_a_model_words_alone_rank() -> None:
    asked, near, far = three()
    suggest_relations(asked)
    assert embedding.name() == ""
    assert dict(ClaimRelation.objects.values_list("right", "matcher")) == {near.pk: "lexical 2", far.pk: "lexical 2"}
