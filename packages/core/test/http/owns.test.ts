import { expect, test } from 'vitest'
import { startServer } from '../kit/server.ts'
import { createDraw } from './address-texts.ts'

const ORIGIN = 'http://localhost:3000'

test.each(['/auth', '/x/auth', '/a.b/~c'])(
  'NET-04 below %s `owns` says of 3,000 targets whether the handler answers them',
  async (basePath) => {
    const { pair } = startServer({ basePath })
    const draw = createDraw(basePath.length)
    const parts = [basePath, '/auth', '/', '//', '/.', '/./', '/../', '/x', '\\', '%2e', '%2E%2e/']
    parts.push(basePath.slice(1), ...basePath.slice(1).split('/'), '/x/./', '/.\\')
    parts.push(...'?#:@ \t\n%é'.split(''), '/session', 'http://evil.example', '/%61uth', 'AUTH')
    let ours = 0
    for (let round = 0; round < 3_000; round++) {
      const target = Array.from({ length: 1 + draw(5) }, () => parts[draw(parts.length)]).join('')
      const url = `${ORIGIN}/${target.replace(/^\//, '')}`
      if (!URL.canParse(url)) continue
      // Not normalised, as an adapter has it.
      const owned = pair.owns(url)
      const answered = (await pair.handler(new Request(url))) !== null
      expect([url, owned]).toEqual([url, answered])
      if (answered) ours++
      // Of the path alone: what it may not miss.
      if (answered && url.startsWith(`${ORIGIN}/`)) {
        const path = url.slice(ORIGIN.length)
        expect([path, pair.owns(path)]).toEqual([path, true])
      }
    }
    expect(ours).toBeGreaterThan(50)
    const [first = '', ...rest] = basePath.slice(1).split('/')
    const inside = [`/${first}`, ...rest].join('/./')
    for (const path of [
      `/x/..\\${basePath.slice(1)}`,
      `/.${basePath}`,
      `/%2E${inside}`,
      `/q/..${inside}/s`,
    ])
      expect([path, pair.owns(path), pair.owns(ORIGIN + path)]).toEqual([path, true, true])
    expect([pair.owns(''), pair.owns('*'), pair.owns('http://['), pair.owns('//[')]).toEqual(
      Array.from({ length: 4 }, () => false),
    )
    await pair.close()
  },
)
