import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: { resolve: ['@pair/core'] }, // the wire types are core's, but the client installs without core
  clean: true,
  sourcemap: true,
  target: 'es2022',
  removeNodeProtocol: false, // or import('node:fs') becomes import('fs')
})
