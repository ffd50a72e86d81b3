import django.db.models.expressions
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # so that tickets can be written while the index is built

    dependencies = [("tickets", "0021_links_of_followers")]

    operations = [
        AddIndexConcurrently(
            "ticket",
            models.Index(
                django.db.models.expressions.CombinedExpression(models.F("id"), ">>", models.Value(14)),
                models.F("opened_at"),
                name="ticket_by_block",
            ),
        ),
    ]
