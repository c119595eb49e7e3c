/** Who may import whom in `packages/core/src`. */
export interface Layer {
  files: RegExp
  /** Layers whose values and types may be imported; `*`: any. */
  imports: string
  /** Layers of which only types may be imported. */
  types: string
  packages: string
}

/** The first row whose pattern fits a file is its layer. */
export const layers: Readonly<Record<string, Layer>> = {
  index: {
    files: /^(index|agent|approval|limit|oauth|openapi|relay|store|token)\.ts$/,
    imports: '*',
    types: '',
    packages: '',
  },
  assembly: {
    files: /^(create-pair|create-ports|open-extensions|platform)\.ts$/,
    imports: '*',
    types: '',
    packages: '',
  },
  contract: {
    files:
      /^(extension|pair|pair-options|options|audit-options|limit-options|policy-options|resource-options|socket-guard|invalid-option|settings)\.ts$/,
    imports: 'contract address rules errors encoding basics',
    types: '*',
    packages: '',
  },
  // what a use case is given, gathered in one place
  gathering: {
    files: /^(records|record-kinds|service-ports)\.ts$/,
    imports: 'records storage',
    types: '*',
    packages: '',
  },
  basics: {
    files: /^(ids|time)\.ts$/,
    imports: 'basics encoding',
    types: 'ports',
    packages: '',
  },
  errors: {
    files: /^(errors|error-table)\.ts$/,
    imports: 'errors',
    types: 'basics ports',
    packages: '',
  },
  ports: {
    files: /^ports\//,
    imports: '',
    types: 'ports basics',
    packages: '',
  },
  encoding: {
    files: /^encoding\//,
    imports: 'encoding',
    types: '',
    packages: '@noble/hashes',
  },
  storage: {
    files: /^storage\//,
    imports: 'storage ports errors encoding basics',
    types: '',
    packages: 'zod',
  },
  // pure like a rule, and asked while the options are checked
  address: {
    files: /^http\/client-address\.ts$/,
    imports: '',
    types: '',
    packages: 'ipaddr.js',
  },
  http: {
    files: /^http\//,
    imports: 'http address services rules ports errors encoding basics',
    types: 'contract',
    packages: 'zod',
  },
  // what the routes are told of, for who reads their document
  openapi: {
    files: /^openapi\//,
    imports: 'openapi errors',
    types: 'http',
    packages: 'zod',
  },
  services: {
    files: /^[a-z-]+\/.*-service\.ts$/,
    imports: 'rules records crypto storage ports errors encoding basics',
    types: 'contract gathering',
    packages: '',
  },
  records: {
    files: /^[a-z-]+\/.*-records\.ts$/,
    imports: 'rules storage ports encoding basics',
    // a record that is read together with others is given theirs
    types: 'records',
    packages: 'zod',
  },
  crypto: {
    files: /^[a-z-]+\/.*-crypto\.ts$/,
    imports: 'rules crypto encoding basics',
    types: '',
    packages: 'jose @noble/hashes',
  },
  rules: {
    files: /^[a-z-]+\/[a-z0-9-]+\.ts$/,
    imports: 'rules encoding basics',
    types: 'ports errors contract',
    packages: 'ipaddr.js',
  },
}

/** Clock, random, network and timers are ports; only these files of core touch the real ones. */
export const ambient: readonly string[] = [
  'Date',
  'Math.random',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'fetch',
  'globalThis',
  'navigator',
  'performance',
  'process',
  'setInterval',
  'setTimeout',
]
export const mayTouchAmbient: RegExp =
  /^(platform\.ts|storage\/memory(-store)?\.ts|storage\/memory\/.*)$/
/** Turning a given instant into text needs no clock: `new Date(at)` and `Date.parse` are fine here. */
export const mayFormatDates: RegExp = /^time\.ts$/

export const drawers: RegExp = /(^|\/)(utils?|helpers?|common|misc|types)(\.ts$|\/)/
export const longestFile = 250
