import { describe, expect, test } from 'vitest'
import { createApplicant, openDoor, settle } from '../kit/applicants.ts'
import { createDeviceKey } from '../kit/device.ts'
import { ORIGIN } from '../kit/server.ts'

describe('APP-14 a claim', () => {
  test('APP-14 of a key is nothing without a proof of that key', async () => {
    const { server } = await openDoor()
    const phone = await createApplicant(server)
    await phone.ask()
    await settle(server, 'approve', phone)
    const { claim } = phone.pending
    const thief = await createApplicant(server)
    const guest = await createApplicant(server, { key: null })
    await guest.ask()
    const target = { htm: 'POST', htu: `${ORIGIN}/auth/claim`, at: server.clock() }
    for (const path of ['/auth/claim', '/auth/withdraw']) {
      const tries = [
        await server.call(path, { body: { claim } }),
        await guest.call(path, { body: { claim } }),
        await thief.call(path, { body: { claim } }),
        await server.call(path, {
          body: { claim, publicKey: phone.key!.jwk, device: { publicKey: phone.key!.jwk } },
          headers: {
            dpop: await (
              await createDeviceKey()
            ).prove({ ...target, header: { jwk: phone.key!.jwk } }),
          },
        }),
        await server.call(path, {
          body: { claim },
          headers: { dpop: await phone.key!.prove({ ...target, htu: `${ORIGIN}/auth/renew` }) },
        }),
      ]
      for (const answer of tries) {
        expect(answer.status).toBe(401)
        expect(['proof_required', 'proof_invalid']).toContain(answer.body.code)
        expect(answer.headers.getSetCookie()).toEqual([])
      }
    }
    // whoever made one up is not told that there is such a request
    const { id } = phone.pending.approval
    const unknown = await server.call('/auth/claim', {
      body: { claim: `apr_${'A'.repeat(22)}.${'A'.repeat(43)}` },
    })
    const made = await server.call('/auth/claim', { body: { claim: `${id}.${'A'.repeat(43)}` } })
    expect([made.status, made.text]).toEqual([410, unknown.text])
    // nor is the key without the claim, or with one that was never handed out
    for (const text of [
      '',
      id,
      `${id}.`,
      `${id}.${'A'.repeat(43)}`,
      claim.slice(0, -1),
      `${claim}x`,
    ])
      expect((await phone.collect({ claim: text })).status, text).toBe(410)
    expect((await phone.collect()).status).toBe(200)
  })

  test('APP-14 without a key is nothing without its cookie', async () => {
    const { server } = await openDoor()
    const guest = await createApplicant(server, { key: null })
    const other = await createApplicant(server, { key: null })
    const keyed = await createApplicant(server, { address: '198.51.100.1' })
    await guest.ask()
    await other.ask()
    await settle(server, 'approve', guest)
    const { claim } = guest.pending
    const [name = '', value = ''] = [...guest.jar].flat()
    const none = { status: 410, body: { code: 'approval_expired' } }
    for (const path of ['/auth/claim', '/auth/withdraw']) {
      expect(await server.call(path, { body: { claim } })).toMatchObject(none)
      expect(await other.call(path, { body: { claim } })).toMatchObject(none)
      expect(await keyed.call(path, { body: { claim } })).toMatchObject(none)
      for (const cookie of [
        `${name}=${'A'.repeat(43)}`,
        `${name}=`,
        `${name}=${value}x`,
        `${name.replace('_claim', '')}=${value}`,
        `${name}=${claim}`,
      ])
        expect(await server.call(path, { body: { claim }, headers: { cookie } })).toMatchObject(
          none,
        )
      expect(
        await server.call(path, {
          body: { claim },
          headers: { cookie: `${name}=${value}; ${name}=${value}` },
        }),
      ).toMatchObject({ status: 400, body: { code: 'duplicate_credentials' } })
    }
    // nor the cookie without the claim
    expect(await guest.collect({ claim: other.pending.claim })).toMatchObject(none)
    expect((await guest.collect()).status).toBe(200)
  })
})
