import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  // the types of the wire come along: who uses the client needs no server package
  dts: { resolve: ['@pair/core'] },
  clean: true,
  sourcemap: true,
  target: 'es2022',
  removeNodeProtocol: false, // or import('node:fs') becomes import('fs')
})
