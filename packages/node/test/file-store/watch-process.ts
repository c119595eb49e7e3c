// Watches, commits, and has nothing more to do.
import { fileStore } from '../../src/file-store/file-store.ts'

const store = fileStore(process.argv[2]!)
store.watch!([], { changed: () => {}, live: () => {} })
await store.commit([], [{ key: ['a'], value: 'x', purgeAt: null }])
