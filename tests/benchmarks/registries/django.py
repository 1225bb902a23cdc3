"""Django's registry of applications and models."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

from functools import partial

import django
from django.apps import apps
from django.conf import settings
from django.db import models

__all__ = ["define", "find"]

settings.configure(INSTALLED_APPS=[], DEFAULT_AUTO_FIELD="django.db.models.AutoField")
django.setup()

find = partial(apps.get_registered_model, "many")


def define(number):
    namespace = {
        "__module__": "many",
        "name": models.CharField(max_length=50),
        "to": _refer(number - 1),
        "half": _refer(number // 2),
        "other": _refer(number - 2),
        "Meta": type("Meta", (), {"app_label": "many"}),
    }
    type(f"Model{number}", (models.Model,), namespace)


def _refer(number):
    name = f"Model{max(number, 0)}"
    return models.ForeignKey(name, null=True, related_name="+", on_delete=models.DO_NOTHING)
