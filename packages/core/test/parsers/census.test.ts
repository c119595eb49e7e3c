import { globSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { expect, test } from 'vitest'
import { readSource } from '../../../../tests/architecture/source-file.ts'
import { addresses } from './tables/addresses.ts'
import { headers } from './tables/headers.ts'
import { secrets } from './tables/secrets.ts'
import { stored } from './tables/stored.ts'
import { texts } from './tables/texts.ts'
import { values } from './tables/values.ts'

const SRC = join(import.meta.dirname, '../../src')

/** How a function is called that takes something apart or judges what was taken apart. */
const READS =
  /^(?:parse|read|open|decode|from|is|check|clean|hash|verify|restamp|canonical|networkOf|client|asking|terms|toLinkBase)(?![a-z])/

/** Those that are held to their promise elsewhere here, and where. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'http/request-facts.ts readSender': 'readFacts, which asks it first',
  'http/request-facts.ts readHead': 'readFacts, which asks it first',
  'http/body.ts readBody': 'whole: bodies of requests',
  'http/body.ts readText': 'whole: bodies of requests',
  'http/oauth-form.ts readForm': 'parseForm, and readText',
  'proof/proof-crypto.ts openProof': 'whole: proofs',
  'token/token-crypto.ts verifyToken': 'whole: tokens of our key; its text is parseTokenText',
  'approval/approval-crypto.ts readPendingProof': 'whole: tokens of our key',
  'encoding/base62.ts fromBase62': 'hashAgentKey, which says how long it is',
  'encoding/bytes.ts fromUtf8': 'parseTokenText and parseOwnSegment, which ask it first',
  'token/eddsa-crypto.ts verifyWithPublic': 'whole: tokens by public keys',
  'token/public-keys-crypto.ts verifyByPublicKeys': 'whole: tokens by public keys',
  'relay/mint-answer.ts isAnswerTo': 'parseMintAnswer, which takes it apart first',
  'relay/mint-request.ts isOnce': 'parseMintRequest, which asks it',
  'relay/mint-request.ts isRelayId': 'parseMintRequest, which asks it',
  'relay/mint-request.ts isSeconds': 'parseMintRequest, which asks it',
  'relay/relay-crypto.ts openMintRequest': 'relayed: mint requests',
  'relay/relay-crypto.ts verifyMintAnswer': 'relayed: answers',
  'session/refresh-crypto.ts isGenuineRefresh': 'parseRefreshToken, which takes it apart first',
}

/** Those that no stranger's text reaches, and what reaches them. */
const OWN: Readonly<Record<string, string>> = {
  'admission/admission.ts isAdmissionMode': 'an option; of a body the schema reads it',
  'approval/approval-view.ts isListed': 'a judged request',
  'approval/opening.ts openRequest': 'a request that was read',
  'approval/approval.ts termsOfApproval': 'a request that was read',
  'audit/chain.ts isRewound': 'two seals that were read',
  'audit/journal-line.ts isAskedFor': 'a change that was read',
  'bootstrap/redemption.ts isRepeat': 'a redemption that was read',
  'bootstrap/redemption.ts isRepeatable': 'two instants',
  'approval/queue.ts networkOfRelay': 'the id of a relay among the options',
  'errors.ts isPairError': 'an error',
  'http/require-need.ts isForSessions': 'a need of the app',
  'open-extensions.ts openExtensions': 'options',
  'http/client-address.ts parseProxy': 'an option',
  'http/undeclared-proxy.ts isFolded': 'a judged address',
  'agent/agent-options.ts checkAgentOptions': 'options',
  'audit-options.ts checkAudit': 'options',
  'options.ts checkOptions': 'options',
  'policy-options.ts checkPolicy': 'options',
  'limit-options.ts checkLimits': 'options',
  'relay/mint-request.ts hashOfWish': 'a wish that was read',
  'relay/relay-options.ts checkRelayOptions': 'options',
  'resource-options.ts checkResources': 'options',
  'limit/window.ts checkRule': 'an option',
  'storage/page-limit.ts checkPageLimit': 'a number of the app',
  'storage/space.ts checkOf': 'a slot',
  'time.ts isBegun': 'an instant that was read',
  'time.ts isDuration': 'an option',
}

test('SEC-14 every function that reads a text is in the table, or said why it is not', () => {
  const found = globSync(`${SRC}/**/*.ts`).flatMap((path) => {
    const file = relative(SRC, path).split(sep).join('/')
    return readSource(file, readFileSync(path, 'utf8'))
      .exported.filter(({ name, kind }) => kind === 'value' && READS.test(name))
      .map(({ name }) => `${file} ${name}`)
  })
  // an index names what others make
  const made = found.filter(
    (entry) => !/^(?:index|store|approval|limit|token|relay)\.ts /.test(entry),
  )
  const listed = [
    ...[...texts, ...secrets, ...headers, ...addresses, ...stored, ...values].map(
      ({ file, name }) => `${file} ${name}`,
    ),
    ...Object.keys(ELSEWHERE),
    ...Object.keys(OWN),
  ]
  expect([...new Set(made)].sort()).toEqual([...new Set(listed)].sort())
})
