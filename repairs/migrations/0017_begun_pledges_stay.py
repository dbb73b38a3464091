from django.db import migrations

FREEZE = """
CREATE FUNCTION repairs_begun_pledges_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
    version repairs_pledgeversion;
BEGIN
    IF TG_TABLE_NAME = 'repairs_pledgeversion' THEN
        IF TG_OP <> 'INSERT' AND OLD.starts_on <= today OR TG_OP <> 'DELETE' AND NEW.starts_on <= today
            -- The very first version of the house began before there was anybody to promise it to.
            AND NOT (TG_OP = 'INSERT' AND NEW.estate_id IS NULL
                     AND NOT EXISTS (SELECT FROM repairs_pledgeversion WHERE estate_id IS NULL))
        THEN
            RAISE EXCEPTION 'Promises that have begun stay as they are; new ones begin tomorrow at the earliest.'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN coalesce(NEW, OLD);
    END IF;
    SELECT * INTO version FROM repairs_pledgeversion WHERE id = coalesce(NEW.version_id, OLD.version_id);
    -- Rows of a version that is being deleted go with it: it has been asked itself.
    IF version.starts_on <= today AND NOT (TG_OP = 'INSERT' AND version.estate_id IS NULL AND version.made_by_id IS NULL)
    THEN
        RAISE EXCEPTION 'Promises that have begun stay as they are; new ones begin tomorrow at the earliest.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.version_id <> OLD.version_id THEN
        RAISE EXCEPTION 'A promise stays in its version.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER begun_pledges_stay BEFORE INSERT OR UPDATE OR DELETE ON repairs_pledgeversion
    FOR EACH ROW EXECUTE FUNCTION repairs_begun_pledges_stay();
CREATE TRIGGER begun_pledges_stay BEFORE INSERT OR UPDATE OR DELETE ON repairs_pledge
    FOR EACH ROW EXECUTE FUNCTION repairs_begun_pledges_stay();
"""
THAW = """
DROP TRIGGER begun_pledges_stay ON repairs_pledge;
DROP TRIGGER begun_pledges_stay ON repairs_pledgeversion;
DROP FUNCTION repairs_begun_pledges_stay();
"""


class Migration(migrations.Migration):
    """Promises that have begun can't be edited or deleted, whoever asks; new ones begin tomorrow at the earliest."""

    dependencies = [("repairs", "0016_pledges_seeded")]

    operations = [migrations.RunSQL(FREEZE, THAW)]
