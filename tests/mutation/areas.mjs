// What is mutated, and by which tests: the rules of all words, and every layer of the words that guard the door. A mutant is
// tried against quick tests alone; what takes a second or more (races, floods, outages) is left to the ordinary run.
import { readdirSync } from 'node:fs'

const SRC = 'packages/core/src'
const TESTS = 'packages/core/test'

/** The words whose services, records and keys are mutated too. */
const WHOLE = ['approval', 'limit', 'proof', 'token']

const LAYER = /-(?:service|records|crypto)\.ts$/

/** `only`, `except`: of the files of that folder, by their names. */
const GROUPS = [
  { folder: 'admission', layer: false, tests: ['admission/admission-rules'] },
  {
    folder: 'approval',
    layer: false,
    tests: [
      'approval/{judge-approval,open-request,request-rules}',
      'approval/{join-queue,queue-rules}',
    ],
  },
  {
    folder: 'approval',
    layer: true,
    only: ['approval-crypto', 'approval-records', 'wait-service'],
    tests: [
      'approval/{proof-claims,request-records,wait-service,wait-rules}',
      'oauth/{phishing,flow,secrets}',
    ],
  },
  {
    folder: 'approval',
    layer: true,
    except: ['approval-crypto', 'approval-records', 'wait-service'],
    tests: [
      'approval/{collect,decide-once,deciders,rejected,known-device,changed-request,clean-start}',
      'approval/{told,long-poll,who-may,since-decided,queue,guest-code,claim-theft,last-seen}',
      'approval/{listing,pending-proof,lost-decision,held-again,cool-downs,no-oracle,swept-key}',
      'approval/{returned-name,unknown-fields,askers,opening-records}',
      'approval/{collect-service,decide-service,lapse-service,request-service,forgotten,queue-places}',
      'oauth/{phishing,flow,guesses}',
      'policy/policy',
    ],
  },
  {
    folder: 'bootstrap',
    layer: false,
    tests: ['bootstrap/{code-rules,code-request,typed-text,redemption-rules}'],
  },
  { folder: 'device', layer: false, tests: ['session/standing'] },
  { folder: 'grant', layer: false, tests: ['grant/scopes'] },
  { folder: 'limit', layer: false, tests: ['limit/limit-rules'] },
  {
    folder: 'limit',
    layer: true,
    tests: ['limit/{attempts,typed-attempts,limit-rules,limit-service,lockout-records}'],
  },
  { folder: 'proof', layer: false, tests: ['proof/{proof-rules,prove,vectors}'] },
  { folder: 'proof', layer: true, tests: ['proof/{proof-rules,prove,vectors}'] },
  { folder: 'resource', layer: false, tests: ['resource/{resource,messages,access-rules}'] },
  { folder: 'revocation', layer: false, tests: ['revocation/epoch'] },
  { folder: 'risk', layer: false, tests: ['risk/{risk,risk-report,edges}'] },
  { folder: 'session', layer: false, tests: ['session/{standing,pair-device,refresh-token}'] },
  { folder: 'ticket', layer: false, tests: ['ticket/ticket-rules'] },
  {
    folder: 'token',
    layer: false,
    tests: ['token/{token-rules,token-text,ring-rules}'],
  },
  {
    folder: 'token',
    layer: true,
    tests: ['token/{token-rules,token-text,ring-rules,public-tokens,derived-keys,signing-keys}'],
  },
]

/** The sources and the tests of each group; files of a folder that nobody named are in none. */
export function areas() {
  return GROUPS.map(({ folder, layer, tests, only, except = [] }) => ({
    name: layer ? `${folder} (services, records, keys)` : folder,
    files: readdirSync(`${SRC}/${folder}`)
      .filter((file) => file.endsWith('.ts') && LAYER.test(file) === layer)
      .filter(() => !layer || WHOLE.includes(folder))
      .filter((file) => only?.includes(file.slice(0, -3)) ?? !except.includes(file.slice(0, -3)))
      .sort()
      .map((file) => `${SRC}/${folder}/${file}`),
    tests: tests.map((test) => `${TESTS}/${test}.test.ts`),
  }))
}
