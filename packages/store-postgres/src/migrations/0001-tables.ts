import type { Names } from './names.ts'

/** Frozen. What stands in the tables, and the one function that their generated column needs. */
export const tables = (at: Names): string => `
CREATE TABLE ${at('meta')} (
  name text PRIMARY KEY,
  value text NOT NULL
);

INSERT INTO ${at('meta')} (name, value) VALUES (
  'birth',
  lpad(to_hex(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint), 11, '0') || left(md5(gen_random_uuid()::text), 6)
);

-- the record of an envelope under its kind: {"code": {...}}; null for every other text
CREATE FUNCTION ${at('record_of')}(value text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  envelope jsonb;
BEGIN
  IF left(value, 1) <> '{' THEN
    RETURN NULL;
  END IF;
  envelope := value::jsonb;
  IF pg_catalog.jsonb_typeof(envelope -> 'kind'::text) = 'string' AND pg_catalog.jsonb_typeof(envelope -> 'record'::text) = 'object' THEN
    RETURN pg_catalog.jsonb_build_object(envelope ->> 'kind'::text, envelope -> 'record'::text);
  END IF;
  RETURN NULL;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
  RETURN NULL;
END
$$;

CREATE TABLE ${at('record')} (
  key text COLLATE "C" PRIMARY KEY,
  value text NOT NULL,
  version text NOT NULL,
  purge_at bigint,
  record jsonb GENERATED ALWAYS AS (${at('record_of')}(value)) STORED
);
CREATE INDEX ON ${at('record')} (purge_at) WHERE purge_at IS NOT NULL;

CREATE TABLE ${at('counter')} (
  key text COLLATE "C" PRIMARY KEY,
  total bigint NOT NULL CHECK (total <= 9007199254740991),
  purge_at bigint NOT NULL
);
CREATE INDEX ON ${at('counter')} (purge_at);

CREATE SEQUENCE ${at('place')};

CREATE TABLE ${at('stream')} (
  stream text COLLATE "C" PRIMARY KEY,
  purged bigint NOT NULL
);

CREATE TABLE ${at('item')} (
  stream text COLLATE "C" NOT NULL,
  place bigint NOT NULL,
  value text NOT NULL,
  keys text NOT NULL,
  purge_at bigint,
  PRIMARY KEY (stream, place)
);
CREATE INDEX ON ${at('item')} (purge_at) WHERE purge_at IS NOT NULL;
`
