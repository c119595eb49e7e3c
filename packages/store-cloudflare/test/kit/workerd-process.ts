// Serves that program on what that folder holds, until it is killed.
import { readFileSync } from 'node:fs'
import { argv } from 'node:process'
import { Miniflare } from 'miniflare'
import { runtime } from './runtime.ts'

const [, , script = '', wiring = '', folder = ''] = argv
const workerd = new Miniflare({
  ...runtime,
  cf: false,
  script: readFileSync(script, 'utf8'),
  bindings: { WIRING: wiring },
  d1Databases: { DB: 'db' },
  d1Persist: `${folder}/d1`,
  durableObjects: {
    STORE: { className: 'PairStore', useSQLite: true },
    SERVER: { className: 'Server', useSQLite: true },
  },
  durableObjectsPersist: `${folder}/objects`,
})
console.log((await workerd.ready).origin)
