from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # so that photos can be uploaded while the index is built

    dependencies = [("attachments", "0002_photos_of_browsers")]

    operations = [AddIndexConcurrently("attachment", models.Index(fields=["key"], name="photo_by_key"))]
