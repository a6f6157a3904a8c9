-- query: ping() read
-- Does the database answer?
SELECT 1 AS "ping";
