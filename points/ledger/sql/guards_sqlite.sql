-- Both accounts of a posting exist and hold the posting's unit.
CREATE TRIGGER ledger_posting_unit_guard BEFORE INSERT ON ledger_posting
    WHEN (SELECT unit_id FROM ledger_account WHERE id = NEW.source_id) IS NOT NEW.unit_id
      OR (SELECT unit_id FROM ledger_account WHERE id = NEW.destination_id) IS NOT NEW.unit_id
BEGIN SELECT RAISE(ABORT, 'ledger guard: both accounts must hold the unit of the posting'); END;

CREATE TRIGGER ledger_posting_update_guard BEFORE UPDATE ON ledger_posting
BEGIN SELECT RAISE(ABORT, 'ledger guard: UPDATE of ledger_posting is refused'); END;
CREATE TRIGGER ledger_posting_delete_guard BEFORE DELETE ON ledger_posting
BEGIN SELECT RAISE(ABORT, 'ledger guard: DELETE of ledger_posting is refused'); END;
CREATE TRIGGER ledger_transaction_delete_guard BEFORE DELETE ON ledger_transaction
BEGIN SELECT RAISE(ABORT, 'ledger guard: DELETE of ledger_transaction is refused'); END;
-- Every column but the seal is fixed; an empty seal may be filled, once.
CREATE TRIGGER ledger_transaction_update_guard BEFORE UPDATE OF id, kind, reference, key, body_digest, occurred_at,
    posted_at, by_id, approved_by_id, on_behalf_of_id, reason, rule, inputs_digest, reverses_id, corrects_id
    ON ledger_transaction
BEGIN SELECT RAISE(ABORT, 'ledger guard: UPDATE of ledger_transaction is refused'); END;
CREATE TRIGGER ledger_transaction_seal_guard BEFORE UPDATE OF seal_id ON ledger_transaction
    WHEN OLD.seal_id IS NOT NULL OR NEW.seal_id IS NULL
BEGIN SELECT RAISE(ABORT, 'ledger guard: a seal is filled once'); END;
CREATE TRIGGER ledger_seal_update_guard BEFORE UPDATE ON ledger_seal
BEGIN SELECT RAISE(ABORT, 'ledger guard: UPDATE of ledger_seal is refused'); END;
CREATE TRIGGER ledger_seal_delete_guard BEFORE DELETE ON ledger_seal
BEGIN SELECT RAISE(ABORT, 'ledger guard: DELETE of ledger_seal is refused'); END;
CREATE TRIGGER ledger_checkpoint_update_guard BEFORE UPDATE ON ledger_checkpoint
BEGIN SELECT RAISE(ABORT, 'ledger guard: UPDATE of ledger_checkpoint is refused'); END;
CREATE TRIGGER ledger_checkpoint_delete_guard BEFORE DELETE ON ledger_checkpoint
BEGIN SELECT RAISE(ABORT, 'ledger guard: DELETE of ledger_checkpoint is refused'); END;
CREATE TRIGGER ledger_assertion_update_guard BEFORE UPDATE ON ledger_assertion
BEGIN SELECT RAISE(ABORT, 'ledger guard: UPDATE of ledger_assertion is refused'); END;
CREATE TRIGGER ledger_assertion_delete_guard BEFORE DELETE ON ledger_assertion
BEGIN SELECT RAISE(ABORT, 'ledger guard: DELETE of ledger_assertion is refused'); END;
-- What an account is never changes; a balance row leaves only when it is empty.
CREATE TRIGGER ledger_account_guard BEFORE UPDATE OF id, code, kind, unit_id, is_stored, tracks_days, sign
    ON ledger_account
BEGIN SELECT RAISE(ABORT, 'ledger guard: UPDATE of ledger_account is refused'); END;
CREATE TRIGGER ledger_balance_guard BEFORE DELETE ON ledger_balance WHEN OLD.amount <> 0
BEGIN SELECT RAISE(ABORT, 'ledger guard: DELETE of a balance is refused'); END;
