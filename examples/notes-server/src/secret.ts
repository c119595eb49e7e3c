import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** `PAIR_SECRET`, else the secret kept in that folder, made at the first start. Never logged. */
export async function readSecret(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const given = env['PAIR_SECRET']
  if (given) return given
  const path = join(folder, 'secret')
  const secret = (await readKept(path)) ?? (await makeKept(folder, path))
  if (secret.length < 43)
    throw new Error(
      `${path} does not hold a whole secret. Delete it and start again: every device then pairs anew.`,
    )
  return secret
}

async function readKept(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

async function makeKept(folder: string, path: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temp = `${path}.${randomUUID()}`
  await writeFile(temp, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  try {
    // A link is made whole or not at all, and only by the first of several starts.
    await link(temp, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    await rm(temp, { force: true })
  }
  return (await readFile(path, 'utf8')).trim()
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
