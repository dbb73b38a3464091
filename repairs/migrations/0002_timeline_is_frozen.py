from django.db import migrations

FREEZE = """
CREATE FUNCTION repairs_timeline_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The timeline is written once and never changed.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER timeline_is_frozen BEFORE UPDATE OR DELETE ON repairs_ticketevent
    FOR EACH ROW EXECUTE FUNCTION repairs_timeline_is_frozen();
"""
THAW = """
DROP TRIGGER timeline_is_frozen ON repairs_ticketevent;
DROP FUNCTION repairs_timeline_is_frozen();
"""


class Migration(migrations.Migration):
    """The timeline can't be edited or deleted, whoever asks."""

    dependencies = [("repairs", "0001_initial")]

    operations = [migrations.RunSQL(FREEZE, THAW)]
