import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/approval.ts', 'src/store.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'es2022',
  splitting: false, // each entry stands alone: no state is shared between them
  removeNodeProtocol: false, // or import('node:fs') becomes import('fs')
})
