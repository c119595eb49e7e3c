import { clearLeftovers, type FileStoreDisk } from './disk-file.ts'
import { createFileLock } from './lock.ts'
import { createMirror, type MirrorParts, type View } from './mirror.ts'
import { createWriter, type Writable, type Writer } from './writer.ts'

export interface DocumentParts<S, D> extends MirrorParts<S> {
  fs: FileStoreDisk
  path: string
  /** How long a call waits for its turn. */
  busyMs: number
  /** A draft that begins with what the file says now; `null` where there is none yet. */
  begin(view: View<S> | null): D
  /** Such a draft is in the file. */
  written(view: View<S> | null): void
}

/** One file with a lock of its own, read and written whole. */
export interface Document<S, D> {
  /** What the file says now; `null` where there was none yet. @throws PairError where nothing of it can be believed */
  look(): Promise<View<S> | null>
  write: Writer<D>['write']
  close(): Promise<void>
}

/** Nothing is read or made yet. */
export function createDocument<S, D extends Writable<S>>(
  parts: DocumentParts<S, D>,
): Document<S, D> {
  const { fs, path } = parts
  const lock = createFileLock(fs, `${path}.lock`)
  const mirror = createMirror(parts)
  const writer = createWriter({
    ...parts,
    mirror,
    lock,
    prepare: () => clearLeftovers(fs, path),
  })
  return {
    look: mirror.look,
    write: writer.write,
    async close() {
      await writer.close()
      lock.close()
    },
  }
}
