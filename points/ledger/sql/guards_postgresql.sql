-- Both accounts of a posting hold the posting's unit: two composite foreign keys instead of two plain ones.
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_unit_key UNIQUE (id, unit_id);
ALTER TABLE ledger_posting ADD CONSTRAINT ledger_posting_source_unit
    FOREIGN KEY (source_id, unit_id) REFERENCES ledger_account (id, unit_id);
ALTER TABLE ledger_posting ADD CONSTRAINT ledger_posting_destination_unit
    FOREIGN KEY (destination_id, unit_id) REFERENCES ledger_account (id, unit_id);

CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger guard: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER ledger_posting_guard BEFORE UPDATE OR DELETE ON ledger_posting
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_posting_truncate_guard BEFORE TRUNCATE ON ledger_posting
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_transaction_delete_guard BEFORE DELETE ON ledger_transaction
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_transaction_truncate_guard BEFORE TRUNCATE ON ledger_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
-- Every column but the seal is fixed; an empty seal may be filled, once.
CREATE TRIGGER ledger_transaction_update_guard BEFORE UPDATE OF id, kind, reference, key, body_digest, occurred_at,
    posted_at, by_id, approved_by_id, on_behalf_of_id, reason, rule, inputs_digest, reverses_id, corrects_id
    ON ledger_transaction FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_transaction_seal_guard BEFORE UPDATE OF seal_id ON ledger_transaction
    FOR EACH ROW WHEN (OLD.seal_id IS NOT NULL OR NEW.seal_id IS NULL) EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_seal_guard BEFORE UPDATE OR DELETE ON ledger_seal
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_seal_truncate_guard BEFORE TRUNCATE ON ledger_seal
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_checkpoint_guard BEFORE UPDATE OR DELETE ON ledger_checkpoint
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_checkpoint_truncate_guard BEFORE TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_assertion_guard BEFORE UPDATE OR DELETE ON ledger_assertion
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_assertion_truncate_guard BEFORE TRUNCATE ON ledger_assertion
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
-- What an account is never changes; a balance row leaves only when it is empty.
CREATE TRIGGER ledger_account_guard BEFORE UPDATE OF id, code, kind, unit_id, is_stored, tracks_days, sign
    ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_balance_guard BEFORE DELETE ON ledger_balance
    FOR EACH ROW WHEN (OLD.amount <> 0) EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_balance_truncate_guard BEFORE TRUNCATE ON ledger_balance
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
