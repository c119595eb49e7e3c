import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/tables.ts'],
  splitting: false, // each entry stands alone
  format: ['esm', 'cjs'],
  dts: true,
  clean: true,
  sourcemap: true,
  target: 'es2022',
  removeNodeProtocol: false, // or import('node:fs') becomes import('fs')
})
