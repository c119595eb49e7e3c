import { answers, newServer } from './own-server.ts'

/** Where a server usually is. */
const USUAL = 'postgres://postgres@127.0.0.1:5432/postgres'

let found: Promise<string> | undefined

/** A Postgres server: the one that `PAIR_POSTGRES_URL` names, that of this machine, or one from npm for as long as the process runs. */
export function postgresUrl(): Promise<string> {
  return (found ??= find())
}

async function find(): Promise<string> {
  const named = process.env['PAIR_POSTGRES_URL']
  if (named !== undefined && named !== 'npm') return named
  if (named === undefined && (await answers(USUAL))) return USUAL
  const server = await newServer(['fsync=off'])
  await server.start()
  return server.url
}
