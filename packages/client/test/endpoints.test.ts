import { describe, expect, test } from 'vitest'
import { endpoints, resolve } from '../src/endpoints.ts'

describe('CLT-01 the address of a server', () => {
  test.each([
    ['https://home.example', 'https://home.example/auth'],
    ['https://home.example/', 'https://home.example/auth'],
    ['http://home.example:8080', 'http://home.example:8080/auth'],
    ['wss://home.example', 'https://home.example/auth'],
    ['ws://10.0.0.5:9000', 'http://10.0.0.5:9000/auth'],
    ['WSS://Home.Example', 'https://home.example/auth'],
    ['https://home.example:443', 'https://home.example/auth'],
    ['  https://home.example  ', 'https://home.example/auth'],
  ])('CLT-01 %s gives %s', (baseUrl, auth) => {
    expect(endpoints({ baseUrl }).auth).toBe(auth)
  })

  test.each([
    ['wss://home.example/live', 'https://home.example/auth'],
    ['wss://home.example/live/?token=x#frag', 'https://home.example/auth'],
    ['ws://localhost:3000/socket?a=1', 'http://localhost:3000/auth'],
    ['https://home.example?x=1', 'https://home.example/auth'],
    ['https://home.example#code=abc', 'https://home.example/auth'],
    ['https://home.example/?x=1#y', 'https://home.example/auth'],
    ['//home.example/?x=1', 'https://home.example/auth'],
  ])('CLT-01 %s leaves no path of a socket, no query and no fragment', (baseUrl, auth) => {
    expect(endpoints({ baseUrl }).auth).toBe(auth)
  })

  test.each([
    ['home.lan:8080', 'https://home.lan:8080/auth'],
    ['home.lan', 'https://home.lan/auth'],
    ['10.0.0.5:8080', 'https://10.0.0.5:8080/auth'],
    ['localhost', 'http://localhost/auth'],
    ['localhost:3000', 'http://localhost:3000/auth'],
    ['LOCALHOST:3000', 'http://localhost:3000/auth'],
    ['app.localhost:3000', 'http://app.localhost:3000/auth'],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000/auth'],
    ['127.9.9.9', 'http://127.9.9.9/auth'],
    ['[::1]:3000', 'http://[::1]:3000/auth'],
    ['[fd00::5]:3000', 'https://[fd00::5]:3000/auth'],
    ['localhost.example:3000', 'https://localhost.example:3000/auth'],
    ['127.0.0.1.example', 'https://127.0.0.1.example/auth'],
    ['home.lan:8080/?x=1#y', 'https://home.lan:8080/auth'],
  ])('CLT-01 the bare host %s gives %s', (baseUrl, auth) => {
    expect(endpoints({ baseUrl }).auth).toBe(auth)
  })

  test.each([
    [{ baseUrl: 'https://home.example/app' }, 'https://home.example/app/auth'],
    [{ baseUrl: 'https://home.example//app//deep/?x#y' }, 'https://home.example/app/deep/auth'],
    [{ baseUrl: 'home.lan:8080/app/' }, 'https://home.lan:8080/app/auth'],
    [{ baseUrl: 'wss://home.example/live', subPath: '/app' }, 'https://home.example/app/auth'],
    [{ baseUrl: 'https://home.example/pair', subPath: '' }, 'https://home.example/auth'],
    [{ baseUrl: 'https://home.example', subPath: 'app/' }, 'https://home.example/app/auth'],
    [
      { baseUrl: 'https://home.example', basePath: '/api/pairing' },
      'https://home.example/api/pairing',
    ],
    [{ baseUrl: 'https://home.example/app', basePath: 'auth/' }, 'https://home.example/app/auth'],
    [{ baseUrl: 'https://home.example', basePath: '/' }, 'https://home.example'],
  ])('CLT-01 %o keeps the sub-path that was asked for', (options, auth) => {
    expect(endpoints(options).auth).toBe(auth)
  })

  test.each([
    '',
    '   ',
    'https://',
    'ftp://home.example',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'javascript://home.example/%0aalert(1)',
    'https://user:secret@home.example',
    'user@home.example',
    'https://home example',
    'http://[::1',
    '::1',
  ])('CLT-01 %j is refused, and the error does not repeat it', (baseUrl) => {
    const attempt = (): unknown => endpoints({ baseUrl })
    expect(attempt).toThrow(expect.objectContaining({ code: 'config_invalid' }))
    expect(attempt).not.toThrow(/secret/)
  })
})

describe('an address for a request', () => {
  const at = endpoints({ baseUrl: 'https://home.example/app' })

  test.each([
    ['notes', 'https://home.example/app/notes'],
    ['/notes?x=1', 'https://home.example/notes?x=1'],
    ['https://home.example/notes', 'https://home.example/notes'],
    ['wss://home.example/live', 'https://home.example/live'],
  ])('%s is taken as %s', (address, url) => {
    expect(resolve(at, address).href).toBe(url)
  })

  test.each([
    'https://evil.example/notes',
    'http://home.example/notes',
    'https://home.example:8443/notes',
    '//evil.example/notes',
    '\\\\evil.example/notes',
    'https://home.example@evil.example/',
    'data:text/plain,x',
    'http://[',
  ])('%s is refused: it belongs to another origin', (address) => {
    expect(() => resolve(at, address)).toThrow(expect.objectContaining({ code: 'foreign_origin' }))
  })
})
