-- Verify munim:positions on pg
BEGIN;

SELECT topic, partition, cluster_id, next_offset, last_offset, last_digest, epoch, owner, backend_pid, claims,
       attempts, claimed_at, moved_at
  FROM munim.part WHERE false;

ROLLBACK;
