"""People who sign in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower


class User(AbstractUser):
    """A login. What a person does in a project hangs on Membership and Reviewer, never on the login itself."""

    email = models.EmailField("e-mail", blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="claims_user_email_belongs_to_one_login"
            ),
            models.UniqueConstraint(Lower("username"), name="claims_user_name_differs_in_more_than_case"),
        ]
