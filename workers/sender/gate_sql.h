/* Moves settled_through over all consecutive terminal rows of the conversations that `which` names (a condition on
 * o.conversation_id). The gate rows must have been locked earlier in the same transaction: then whoever settled another
 * message of the conversation has committed, and is seen. */
#ifndef MUNIM_SENDER_GATE_SQL_H
#define MUNIM_SENDER_GATE_SQL_H

#define GATE_ADVANCE_SQL(which)                                                                                        \
    "UPDATE munim.gate g SET settled_through = t.through FROM (SELECT conversation_id, max(seq) AS through FROM"       \
    " (SELECT u.conversation_id, u.seq, u.seq - o.settled_through"                                                     \
    " - row_number() OVER (PARTITION BY u.conversation_id ORDER BY u.seq) AS gap FROM munim.gate o JOIN munim.guard u" \
    " ON u.conversation_id = o.conversation_id AND u.seq > o.settled_through WHERE o.conversation_id " which           \
    " AND u.state IN ('SENT', 'FAILED', 'UNKNOWN')) AS s WHERE gap = 0 GROUP BY conversation_id) AS t"                 \
    " WHERE g.conversation_id = t.conversation_id"

#endif
