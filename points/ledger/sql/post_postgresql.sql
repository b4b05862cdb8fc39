-- The write path of the ledger: one business event in one round trip, inside the caller's transaction.
--
-- Everything that can be refused is checked before anything is written, so a refusal is an answer (a row with
-- its code), never an aborted transaction. Order: lock the stored accounts by id; read their balances (after the
-- lock); lapse what is overdue and draw expiring value, soonest first, in these arrays; check the floors; claim the
-- key; write. A refusal first asks whether the key has been posted: then the first transaction is the answer.
-- Floors, signs, units and uniqueness stand once more as constraints of the tables.
--
-- p_stored: the ids of the accounts that store their balance.
-- p_flags, one number per move: 1 source stored, 2 source keeps days, 4 source lapses,
-- 8 destination stored, 16 destination keeps days, 32 destination lapses, 64 source is a debt,
-- 128 destination is a debt. They follow from the account's kind, which a guard keeps from changing.
--
-- Two ways lead through it. The plain case (one move, nothing overdue, the soonest day holds enough) is one look
-- and the writes; whatever is not plain, refusals included, goes the general way, which alone decides them.
-- Plans are kept: making them anew would cost as much as all the rest.
CREATE FUNCTION ledger_post(
    p_kind text, p_reference text, p_key text, p_digest text, p_occurred timestamptz, p_posted timestamptz,
    p_by bigint, p_approved bigint, p_on_behalf bigint, p_reason text, p_rule text, p_inputs text,
    p_reverses bigint, p_corrects bigint, p_today date,
    p_sources bigint[], p_destinations bigint[], p_units text[], p_amounts bigint[],
    p_source_days date[], p_destination_days date[], p_flags int[], p_stored bigint[],
    OUT o_id bigint, OUT o_digest text, OUT o_is_new boolean, OUT o_refusal text, OUT o_account bigint, OUT o_balance numeric,
    OUT o_needed numeric
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    never CONSTANT date := '9999-12-31';
    v_have date; v_there date; v_to date;
BEGIN
    PERFORM 1 FROM ledger_account WHERE id = ANY (p_stored) ORDER BY id FOR NO KEY UPDATE;

    -- The plain case, which nearly all are. A debt, a reversal, a day named where overdue ones must go first: not plain.
    IF cardinality(p_sources) = 1 AND p_reverses IS NULL AND p_flags[1] & 192 = 0 THEN
        SELECT s.day, a.day, d.day INTO v_have, v_to, v_there
        FROM (SELECT 1) AS one
        LEFT JOIN LATERAL (
            SELECT day, amount FROM ledger_balance WHERE account_id = p_sources[1] AND amount > 0
                AND (p_source_days[1] IS NULL OR day = p_source_days[1]) ORDER BY day LIMIT 1
        ) AS s ON p_flags[1] & 1 <> 0
        CROSS JOIN LATERAL (
            SELECT COALESCE(p_destination_days[1], CASE WHEN p_flags[1] & 16 <> 0 THEN s.day END, never) AS day
        ) AS a
        LEFT JOIN ledger_balance d ON d.account_id = p_destinations[1] AND d.day = a.day
        WHERE NOT EXISTS (SELECT 1 FROM ledger_halt WHERE kind = p_kind AND lifted_at IS NULL)
            AND (p_flags[1] & 1 = 0 OR s.amount >= p_amounts[1])
            AND (p_flags[1] & 4 = 0 OR s.day >= p_today AND p_source_days[1] IS NULL)
            AND (p_flags[1] & 32 = 0 OR a.day >= p_today)
            AND COALESCE(d.amount, 0)::numeric + p_amounts[1] <= 9223372036854775807;
        IF FOUND THEN
            INSERT INTO ledger_transaction (kind, reference, key, body_digest, occurred_at, posted_at, by_id,
                approved_by_id, on_behalf_of_id, reason, rule, inputs_digest, reverses_id, corrects_id)
            VALUES (p_kind, p_reference, p_key, p_digest, p_occurred, p_posted, p_by, p_approved, p_on_behalf, p_reason,
                p_rule, p_inputs, p_reverses, p_corrects)
            ON CONFLICT (key) DO NOTHING RETURNING id INTO o_id;
            IF o_id IS NOT NULL THEN
                INSERT INTO ledger_posting (transaction_id, source_id, destination_id, unit_id, amount, source_day,
                    destination_day)
                VALUES (o_id, p_sources[1], p_destinations[1], p_units[1], p_amounts[1],
                    CASE WHEN p_flags[1] & 2 <> 0 THEN v_have END, CASE WHEN p_flags[1] & 16 <> 0 THEN v_to END);
                IF v_have IS NOT NULL THEN
                    UPDATE ledger_balance SET amount = amount - p_amounts[1]
                    WHERE account_id = p_sources[1] AND day = v_have;
                END IF;
                IF v_there IS NOT NULL THEN
                    UPDATE ledger_balance SET amount = amount + p_amounts[1]
                    WHERE account_id = p_destinations[1] AND day = v_there;
                ELSIF p_flags[1] & 8 <> 0 THEN
                    INSERT INTO ledger_balance (account_id, day, amount, sign)
                    VALUES (p_destinations[1], v_to, p_amounts[1], 1);
                END IF;
                o_digest := p_digest;
                o_is_new := true;
                RETURN;
            END IF;
        END IF;
    END IF;

    -- The general way.
    DECLARE
        v_halted boolean;
        -- the balances of the stored accounts by day: as read, and as this transaction changes them
        b_account bigint[]; b_day date[]; b_before numeric[]; b_after numeric[]; b_sign int[];
        v_read int; -- so many of them have a row
        -- postings to write
        w_move int[] := '{}'; w_day date[] := '{}'; w_arriving date[] := '{}'; w_amount bigint[] := '{}';
        -- overdue days to lapse first
        l_account bigint[] := '{}'; l_day date[] := '{}'; l_amount bigint[] := '{}'; l_unit text[] := '{}';
        v_flag int; v_day date; v_arriving date; v_missing bigint; v_part bigint; v_at int; v_slots int;
        v_side int; v_account bigint; v_delta numeric; v_reference text; v_lapsed bigint; v_number bigint;
    BEGIN
    o_is_new := false;
        SELECT EXISTS (SELECT 1 FROM ledger_halt WHERE kind = p_kind AND lifted_at IS NULL),
            COALESCE(array_agg(b.account_id), '{}'), COALESCE(array_agg(b.day), '{}'),
            COALESCE(array_agg(b.amount::numeric), '{}'), COALESCE(array_agg(b.sign::int), '{}')
        INTO v_halted, b_account, b_day, b_before, b_sign
        FROM (SELECT account_id, day, amount, sign FROM ledger_balance WHERE account_id = ANY (p_stored)
              ORDER BY account_id, day) AS b;
        b_after := b_before;
        v_read := cardinality(b_account);
        v_slots := v_read;

        IF v_halted THEN
            o_refusal := 'kind_halted';
        ELSIF p_reverses IS NOT NULL AND EXISTS (SELECT 1 FROM ledger_transaction WHERE reverses_id = p_reverses) THEN
            o_refusal := 'already_reversed';
        END IF;

        -- Overdue days of what is spent from lapse first, so that a late job changes nothing.
        FOR i IN 1 .. cardinality(p_sources) LOOP
            CONTINUE WHEN p_flags[i] & 4 = 0;
            FOR k IN 1 .. v_read LOOP
                IF b_account[k] = p_sources[i] AND b_day[k] < p_today AND b_after[k] > 0 THEN
                    l_account := l_account || b_account[k]; l_day := l_day || b_day[k];
                    l_amount := l_amount || b_after[k]::bigint; l_unit := l_unit || p_units[i];
                    b_after[k] := 0;
                END IF;
            END LOOP;
        END LOOP;

        <<moves>>
        FOR i IN 1 .. cardinality(p_sources) LOOP
            v_flag := p_flags[i];
            v_missing := p_amounts[i];
            WHILE v_missing > 0 LOOP
                v_day := p_source_days[i];
                v_part := v_missing;
                IF v_flag & 2 <> 0 AND v_day IS NULL THEN -- the soonest day that holds something
                    FOR k IN 1 .. v_slots LOOP
                        IF b_account[k] = p_sources[i] AND b_after[k] > 0 AND (v_day IS NULL OR b_day[k] < v_day) THEN
                            v_day := b_day[k];
                            v_part := LEAST(v_missing, b_after[k]);
                        END IF;
                    END LOOP;
                    IF v_day IS NULL THEN
                        o_refusal := COALESCE(o_refusal, 'insufficient_balance'); o_account := p_sources[i];
                        o_balance := p_amounts[i] - v_missing; o_needed := p_amounts[i];
                        EXIT moves;
                    END IF;
                END IF;
                v_missing := v_missing - v_part;
                v_arriving := NULL;
                IF v_flag & 16 <> 0 THEN
                    v_arriving := COALESCE(p_destination_days[i], v_day, never);
                    IF v_flag & 32 <> 0 AND v_arriving < p_today AND p_reverses IS NULL THEN
                        o_refusal := COALESCE(o_refusal, 'day_passed'); o_account := p_destinations[i];
                        EXIT moves;
                    END IF;
                END IF;
                w_move := w_move || i; w_day := w_day || v_day; w_arriving := w_arriving || v_arriving;
                w_amount := w_amount || v_part;
                -- both sides, where they are stored
                FOR side IN 0 .. 1 LOOP
                    CONTINUE WHEN v_flag & CASE side WHEN 0 THEN 1 ELSE 8 END = 0;
                    IF side = 0 THEN
                        v_account := p_sources[i]; v_delta := -v_part; v_day := COALESCE(v_day, never);
                    ELSE
                        v_account := p_destinations[i]; v_delta := v_part; v_day := COALESCE(v_arriving, never);
                    END IF;
                    v_at := NULL;
                    FOR k IN 1 .. v_slots LOOP
                        IF b_account[k] = v_account AND b_day[k] = v_day THEN
                            v_at := k;
                            EXIT;
                        END IF;
                    END LOOP;
                    IF v_at IS NULL THEN
                        v_slots := v_slots + 1;
                        b_account := b_account || v_account; b_day := b_day || v_day; b_before := b_before || 0::numeric;
                        b_after := b_after || v_delta;
                        b_sign := b_sign || CASE WHEN v_flag & (64 << side) <> 0 THEN -1 ELSE 1 END;
                    ELSE
                        b_after[v_at] := b_after[v_at] + v_delta;
                    END IF;
                END LOOP;
            END LOOP;
        END LOOP;

        -- Floors, before anything is written.
        IF o_refusal IS NULL THEN
            FOR k IN 1 .. v_slots LOOP
                CONTINUE WHEN b_after[k] = b_before[k];
                o_refusal := CASE WHEN b_sign[k] < 0 AND b_after[k] > 0 THEN 'above_ceiling'
                    WHEN b_sign[k] > 0 AND b_after[k] < 0 THEN 'insufficient_balance'
                    WHEN abs(b_after[k]) > 9223372036854775807 THEN 'too_large' END;
                IF o_refusal IS NOT NULL THEN
                    o_account := b_account[k]; o_balance := b_before[k]; o_needed := abs(b_after[k] - b_before[k]);
                    EXIT;
                END IF;
            END LOOP;
        END IF;

        IF o_refusal IS NULL THEN
            INSERT INTO ledger_transaction (kind, reference, key, body_digest, occurred_at, posted_at, by_id,
                approved_by_id, on_behalf_of_id, reason, rule, inputs_digest, reverses_id, corrects_id)
            VALUES (p_kind, p_reference, p_key, p_digest, p_occurred, p_posted, p_by, p_approved, p_on_behalf, p_reason,
                p_rule, p_inputs, p_reverses, p_corrects)
            ON CONFLICT (key) DO NOTHING RETURNING id INTO o_id;
        END IF;
        IF o_id IS NULL THEN -- refused, or the key has been posted: then the first transaction is the answer
            SELECT id, body_digest INTO o_id, o_digest FROM ledger_transaction WHERE key = p_key;
            IF FOUND THEN
                o_refusal := NULL; o_account := NULL; o_balance := NULL; o_needed := NULL;
            END IF;
            RETURN;
        END IF;

        FOR i IN 1 .. cardinality(l_account) LOOP
            SELECT a.code || ':' || l_day[i] INTO v_reference FROM ledger_account a WHERE a.id = l_account[i];
            SELECT a.id INTO STRICT v_lapsed FROM ledger_account a WHERE a.code = 'system:lapsed:' || lower(l_unit[i]);
            SELECT count(*) INTO v_number FROM ledger_transaction WHERE kind = 'lapse' AND reference = v_reference;
            INSERT INTO ledger_transaction (kind, reference, key, body_digest, occurred_at, posted_at, reason, rule,
                inputs_digest)
            VALUES ('lapse', v_reference, 'lapse:' || v_reference || ':' || v_number,
                encode(sha256(convert_to('lapse:' || v_reference || ':' || v_number, 'UTF8')), 'hex'),
                p_posted, p_posted, 'expired', '', '')
            RETURNING id INTO v_number;
            INSERT INTO ledger_posting (transaction_id, source_id, destination_id, unit_id, amount, source_day)
            VALUES (v_number, l_account[i], v_lapsed, l_unit[i], l_amount[i], l_day[i]);
        END LOOP;

        FOR j IN 1 .. cardinality(w_move) LOOP
            INSERT INTO ledger_posting (transaction_id, source_id, destination_id, unit_id, amount, source_day,
                destination_day)
            VALUES (o_id, p_sources[w_move[j]], p_destinations[w_move[j]], p_units[w_move[j]], w_amount[j], w_day[j],
                w_arriving[j]);
        END LOOP;

        FOR k IN 1 .. v_slots LOOP
            CONTINUE WHEN b_after[k] = b_before[k];
            IF k <= v_read THEN
                UPDATE ledger_balance SET amount = amount + (b_after[k] - b_before[k])::bigint
                WHERE account_id = b_account[k] AND day = b_day[k];
            ELSE
                INSERT INTO ledger_balance (account_id, day, amount, sign)
                VALUES (b_account[k], b_day[k], b_after[k]::bigint, b_sign[k]);
            END IF;
        END LOOP;
        o_digest := p_digest;
        o_is_new := true;
    END;
END $$;
