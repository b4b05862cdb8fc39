-- The floor: the rows one posting leaves behind, written by functions that check nothing and know no rules.
-- {transaction}, {posting} and {balance} are the ledger's own tables, or bare ones with nothing but their keys.
CREATE FUNCTION {schema}.post(p_key text, p_source bigint, p_destination bigint, p_amount bigint, p_by bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    never CONSTANT date := '9999-12-31';
    v_id bigint;
BEGIN
    INSERT INTO {transaction} (kind, reference, key, body_digest, occurred_at, posted_at, by_id, reason, rule,
        inputs_digest)
    VALUES ('bench', 'record:' || p_key, p_key, repeat('0', 64), now(), now(), p_by, '', 'bench:1', '')
    RETURNING id INTO v_id;
    INSERT INTO {posting} (transaction_id, source_id, destination_id, unit_id, amount, source_day, destination_day)
    VALUES (v_id, p_source, p_destination, 'BEAN', p_amount, never, never);
    IF p_source < p_destination THEN
        UPDATE {balance} SET amount = amount - p_amount WHERE account_id = p_source AND day = never;
        UPDATE {balance} SET amount = amount + p_amount WHERE account_id = p_destination AND day = never;
    ELSE
        UPDATE {balance} SET amount = amount + p_amount WHERE account_id = p_destination AND day = never;
        UPDATE {balance} SET amount = amount - p_amount WHERE account_id = p_source AND day = never;
    END IF;
    RETURN v_id;
END $$;

-- The same for thousands, in one statement.
CREATE FUNCTION {schema}.post_many(p_keys text[], p_sources bigint[], p_destinations bigint[], p_amounts bigint[],
    p_by bigint)
RETURNS bigint LANGUAGE sql AS $$
    WITH entry AS MATERIALIZED (
        SELECT * FROM unnest(p_keys, p_sources, p_destinations, p_amounts) AS u (key, source, destination, amount)
    ), written AS (
        INSERT INTO {transaction} (kind, reference, key, body_digest, occurred_at, posted_at, by_id, reason, rule,
            inputs_digest)
        SELECT 'bench', 'record:' || key, key, repeat('0', 64), now(), now(), p_by, '', 'bench:1', '' FROM entry
        RETURNING id, key
    ), posted AS (
        INSERT INTO {posting} (transaction_id, source_id, destination_id, unit_id, amount, source_day,
            destination_day)
        SELECT w.id, e.source, e.destination, 'BEAN', e.amount, NULL, '9999-12-31'
        FROM written w JOIN entry e ON e.key = w.key
    ), change AS (
        SELECT account, SUM(delta)::bigint AS delta FROM (
            SELECT source AS account, -amount AS delta FROM entry
            UNION ALL
            SELECT destination, amount FROM entry
        ) AS sides GROUP BY account
    ), changed AS (
        UPDATE {balance} b SET amount = b.amount + change.delta FROM change
        WHERE b.account_id = change.account AND b.day = '9999-12-31' RETURNING 1
    )
    SELECT count(*) FROM written
$$;
