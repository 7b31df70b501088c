"""Files in the database: byte-exact, seekable, all or nothing."""

from __future__ import annotations

import hashlib
import os

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from claims.models import DatabaseStorage, StoredChunk, StoredFile
from claims.models.stored_file import CHUNK

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17])
def test_what_is_stored_comes_back(size: int) -> None:
    content = os.urandom(size)
    name = default_storage.save("upload.bin", ContentFile(content))
    with default_storage.open(name) as file:
        assert file.read() == content
    stored = StoredFile.objects.get(name=name)
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(content).hexdigest())


def test_it_is_the_default_storage() -> None:
    assert isinstance(
        default_storage._wrapped if hasattr(default_storage, "_wrapped") else default_storage, DatabaseStorage
    )


def test_seeking_reads_the_right_bytes() -> None:
    content = bytes(range(256)) * (CHUNK // 64)
    name = default_storage.save("upload.bin", ContentFile(content))
    with default_storage.open(name) as file:
        for position in (0, CHUNK - 3, CHUNK, 2 * CHUNK + 5, len(content) - 2):
            file.seek(position)
            assert file.read(7) == content[position : position + 7]


def test_two_files_of_one_name_are_two_files() -> None:
    names = {default_storage.save("same.txt", ContentFile(b"x")) for _ in range(2)}
    assert len(names) == 2


def test_ex_11_a_file_in_a_transaction_that_fails_was_never_there() -> None:
    with transaction.atomic():
        default_storage.save("half.bin", ContentFile(b"x" * CHUNK * 2))
        transaction.set_rollback(True)
    assert not StoredFile.objects.exists()
    assert not StoredChunk.objects.exists()


def test_deleting_takes_the_chunks_along() -> None:
    name = default_storage.save("gone.bin", ContentFile(b"x"))
    default_storage.delete(name)
    assert not default_storage.exists(name)
    assert not StoredChunk.objects.exists()
    with pytest.raises(FileNotFoundError, match=r"gone\.bin"):
        default_storage.open(name)
