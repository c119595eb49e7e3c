import { describe, expect, test } from 'vitest'
import { parseCode, takeCode } from '../src/link-code.ts'

const CODE = 'AbCdEfGhIjKlMnOpQrSt_-'

describe('CLT-02 the code of an address', () => {
  test.each([
    [`https://x/pair#code=${CODE}`, 'https://x/pair'],
    [`https://x/pair?tab=1#code=${CODE}`, 'https://x/pair?tab=1'],
    [`https://x/pair#code=${CODE}&tab=1`, 'https://x/pair#tab=1'],
    [`https://x/pair#tab=1&code=${CODE}`, 'https://x/pair#tab=1'],
    [`https://x/pair?code=${CODE}`, 'https://x/pair'],
    [`https://x/pair?a=%20b&code=${CODE}&c=d+e`, 'https://x/pair?a=%20b&c=d+e'],
    [`https://x/pair?code=${CODE}#part`, 'https://x/pair#part'],
  ])('CLT-02 %s is read and what stays is kept letter for letter', (address, rest) => {
    expect(takeCode(address)).toEqual({ code: CODE, rest })
  })

  test('CLT-02 the fragment comes before the query, and both are stripped', () => {
    expect(takeCode(`https://x/pair?code=ABC-234-XYZ#code=${CODE}`)).toEqual({
      code: CODE,
      rest: 'https://x/pair',
    })
  })

  test('CLT-02 the secret of the first owner is taken from the fragment only', () => {
    expect(takeCode('https://x/pair#owner=a_-b&tab=1')).toEqual({
      code: undefined,
      owner: 'a_-b',
      rest: 'https://x/pair#tab=1',
    })
    expect(takeCode(`https://x/pair#owner=a&code=${CODE}`)).toMatchObject({
      code: CODE,
      owner: 'a',
      rest: 'https://x/pair',
    })
    expect(takeCode(`https://x/pair?owner=me&code=${CODE}`)).toEqual({
      code: CODE,
      owner: undefined,
      rest: 'https://x/pair?owner=me',
    })
  })

  test('CLT-02 a typed code may come in the query', () => {
    expect(takeCode('https://x/pair?code=ABC-234-XYZ').code).toBe('ABC-234-XYZ')
  })

  test.each([
    'https://x/pair',
    'https://x/pair#',
    'https://x/pair#code=',
    'https://x/pair#codes=1',
    'https://x/pair?encode=1',
    'https://x/callback?code=4/0AeanS0a_an-oauth-code-of-another-length',
    `https://x/callback?code=${CODE}&state=abc`,
    'about:blank',
  ])('CLT-02 %s holds none and stays as it is', (address) => {
    expect(takeCode(address)).toEqual({ code: undefined, rest: address })
  })

  test('CLT-02 a broken escape is no reason to fail', () => {
    expect(takeCode('https://x/pair#code=%E0%A4%A').rest).toBe('https://x/pair')
  })
})

describe('what a person pastes', () => {
  test.each([
    [`https://x/pair#code=${CODE}`, CODE],
    [`  https://x/pair#code=${CODE}\n`, CODE],
    [`x/pair#code=${CODE}`, CODE],
    [`#code=${CODE}`, CODE],
    ['https://x/pair?code=ABC-234-XYZ', 'ABC-234-XYZ'],
    [CODE, CODE],
    [' abc 234 xyz ', 'abc 234 xyz'],
    ['abc#234', 'abc#234'],
    ['', ''],
  ])('%j is taken as %j', (text, code) => {
    expect(parseCode(text)).toBe(code)
  })

  test.each([
    ['https://x/pair#owner=a_-b', 'a_-b'],
    [' a_-b\n', 'a_-b'],
  ])('%j is taken as the secret %j of the first owner', (text, secret) => {
    expect(parseCode(text, 'owner')).toBe(secret)
  })
})
