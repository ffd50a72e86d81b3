from django.db import migrations


def add_row(apps, schema_editor):
    """The admin changes it and adds none."""
    apps.get_model('notifications', 'NotificationSettings').objects.get_or_create(pk=1)


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0001_outbox'),
    ]

    operations = [
        migrations.RunPython(add_row, migrations.RunPython.noop),
    ]
