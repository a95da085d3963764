-- Deploy munim:positions to pg
-- requires: appschema
BEGIN;
SET LOCAL lock_timeout = '10s';

-- A partition's position and its owner's epoch: the fence of every transaction.
CREATE TABLE IF NOT EXISTS munim.part (
    topic       text NOT NULL,
    partition   int NOT NULL,
    cluster_id  text NOT NULL DEFAULT '',
    next_offset bigint NOT NULL DEFAULT -1,  -- -1: the log's start
    last_offset bigint NOT NULL DEFAULT -1,
    last_digest text NOT NULL DEFAULT '',    -- SHA-256 in hex of the record at last_offset
    epoch       bigint NOT NULL DEFAULT 0,
    owner       text NOT NULL DEFAULT '',
    backend_pid int,
    claims      int NOT NULL DEFAULT 0,      -- since next_offset moved
    attempts    int NOT NULL DEFAULT 0,
    claimed_at  timestamptz,
    moved_at    timestamptz,
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

COMMIT;
