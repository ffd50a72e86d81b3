"""The database's protection against writes that bypass the actions: raw SQL, the admin, an import.

Four bypasses exist. Each is set for one transaction: campus.import by the import of a history, campus.repair
by corrections with a reason and by merging, campus.redact by redaction, campus.respell by a new name of a
building or room.
"""

import pgtrigger

from django_common.triggers import raise_violation, unless_bypassed
from tickets.lifecycle import LEGAL_MOVES

IMPORTING, REPAIRING, REDACTING = "campus.import", "campus.repair", "campus.redact"
RESPELLING = "campus.respell"


def mark_change() -> pgtrigger.Trigger:
    """The last of a table's BEFORE triggers: it only marks what the others accepted, so that analytics can
    ask for what has changed since."""
    return pgtrigger.Trigger(
        name="z_change_token",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func="NEW.changed_xid = pg_current_xact_id()::text::bigint; RETURN NEW;",
    )


TICKET_TRIGGERS = [
    pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
    pgtrigger.FSM(
        name="legal_moves",
        field="status",
        transitions=[(str(a), str(b)) for a, b in LEGAL_MOVES.items()],
        condition=unless_bypassed(REPAIRING, condition="OLD.status IS DISTINCT FROM NEW.status"),
    ),
    pgtrigger.Trigger(
        name="starts_open",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=unless_bypassed(IMPORTING, condition="NEW.status <> 'open' OR NEW.version <> 1"),
        func=raise_violation("a new ticket is open and at version 1"),
    ),
    pgtrigger.Trigger(
        name="closed_is_final",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=unless_bypassed(REPAIRING, REDACTING, RESPELLING, condition="OLD.status = 'closed'"),
        func=raise_violation("a closed ticket takes no change"),
    ),
    pgtrigger.Trigger(
        name="moments_stand",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "OLD.opened_at IS DISTINCT FROM NEW.opened_at OR NEW.modified_at < OLD.modified_at"
        ),
        func=raise_violation("opened_at stands and modified_at never goes back"),
    ),
    pgtrigger.Trigger(
        name="version_counts",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "NEW.version NOT IN (OLD.version, OLD.version + 1)"
            " OR (NEW.version > OLD.version AND NEW.modified_at = OLD.modified_at)"
            " OR (NEW.version = OLD.version AND (OLD.status, OLD.category) <> (NEW.status, NEW.category))"
        ),
        func=raise_violation("a change takes the next version and a later modified_at"),
    ),
    pgtrigger.Trigger(
        name="persons_word_stands",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.category_source = 'person' AND NEW.category_source = 'machine'"),
        func=raise_violation("the machine never overwrites a person''s category"),
    ),
    pgtrigger.Trigger(
        name="merged_points_to_kept",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "NEW.merged_into_id IS NOT NULL AND OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id"
        ),
        func="""
            IF NOT EXISTS (
                SELECT FROM tickets_ticket WHERE id = NEW.merged_into_id AND merged_into_id IS NULL
            ) THEN
                RAISE EXCEPTION 'a merged ticket points to one that is not merged itself'
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """,
    ),
    pgtrigger.Trigger(
        name="redaction_blanks_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            f"current_setting('{REDACTING}', true) = 'on' AND"
            " (OLD.version, OLD.modified_at) <> (NEW.version, NEW.modified_at)"
        ),
        func=raise_violation("redaction changes no moment and no version"),
    ),
    pgtrigger.Trigger(
        name="texts_return",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.texts_removed_after IS NOT NULL AND NEW.version > OLD.version"),
        func="NEW.texts_removed_after = NULL; RETURN NEW;",
    ),
    pgtrigger.Trigger(
        name="respelling_changes_location_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            f"current_setting('{RESPELLING}', true) = 'on' AND"
            " (OLD.description, OLD.status, OLD.category, OLD.version, OLD.modified_at)"
            " <> (NEW.description, NEW.status, NEW.category, NEW.version, NEW.modified_at)"
        ),
        func=raise_violation("a new name of a building or room changes nothing else"),
    ),
    mark_change(),
]
