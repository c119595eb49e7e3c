import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OpenStore, TorturedStore, TortureRow } from '@pair/testkit/torture'
import { audit, enter, type Told } from './books.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const NODE_OPTIONS = ['--conditions=@pair/source', '--disable-warning=ExperimentalWarning']
const NOT_MOUNTED = 'needs root or user namespaces, to mount a small disk'
const NOT_BUILT = 'needs Linux and gcc, to let calls of the disk fail'

type Tools = { why: string } | { library: string }

/** What lets calls fail, built for this run; `remove` takes it away. */
export function failingDisk(): Tools & { remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'pair-failing-'))
  const library = join(folder, 'failing.so')
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  const built = spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, here('failing-disk.c')])
  if (process.platform === 'linux' && built.status === 0) return { library, remove }
  remove()
  return { why: NOT_BUILT, remove() {} }
}

/** A mount namespace of its own: nobody else sees the disk, and it ends with the process. */
const ownMounts = ['unshare', process.geteuid?.() === 0 ? '-m' : '-rm']

export function whyNotMounted(): string | null {
  const mounting = [...ownMounts, 'mount -t tmpfs none', tmpdir()].join(' ')
  return spawnSync(mounting, { shell: true }).status === 0 ? null : NOT_MOUNTED
}

/** Bytes of each kilobyte that are made room of: a log of SQLite takes as much again when it is put in place. */
const SPARE = 600

/** Fills disks of several sizes. */
export async function fillDisks(
  store: TorturedStore,
  sizes: readonly number[],
): Promise<TortureRow> {
  const began = performance.now()
  const faults: string[] = []
  let [done, refused] = [0, 0]
  for (const kilobytes of sizes) {
    const place = await store.fresh()
    const folder = dirname((place.setting as { file: string }).file)
    const spare = join(folder, 'spare')
    const disk = `mount -t tmpfs -o size=${kilobytes}k none '${folder}'; chmod 700 '${folder}'; head -c ${kilobytes * SPARE} /dev/zero > '${spare}'`
    const program = [process.execPath, ...NODE_OPTIONS, here('filler.ts'), store.module]
    const given = [...program, JSON.stringify(place.setting), spare]
    const lines = await linesOf([...ownMounts, 'sh', '-c', `${disk}; exec "$0" "$@"`, ...given], {})
    const last = lines.at(-1)
    if (last === undefined) faults.push(`on ${kilobytes} kB the process ended before it was done`)
    else {
      const told = JSON.parse(last) as { done: number; refused: number; faults: string[] }
      done += told.done
      refused += told.refused
      faults.push(...told.faults.map((fault) => `on ${kilobytes} kB ${fault}`))
    }
    await place.remove?.()
  }
  const figures = `${done} entries until it was full, ${refused} refused; with room again all goes on`
  return { what: 'full disk', count: sizes.length, figures, faults, ms: performance.now() - began }
}

const ENTRIES = 4
const AT_ONCE = 2

/**
 * Lets each writing call of a process fail in turn, alone and with all behind it: `every` first, every second, … Of calls that are
 * `untold` nobody needs to hear.
 */
export async function failWrites(
  store: TorturedStore,
  library: string,
  every: number,
  untold: readonly string[] = [],
): Promise<TortureRow> {
  const began = performance.now()
  const faults: string[] = []
  const struck: Record<string, number> = {}
  let [count, refused, nth] = [0, 0, 1]
  let isOver = false
  const lane = async (): Promise<void> => {
    while (!isOver) {
      const at = nth
      nth += every
      for (const goesOn of [false, true]) {
        const found = await failOnce(store, library, { nth: at, goesOn, untold })
        if (found.call === null) isOver = true
        else {
          count++
          refused += found.refused
          struck[found.call] = (struck[found.call] ?? 0) + 1
        }
        const when = `EIO at write ${at}${goesOn ? ' and all behind' : ''} (${found.call})`
        faults.push(...found.faults.map((fault) => `${when}: ${fault}`))
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  if (count === 0) faults.push('no call failed: the library that lets them fail was not loaded')
  const calls = Object.entries(struck).map(([call, times]) => `${times} ${call}`)
  const figures = `${refused} entries refused; ${calls.join(', ')}`
  return { what: 'EIO at each write', count, figures, faults, ms: performance.now() - began }
}

async function failOnce(
  store: TorturedStore,
  library: string,
  { nth, goesOn, untold }: { nth: number; goesOn: boolean; untold: readonly string[] },
): Promise<{ call: string | null; refused: number; faults: string[] }> {
  const place = await store.fresh()
  const { openStore } = (await import(store.module)) as { openStore: OpenStore }
  const open = async () => openStore(place.setting as never)
  const before = await open()
  await enter(before.store, 'old', 0)
  await before.close()
  const folder = dirname((place.setting as { file: string }).file)
  const mark = `${folder}.mark`
  const program = [process.execPath, ...NODE_OPTIONS, here('writer.ts'), store.module]
  const given = [JSON.stringify(place.setting), 'new', String(ENTRIES), mark]
  const lines = await linesOf([...program, ...given], {
    LD_PRELOAD: library,
    PAIR_FAIL_FOLDER: folder,
    PAIR_FAIL_NTH: String(nth),
    PAIR_FAIL_MARK: mark,
    PAIR_FAIL_ERRNO: String(constants.errno.EIO),
    ...(goesOn && { PAIR_FAIL_ON: 'yes' }),
  })
  const told = lines.map((line) => JSON.parse(line) as Told)
  const call = existsSync(mark) ? readFileSync(mark, 'utf8') : null
  rmSync(mark, { force: true })
  const done = told.flatMap(({ entry, error }) => (entry !== null && error === null ? [entry] : []))
  const faults =
    told.length === 0
      ? ['its process ended without a word']
      : silences(told, untold.includes(call ?? '') ? null : call)
  if (!goesOn && told.at(-2)?.struck && told.at(-1)?.error !== null)
    faults.push(`its process does not work again: ${told.at(-1)?.error}`)
  try {
    const after = await open()
    faults.push(...(await audit(after.store, 'old', [0])))
    faults.push(...(await audit(after.store, 'new', done)))
    await enter(after.store, 'next', 0)
    await after.close()
  } catch (error) {
    faults.push(`afterwards nothing goes: ${String(error)}`)
  }
  await place.remove?.()
  return { call, refused: told.length - done.length, faults }
}

/** Calls without which nothing is on the disk. */
const NEEDED = /^(p?write|f(data)?sync|rename)/

/** Where one of these fails before a process closes its store, some entry is refused. */
function silences(told: readonly Told[], call: string | null): string[] {
  const isTold = told.some(({ error }) => error !== null)
  const struck = told.find((one) => one.struck)
  if (isTold || !struck || call === null || !NEEDED.test(call)) return []
  return [`by entry ${struck.entry} a ${call} had failed, and nobody was told so`]
}

async function linesOf(command: readonly string[], env: Record<string, string>): Promise<string[]> {
  const [program = '', ...given] = command
  const child = spawn(program, given, {
    env: {
      ...process.env,
      ...env,
      NODE_COMPILE_CACHE: join(tmpdir(), 'pair-torture-compile-cache'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  await once(child, 'close')
  return text.split('\n').filter((line) => line !== '')
}
