/** Frozen. The checks stand on their columns, so that a later step can drop a column and add it anew with another word. */
export const tables = `
CREATE TABLE pair_migration (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT;

CREATE TABLE pair_meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO pair_meta (name, value) VALUES (
  'birth',
  printf('%011x', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)) || lower(hex(randomblob(3)))
);

CREATE TABLE pair_record (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  version TEXT NOT NULL,
  purge_at INTEGER,
  namespace TEXT AS (substr(key, 1, instr(key, ' ') - 1)) VIRTUAL,
  path TEXT AS (substr(key, instr(key, ' ') + 1)) VIRTUAL,
  kind ANY AS (CASE WHEN json_valid(value) THEN json_extract(value, '$.kind') END) VIRTUAL,
  record ANY AS (
    CASE WHEN json_valid(value) AND json_type(value, '$.record') = 'object' THEN json_extract(value, '$.record') END
  ) VIRTUAL,
  code_state ANY AS (CASE kind WHEN 'code' THEN json_extract(record, '$.state') END) VIRTUAL
    CHECK (code_state IN ('open', 'redeemed', 'expired')),
  device_kind ANY AS (CASE kind WHEN 'device' THEN json_extract(record, '$.kind') END) VIRTUAL
    CHECK (device_kind IN ('browser', 'app', 'agent')),
  session_transport ANY AS (CASE kind WHEN 'session' THEN json_extract(record, '$.transport') END) VIRTUAL
    CHECK (session_transport IN ('cookie', 'bearer', 'dpop')),
  session_renewal_by ANY AS (CASE kind WHEN 'session' THEN json_extract(record, '$.renewal.by') END) VIRTUAL
    CHECK (session_renewal_by IN ('proof', 'cookie', 'secret', 'nothing')),
  revocation_reason ANY AS (CASE kind WHEN 'revocation' THEN json_extract(record, '$.reason') END) VIRTUAL
    CHECK (revocation_reason IN ('revoked', 'replaced', 'logout', 'evicted')),
  ticket_for ANY AS (CASE kind WHEN 'ticket' THEN json_extract(record, '$.for') END) VIRTUAL
    CHECK (ticket_for IN ('socket', 'stream')),
  ticket_state ANY AS (CASE kind WHEN 'ticket' THEN json_extract(record, '$.state') END) VIRTUAL
    CHECK (ticket_state IN ('unused', 'used'))
) STRICT;
CREATE INDEX pair_record_purge ON pair_record (purge_at) WHERE purge_at IS NOT NULL;

CREATE TABLE pair_counter (
  key TEXT PRIMARY KEY,
  total INTEGER NOT NULL CHECK (total <= 9007199254740991),
  purge_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_counter_purge ON pair_counter (purge_at);

CREATE TABLE pair_stream (
  stream TEXT PRIMARY KEY,
  latest INTEGER NOT NULL,
  purged INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE pair_item (
  stream TEXT NOT NULL,
  number INTEGER NOT NULL,
  value TEXT NOT NULL,
  keys TEXT NOT NULL,
  purge_at INTEGER,
  PRIMARY KEY (stream, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX pair_item_purge ON pair_item (purge_at) WHERE purge_at IS NOT NULL;

CREATE TABLE pair_change (
  seq INTEGER PRIMARY KEY,
  keys TEXT NOT NULL
) STRICT;
INSERT INTO pair_change (seq, keys) VALUES (0, '[]');
`
