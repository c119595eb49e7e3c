import { defineConfig, type Options } from 'tsup'

const shared: Options = {
  format: ['esm', 'cjs'],
  dts: true,
  sourcemap: true,
  target: 'es2022',
  splitting: false, // each entry stands alone: no state is shared between them
  removeNodeProtocol: false, // or import('node:fs') becomes import('fs')
}

// One after the other, by the name that the build gives: entries that are built together share files of types, and
// whoever takes our types into his own declarations would be left with a path to such a file.
const ENTRIES: Readonly<Record<string, string[]>> = {
  subpaths: ['src/approval.ts', 'src/limit.ts', 'src/store.ts'],
  token: ['src/token.ts'], // has ids in common with approval
  agent: ['src/agent.ts'],
  oauth: ['src/oauth.ts'],
  openapi: ['src/openapi.ts'],
  relay: ['src/relay.ts'],
}

export default defineConfig(({ env }) => {
  const entry = ENTRIES[String(env?.['ENTRY'])]
  return entry ? { ...shared, entry } : { ...shared, entry: ['src/index.ts'], clean: true }
})
