-- What the pages need: the HTML of what people wrote, and the name of the form that it came with.

-- Made from the body when it is saved. NULL: not made yet, or refused, see handlers/render.h; the body is shown as it is then.
ALTER TABLE articles ADD COLUMN html text COMPRESSION lz4, ADD COLUMN submission text;
ALTER TABLE comments ADD COLUMN html text COMPRESSION lz4, ADD COLUMN submission text;

GRANT INSERT (html, submission), UPDATE (html) ON articles TO quire;
GRANT INSERT (html, submission) ON comments TO quire;
