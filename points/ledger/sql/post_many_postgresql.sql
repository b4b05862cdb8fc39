-- Thousands of one-move transactions in a handful of set-based statements, one lock order, all or nothing.
-- The caller names the day where a source keeps days; the flags are those of ledger_post. Entries whose key was
-- posted before with the same body are answered with the first transaction. p_keys are distinct.
CREATE FUNCTION ledger_post_many(
    p_kind text, p_posted timestamptz, p_by bigint, p_approved bigint, p_today date,
    p_keys text[], p_references text[], p_digests text[], p_occurred timestamptz[], p_reasons text[], p_rules text[],
    p_inputs text[], p_sources bigint[], p_destinations bigint[], p_units text[], p_amounts bigint[],
    p_source_days date[], p_destination_days date[], p_flags int[],
    OUT o_ids bigint[], OUT o_refusal text, OUT o_subject text, OUT o_balance numeric, OUT o_needed numeric
) LANGUAGE plpgsql AS $$
DECLARE
    never CONSTANT date := '9999-12-31';
    v_done text[];
    v_new bigint;
    v_row record;
BEGIN
    PERFORM 1 FROM ledger_account WHERE id IN (
        SELECT u.source FROM unnest(p_sources, p_flags) AS u (source, flag) WHERE u.flag & 1 <> 0
        UNION
        SELECT u.destination FROM unnest(p_destinations, p_flags) AS u (destination, flag) WHERE u.flag & 8 <> 0
    ) ORDER BY id FOR NO KEY UPDATE;

    SELECT COALESCE(array_agg(u.key), '{}'), MIN(u.key) FILTER (WHERE t.body_digest <> u.digest)
    INTO v_done, o_subject
    FROM unnest(p_keys, p_digests) AS u (key, digest) JOIN ledger_transaction t ON t.key = u.key;
    IF o_subject IS NOT NULL THEN
        o_refusal := 'idempotency_conflict';
        RETURN;
    END IF;
    IF cardinality(v_done) < cardinality(p_keys)
        AND EXISTS (SELECT 1 FROM ledger_halt WHERE kind = p_kind AND lifted_at IS NULL) THEN
        o_refusal := 'kind_halted';
        RETURN;
    END IF;

    SELECT a.code, d.before, d.delta, CASE
            WHEN a.sign < 0 AND d.before + d.delta > 0 THEN 'above_ceiling'
            WHEN a.sign > 0 AND d.before + d.delta < 0 THEN 'insufficient_balance'
            ELSE 'too_large' END AS refusal
    INTO v_row FROM (
        SELECT c.account, COALESCE(MAX(b.amount), 0)::numeric AS before, SUM(c.delta) AS delta FROM (
            SELECT u.source AS account, COALESCE(u.source_day, never) AS day, -u.amount AS delta
            FROM unnest(p_keys, p_sources, p_source_days, p_amounts, p_flags)
                AS u (key, source, source_day, amount, flag)
            WHERE u.flag & 1 <> 0 AND NOT u.key = ANY (v_done)
            UNION ALL
            SELECT u.destination, COALESCE(CASE WHEN u.flag & 16 <> 0 THEN COALESCE(u.day, u.source_day) END, never),
                u.amount
            FROM unnest(p_keys, p_destinations, p_destination_days, p_source_days, p_amounts, p_flags)
                AS u (key, destination, day, source_day, amount, flag)
            WHERE u.flag & 8 <> 0 AND NOT u.key = ANY (v_done)
        ) AS c LEFT JOIN ledger_balance b ON b.account_id = c.account AND b.day = c.day
        GROUP BY c.account, c.day
    ) AS d JOIN ledger_account a ON a.id = d.account
    WHERE (a.sign > 0 AND d.before + d.delta < 0) OR (a.sign < 0 AND d.before + d.delta > 0)
       OR abs(d.before + d.delta) > 9223372036854775807
    ORDER BY a.sign < 0, d.before + d.delta LIMIT 1;
    IF FOUND THEN
        o_refusal := v_row.refusal; o_subject := v_row.code; o_balance := v_row.before; o_needed := abs(v_row.delta);
        RETURN;
    END IF;

    WITH entry AS MATERIALIZED (
        SELECT u.key, u.reference, u.digest, u.occurred, u.reason, u.rule, u.inputs, u.source, u.destination, u.unit,
            u.amount, u.flag, u.place,
            CASE WHEN u.flag & 2 <> 0 THEN u.source_day END AS source_day,
            CASE WHEN u.flag & 16 <> 0 THEN COALESCE(u.destination_day, u.source_day, never) END AS destination_day
        FROM unnest(p_keys, p_references, p_digests, p_occurred, p_reasons, p_rules, p_inputs, p_sources,
            p_destinations, p_units, p_amounts, p_source_days, p_destination_days, p_flags) WITH ORDINALITY
            AS u (key, reference, digest, occurred, reason, rule, inputs, source, destination, unit, amount,
                source_day, destination_day, flag, place)
        WHERE cardinality(v_done) = 0 OR NOT u.key = ANY (v_done)
    ), claimed AS (
        INSERT INTO ledger_transaction (kind, reference, key, body_digest, occurred_at, posted_at, by_id,
            approved_by_id, reason, rule, inputs_digest)
        SELECT p_kind, reference, key, digest, occurred, p_posted, p_by, p_approved, reason, rule, inputs
        FROM entry ORDER BY place
        ON CONFLICT (key) DO NOTHING RETURNING id, key
    ), posted AS (
        INSERT INTO ledger_posting (transaction_id, source_id, destination_id, unit_id, amount, source_day,
            destination_day)
        SELECT c.id, e.source, e.destination, e.unit, e.amount, e.source_day, e.destination_day
        FROM entry e JOIN claimed c ON c.key = e.key ORDER BY e.place
    ), change AS MATERIALIZED (
        SELECT account, day, SUM(delta)::bigint AS delta FROM (
            SELECT source AS account, COALESCE(source_day, never) AS day, -amount AS delta FROM entry
            WHERE flag & 1 <> 0
            UNION ALL
            SELECT destination, COALESCE(destination_day, never), amount FROM entry WHERE flag & 8 <> 0
        ) AS both_sides GROUP BY account, day HAVING SUM(delta) <> 0
    ), changed AS (
        UPDATE ledger_balance b SET amount = b.amount + change.delta FROM change
        WHERE b.account_id = change.account AND b.day = change.day RETURNING b.account_id, b.day
    ), opened AS (
        INSERT INTO ledger_balance (account_id, day, amount, sign)
        SELECT change.account, change.day, change.delta, a.sign
        FROM change JOIN ledger_account a ON a.id = change.account
        WHERE NOT EXISTS (SELECT 1 FROM changed c WHERE c.account_id = change.account AND c.day = change.day)
    )
    SELECT count(*), array_agg(c.id ORDER BY e.place) INTO v_new, o_ids
    FROM claimed c JOIN entry e ON e.key = c.key;
    IF v_new + cardinality(v_done) <> cardinality(p_keys) THEN
        RAISE EXCEPTION 'ledger: a key was claimed by somebody else meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;

    IF cardinality(v_done) > 0 THEN
        SELECT array_agg(t.id ORDER BY u.place) INTO o_ids
        FROM unnest(p_keys) WITH ORDINALITY AS u (key, place) JOIN ledger_transaction t ON t.key = u.key;
    END IF;
END $$;
