import { describe, expect, test } from 'vitest'
import type { Pair } from '../../src/pair.ts'
import { HERE } from '../kit/edge.ts'
import { createScene, MARK, TEXTS, type Scene } from './scene.ts'

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
    ['audit.read after', ({ audit }) => audit.read({ after: text })],
  ]
  test.each(CALLS)('SEC-21 as %s in process is refused before the store', async (_, ask) => {
    const scene = await createScene()
    scene.given()
    const commits = scene.commits()
    await expect(ask(scene.edge.pair as unknown as Pair<string>, scene)).rejects.toMatchObject({
      name: 'PairError',
      code: expect.stringMatching(/^(?:invalid_request|insufficient_scope|not_found)$/),
    })
    expect(scene.given()).not.toContain(MARK)
    expect(scene.commits()).toBe(commits)
  })
})
