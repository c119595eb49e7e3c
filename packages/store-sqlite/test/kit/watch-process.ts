// Watches, commits, and has nothing more to do.
import { sqliteStore } from '../../src/index.ts'

const store = sqliteStore(process.argv[2]!)
store.watch!([], { changed: () => {}, live: () => {} })
await store.commit([], [{ key: ['a'], value: 'x', purgeAt: null }])
