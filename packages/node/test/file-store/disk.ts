import * as nodeFs from 'node:fs/promises'
import { basename } from 'node:path'
import type { FileStoreDisk } from '../../src/file-store/disk-file.ts'

type Around = (step: string, real: () => Promise<unknown>) => Promise<unknown>

/** The real file system with something around its calls: `rename temp`, and those of open files: `sync folder`. */
export function diskWith(around: Around): FileStoreDisk {
  return wrapped({ ...nodeFs }, (given) => kindOf(String(given[0])))

  function wrapped<T extends object>(real: T, kind: (given: unknown[]) => string): T {
    return new Proxy(real, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return async (...given: unknown[]): Promise<unknown> => {
          const of = kind(given)
          const result = await around(`${String(name)} ${of}`, () => value.apply(target, given))
          return name === 'open' ? wrapped(result as nodeFs.FileHandle, () => of) : result
        }
      },
    })
  }
}

/** A disk on which these steps fail with that code of the system, as long as they are in the set. */
export function diskFailing(faults: ReadonlySet<string>, code: string): FileStoreDisk {
  return diskWith(async (step, real) => {
    if (!faults.has(step)) return await real()
    // a descriptor is given back even where that fails
    if (step.startsWith('close')) await real()
    throw Object.assign(new Error(`${code}: a fault at ${step}`), { code })
  })
}

function kindOf(path: string): string {
  const name = basename(path)
  if (name.startsWith('pair.json.counters')) return `counters ${roleOf(name)}`.trim()
  return name === 'pair.json' ? 'file' : roleOf(name) || 'folder'
}

function roleOf(name: string): string {
  return /\.(tmp|lock|revision)$/.exec(name)?.[1]?.replace('tmp', 'temp') ?? ''
}
