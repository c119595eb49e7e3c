import { onTestFinished } from 'vitest'
import type { FileStoreDisk } from '../../src/file-store/disk-file.ts'
import {
  createFileStore,
  fileStore,
  type FileStore,
  type FileStoreOptions,
} from '../../src/file-store/file-store.ts'
import { remoteStore, type RemoteOptions, type RemoteStore } from './remote-store.ts'

/** Edits are told there; tests that want to hear of them bring their own. */
const QUIET = { logger: { warn() {} } }

/** A store that is closed when the test is over. */
export function openStore(file: string, options?: FileStoreOptions): FileStore {
  const store = fileStore(file, { ...QUIET, ...options })
  onTestFinished(() => store.close())
  return store
}

/** The same on that disk. */
export function openOn(disk: FileStoreDisk, file: string, options?: FileStoreOptions): FileStore {
  const store = createFileStore(disk, file, { ...QUIET, ...options })
  onTestFinished(() => store.close())
  return store
}

/** A store in another process, which ends when the test is over. */
export function openRemote(file: string, options?: RemoteOptions): RemoteStore {
  const store = remoteStore(file, options)
  onTestFinished(() => store.close())
  return store
}
