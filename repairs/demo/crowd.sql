-- What crowd.py prepares before it copies. Run in one transaction; every table here lives as long as that.

-- The rows were written a moment ago in this transaction: nobody has counted them yet.
ANALYZE accounts_user, estates_residence, estates_dwelling, estates_entrance, estates_building;
ANALYZE repairs_ticket, repairs_ticketevent, repairs_photo, repairs_message, repairs_ticketcounter;

-- A number from 0 to 1, always the same for the same row and question.
CREATE FUNCTION pg_temp.chance(row_number bigint, question int) RETURNS float8 LANGUAGE sql IMMUTABLE
    RETURN (hashint8(row_number * 16 + question)::bigint + 2147483648) / 4294967296.0;

-- A moment in JSON, moved.
CREATE FUNCTION pg_temp.moved(moment jsonb, shift interval) RETURNS text LANGUAGE sql STABLE
    RETURN to_char(((moment #>> '{}')::timestamptz + shift) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"');

-- A moment as messages word it (repairs/times.py).
CREATE FUNCTION pg_temp.worded(moment timestamptz) RETURNS text LANGUAGE sql STABLE
    RETURN to_char(moment AT TIME ZONE 'Asia/Shanghai', 'FMMM"月"FMDD"日 "HH24:MI');

-- Residents by estate, all of them ('') and by where their flat is; `at` counts from 0 to `of`.
CREATE TEMP TABLE crowd_resident ON COMMIT DROP AS
SELECT estate_id, part, row_number() OVER pool - 1 AS at, count(*) OVER (PARTITION BY estate_id, part) AS of,
       person_id, phone, display_name, dwelling_id, entrance_id, building_id
FROM (
    SELECT building.estate_id, residence.person_id, person.phone, person.display_name,
           dwelling.id AS dwelling_id, entrance.id AS entrance_id, building.id AS building_id,
           unnest(ARRAY['', CASE dwelling.floor WHEN building.storeys THEN 'top' WHEN 1 THEN 'ground' ELSE 'middle' END])
               AS part
    FROM estates_residence residence
    JOIN accounts_user person ON person.id = residence.person_id AND person.phone IS NOT NULL
    JOIN estates_dwelling dwelling ON dwelling.id = residence.dwelling_id
    JOIN estates_entrance entrance ON entrance.id = dwelling.entrance_id
    JOIN estates_building building ON building.id = entrance.building_id
    WHERE residence.ends_on IS NULL
) each_resident
WINDOW pool AS (PARTITION BY estate_id, part ORDER BY person_id);
CREATE INDEX ON crowd_resident (estate_id, part, at);
ANALYZE crowd_resident;

-- The originals, numbered from 0, with the pool their copies are reported from.
CREATE TEMP TABLE crowd_base ON COMMIT DROP AS
SELECT ticket.*, row_number() OVER (ORDER BY ticket.id) - 1 AS at,
       CASE WHEN reporter.phone IS NOT NULL THEN 'resident' WHEN reporter.username IS NULL THEN 'guest' ELSE 'staff' END
           AS reported_by,
       coalesce(own.part, '') AS part, coalesce(own.of, every.of) AS of, every.of AS of_every
FROM repairs_ticket ticket
JOIN accounts_user reporter ON reporter.id = ticket.reporter_id
LEFT JOIN estates_dwelling dwelling ON dwelling.id = ticket.dwelling_id
LEFT JOIN estates_building building ON building.id = ticket.building_id
JOIN crowd_resident every ON every.estate_id = ticket.estate_id AND every.part = '' AND every.at = 0
LEFT JOIN crowd_resident own ON own.estate_id = ticket.estate_id AND own.at = 0 AND dwelling.id IS NOT NULL
     AND own.part = CASE dwelling.floor WHEN building.storeys THEN 'top' WHEN 1 THEN 'ground' ELSE 'middle' END
WHERE ticket.id = ANY(%(originals)s);
CREATE UNIQUE INDEX ON crowd_base (at);
CREATE UNIQUE INDEX ON crowd_base (id);
ANALYZE crowd_base;

-- Their events, numbered from 0 within each ticket; `said_by` tells whom a copy's event names.
CREATE TEMP TABLE crowd_event ON COMMIT DROP AS
SELECT event.*, row_number() OVER (PARTITION BY event.ticket_id ORDER BY event.id) - 1 AS turn,
       CASE WHEN event.by_id = base.reporter_id THEN 'reporter'
            WHEN base.contact_phone <> '' AND person.phone = base.contact_phone THEN 'contact' ELSE 'same' END AS said_by
FROM repairs_ticketevent event
JOIN crowd_base base ON base.id = event.ticket_id
LEFT JOIN accounts_user person ON person.id = event.by_id;
CREATE INDEX ON crowd_event (ticket_id);
ANALYZE crowd_event;

-- The copies: which original, who lives through it (`helper` reports for them), how much earlier, under which number.
CREATE TEMP TABLE crowd ON COMMIT DROP AS
WITH drawn AS (
    SELECT n, base.id AS original, base.estate_id, base.part,
           floor(pg_temp.chance(n, 0) * base.of)::bigint AS who, floor(pg_temp.chance(n, 1) * base.of_every)::bigint AS helper,
           CASE WHEN base.state = 'closed'
                THEN make_interval(days => -floor(pg_temp.chance(n, 2) * 4)::int, secs => -pg_temp.chance(n, 3) * 3000)
                ELSE make_interval(secs => -pg_temp.chance(n, 3)
                                           * least(3000, extract(epoch FROM %(now)s - base.filed_at) / 5)) END AS shift
    FROM generate_series(0, %(count)s - 1) n
    JOIN crowd_base base ON base.at = n %% (SELECT count(*) FROM crowd_base)
), numbered AS (
    SELECT drawn.*, street.short_name, to_char((base.filed_at + shift) AT TIME ZONE 'Asia/Shanghai', 'YYMM') AS month,
           base.street_id, base.filed_at + shift AS filed_at
    FROM drawn JOIN crowd_base base ON base.id = original JOIN estates_street street ON street.id = base.street_id
), counted AS (
    SELECT numbered.*, coalesce(counter.last, 0)
               + row_number() OVER (PARTITION BY street_id, numbered.month ORDER BY filed_at, n) AS count
    FROM numbered LEFT JOIN repairs_ticketcounter counter USING (street_id, month)
)
SELECT n, original, shift, street_id, month, count,
       short_name || '-' || month || '-' || lpad(count::text, greatest(4, length(count::text)), '0') AS number,
       me.person_id AS me, me.phone, me.display_name, me.dwelling_id, me.entrance_id, me.building_id,
       other.person_id AS helper
FROM counted
JOIN crowd_resident me ON (me.estate_id, me.part, me.at) = (counted.estate_id, counted.part, counted.who)
JOIN crowd_resident other ON (other.estate_id, other.part, other.at) = (counted.estate_id, '', counted.helper);
CREATE INDEX ON crowd (original);
ANALYZE crowd;
INSERT INTO repairs_ticketcounter (street_id, month, last) SELECT street_id, month, max(count) FROM crowd GROUP BY 1, 2
    ON CONFLICT (street_id, month) DO UPDATE SET last = excluded.last;

-- What originals and places are found by (repairs/search.py fills both).
CREATE TEMP TABLE crowd_words (original bigint, found text, tokens text[]) ON COMMIT DROP;
CREATE TEMP TABLE crowd_place (ref text, found text, tokens text[]) ON COMMIT DROP;

-- Pictures get a key of their own and share their file.
CREATE TEMP TABLE crowd_photo ON COMMIT DROP AS
SELECT photo.id AS photo_id, photo.key AS old_key, gen_random_uuid() AS key, crowd.n
FROM repairs_photo photo JOIN crowd ON crowd.original = photo.ticket_id WHERE photo.event_id IS NOT NULL;
