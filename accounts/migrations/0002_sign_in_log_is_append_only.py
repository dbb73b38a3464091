"""The sign-in log is added to and read; rows go only when six months have passed (Cybersecurity Law, article 21)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION accounts_sign_in_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '6 months' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the sign-in log is append only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER sign_in_is_append_only BEFORE UPDATE OR DELETE ON accounts_signin
    FOR EACH ROW EXECUTE FUNCTION accounts_sign_in_is_append_only();
"""
BACKWARD = """
DROP TRIGGER sign_in_is_append_only ON accounts_signin;
DROP FUNCTION accounts_sign_in_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
