import { expect, test } from 'vitest'
import { createApplicant, openDoor, settle } from '../kit/applicants.ts'
import { typesTold } from '../kit/owners.ts'
import { ORIGIN } from '../kit/server.ts'

test.each(['with a key', 'without a key'])(
  'APP-11 nothing is collected for who has hung up (%s), and it is there when he comes again',
  async (how) => {
    const { server } = await openDoor()
    const phone = await createApplicant(server, how === 'with a key' ? {} : { key: null })
    await phone.ask()
    await settle(server, 'approve', phone)
    const htu = `${ORIGIN}/auth/claim`
    const proof = await phone.key?.prove({ htm: 'POST', htu, at: server.clock() })
    const cookie = [...phone.jar].map((pair) => pair.join('=')).join('; ')
    const gone = new AbortController()
    const request = new Request(htu, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(proof ? { dpop: proof } : { cookie }) },
      body: JSON.stringify({ claim: phone.pending.claim }),
      signal: gone.signal,
    })
    gone.abort()
    const answer = await server.pair.handler(request)
    expect([answer!.status, await answer!.text()]).toEqual([204, ''])
    expect(answer!.headers.get('set-cookie')).toBeNull()
    expect(await typesTold(server)).not.toContain('approval.collected')
    expect((await phone.collect()).status).toBe(200)
  },
)
