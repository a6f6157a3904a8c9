-- What the runtime itself asks PostgreSQL. generate.py makes a member of database_statements of each step.
--
-- A writable server is asked how far its log has been flushed, not how far it has been written: whoever has committed has flushed, and
-- what is beyond may not reach a replica before the next commit does. Without synchronous commits that would be too little.
-- The first eight digits of a log file's name are the timeline; the function counts as immutable, so its argument must not be a constant.

-- step: replayed
SELECT pg_last_wal_replay_lsn();

-- step: reached
SELECT CASE current_setting('synchronous_commit')
       WHEN 'off' THEN pg_current_wal_insert_lsn()
       ELSE pg_current_wal_flush_lsn() END,
       pg_walfile_name(pg_current_wal_flush_lsn());

-- The replay's position comes before the receiver's timeline: what has been replayed had been received.
-- step: probe
SELECT pg_is_in_recovery(),
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
       WHEN current_setting('synchronous_commit') = 'off' THEN pg_current_wal_insert_lsn()
       ELSE pg_current_wal_flush_lsn() END,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() END,
       CASE WHEN NOT pg_is_in_recovery() THEN pg_walfile_name(pg_current_wal_flush_lsn()) END,
       (SELECT received_tli FROM pg_stat_wal_receiver),
       (SELECT timeline_id FROM pg_control_checkpoint()),
       pg_postmaster_start_time();
