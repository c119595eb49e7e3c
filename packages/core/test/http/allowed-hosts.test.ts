import { expect, test } from 'vitest'
import { createEdge } from '../kit/edge.ts'

const PUNY = 'xn--mller-kva.lan'

const ENTRIES: [entry: string, passes: string[], refused: string[]][] = [
  [
    'lab.lan:80',
    ['lab.lan', 'lab.lan:80', 'LAB.lan'],
    ['lab.lan:8080', 'sub.lab.lan', 'lab.lan.e'],
  ],
  ['müller.lan', [PUNY, `${PUNY}:8080`, PUNY.toUpperCase()], ['muller.lan', `a.${PUNY}`]],
  ['MÜLLER.lan:8080', [`${PUNY}:8080`], [PUNY, `${PUNY}:9090`]],
  ['10.1:8080', ['10.0.0.1:8080', '10.1:8080'], ['10.0.0.1', '10.0.0.1:9090', '10.0.0.2:8080']],
  ['0x0a.0.0.1', ['10.0.0.1', '10.0.0.1:8080'], ['10.0.0.2']],
  ['167772161:8080', ['10.0.0.1:8080'], ['10.0.0.1']],
  ['LAB.LAN', ['lab.lan', 'lab.lan:3000'], ['lab.lan.', 'xlab.lan']],
  ['[FD00::0:1]:8080', ['[fd00::1]:8080', '[fd00:0:0:0::1]:8080'], ['[fd00::1]', '[fd00::2]:8080']],
  ['lab.lan:08080', ['lab.lan:8080'], ['lab.lan', 'lab.lan:80']],
]

test.each(ENTRIES)(
  'NET-02 the entry %s lets its host pass however it is spelt, and no other',
  async (entry, passes, refused) => {
    const { call, pair } = createEdge({ allowedHosts: [entry], allowInsecureLan: true })
    for (const [hosts, status] of [
      [passes, 200],
      [refused, 403],
    ] as const) {
      for (const host of hosts) {
        const answer = await call('/auth/session', { headers: { host } })
        expect([host, answer.status]).toEqual([host, status])
        if (status === 403) expect(answer.body.code).toBe('host_refused')
        const request = new Request('http://localhost/notes', { headers: { host } })
        expect((await pair.identify(request)).ok).toBe(status === 200)
      }
    }
  },
)

test('NET-02 an entry with the port of https lets its host pass over https', async () => {
  const { call } = createEdge({ allowedHosts: ['lab.lan:443', 'box.lan:8443'] })
  const status = async (host: string): Promise<number> =>
    (await call('/auth/session', { headers: { host }, info: { encrypted: true } })).status
  expect(await status('lab.lan')).toBe(200)
  expect(await status('lab.lan:443')).toBe(200)
  expect(await status('lab.lan:8443')).toBe(403)
  expect(await status('box.lan:8443')).toBe(200)
  expect(await status('box.lan')).toBe(403)
})
