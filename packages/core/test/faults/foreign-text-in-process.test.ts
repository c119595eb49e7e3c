import { describe, expect, test } from 'vitest'
import type { Pair } from '../../src/pair.ts'
import { HERE } from '../kit/edge.ts'
import { createScene, MARK, TEXTS, type Scene } from './scene.ts'

/** Of a request that there is not. */
const NOBODY = `apr_${'a'.repeat(22)}`

describe.each(TEXTS)('%s', (_name, text) => {
  const CALLS: [place: string, ask: (pair: Pair<string>, scene: Scene) => Promise<unknown>][] = [
    ['codes.issue label', ({ codes }) => codes.issue({ origin: HERE, label: text })],
    ['codes.issue subject', ({ codes }) => codes.issue({ origin: HERE, subject: text })],
    ['codes.issue scopes', ({ codes }) => codes.issue({ origin: HERE, scopes: [text] as never })],
    [
      'codes.issue boundThumbprint',
      ({ codes }) => codes.issue({ origin: HERE, boundThumbprint: text }),
    ],
    ['codes.issue data', ({ codes }) => codes.issue({ origin: HERE, data: text })],
    ['codes.issue in data', ({ codes }) => codes.issue({ origin: HERE, data: { list: [text] } })],
    [
      'codes.issue a name in data',
      ({ codes }) => codes.issue({ origin: HERE, data: { [text]: 1 } }),
    ],
    ['codes.issue origin', ({ codes }) => codes.issue({ origin: text })],
    ['startupCode origin', (pair) => pair.startupCode({ origin: text })],
    ['codes.revoke', ({ codes }) => codes.revoke(text)],
    ['codes.list after', ({ codes }) => codes.list({ after: text })],
    ['sessions.list after', ({ sessions }) => sessions.list({ after: text })],
    ['sessions.revoke', ({ sessions }) => sessions.revoke(text)],
    ['sessions.revokeOthers', ({ sessions }) => sessions.revokeOthers(text)],
    [
      'sessions.narrow',
      ({ sessions }, { owner }) => sessions.narrow(owner.sessionId, [text] as never),
    ],
    ['devices.list after', ({ devices }) => devices.list({ after: text })],
    ['devices.rename', ({ devices }, { owner }) => devices.rename(owner.deviceId, text)],
    ['devices.revoke', ({ devices }) => devices.revoke(text)],
    ['approvals.list after', ({ approvals }) => approvals.list({ after: text })],
    ['approvals.approve', ({ approvals }) => approvals.approve(text, { digest: 'x' })],
    ['approvals.approve digest', ({ approvals }) => approvals.approve(NOBODY, { digest: text })],
    ['approvals.reject', ({ approvals }) => approvals.reject(text, { digest: 'x' })],
    ['approvals.forget', ({ approvals }) => approvals.forget(text)],
    ['admission.set', ({ admission }) => admission.set(text as never)],
    ['admission.set version', ({ admission }) => admission.set('approval', { version: text })],
    ['admission.recover', ({ admission }) => admission.recover(text as never)],
    ['ownerSecret origin', (pair) => pair.ownerSecret({ origin: text })],
    ['audit.read after', ({ audit }) => audit.read({ after: text })],
  ]
  test.each(CALLS)('SEC-21 as %s in process is refused before the store', async (_, ask) => {
    const scene = await createScene()
    scene.given()
    const commits = scene.commits()
    await expect(ask(scene.edge.pair as unknown as Pair<string>, scene)).rejects.toMatchObject({
      name: 'PairError',
      code: expect.stringMatching(
        /^(?:invalid_request|insufficient_scope|not_found|admission_changed)$/,
      ),
    })
    expect(scene.given()).not.toContain(MARK)
    expect(scene.commits()).toBe(commits)
  })

  test('SEC-21 as the reason of a decision or the scopes that it gives is refused in process, and no store is asked', async () => {
    const scene = await createScene()
    scene.given()
    const { approve, reject } = (scene.edge.pair as unknown as Pair<string>).approvals
    const refused = { code: 'invalid_request' }
    await expect(approve(NOBODY, { digest: 'x', reason: text })).rejects.toMatchObject(refused)
    await expect(reject(NOBODY, { digest: 'x', reason: text })).rejects.toMatchObject(refused)
    await expect(approve(NOBODY, { digest: 'x', scopes: [text] })).rejects.toMatchObject(refused)
    expect(scene.given()).toBe('[]')
  })

  test('SEC-21 as the name of a limit is refused, and no store is asked', async () => {
    const scene = await createScene()
    scene.given()
    const asked = new Request(`${HERE}/app`)
    const info = { remoteAddress: '127.0.0.1' }
    const limited = await scene.edge.pair.limit(asked, info, { name: text, max: 1 })
    expect(limited.ok).toBe(false)
    expect(scene.given()).toBe('[]')
  })

  test('SEC-21 as the proof of a request that waits says nothing, and no store is asked', async () => {
    const scene = await createScene()
    scene.given()
    expect(await scene.edge.pair.approvals.readProof(text)).toBeNull()
    expect(await scene.edge.pair.approvals.readProof(`${text}.${text}.${text}`)).toBeNull()
    expect(scene.given()).toBe('[]')
  })
})
