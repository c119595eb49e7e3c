import { expect, test } from 'vitest'
import { createDeviceKeys } from '../src/device-key.ts'
import { indexedDbKeyStore } from '../src/indexed-db-key-store.ts'

let names = 0
const freshName = (): string => `test-${Date.now()}-${names++}`

test('POP-04 the key of this browser can not be read out', async () => {
  const name = freshName()
  await createDeviceKeys(indexedDbKeyStore(name)).make()
  const stored = await indexedDbKeyStore(name).load()
  const privateKey = stored?.pair.privateKey
  expect(privateKey).toMatchObject({ type: 'private', extractable: false, usages: ['sign'] })
  for (const format of ['jwk', 'pkcs8'] as const) {
    await expect(crypto.subtle.exportKey(format, privateKey!)).rejects.toMatchObject({
      name: 'InvalidAccessError',
    })
  }
})

test('POP-04 the key survives a reload: another opening finds the same thumbprint, and it signs', async () => {
  const name = freshName()
  const made = await createDeviceKeys(indexedDbKeyStore(name)).make()
  const found = await createDeviceKeys(indexedDbKeyStore(name)).current()
  expect(found?.thumbprint).toMatch(/^[\w-]{43}$/)
  expect(found).toMatchObject({
    thumbprint: made?.thumbprint,
    publicKey: made?.publicKey,
    paired: false,
  })
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const data = new Uint8Array([1, 2, 3])
  const signature = await crypto.subtle.sign(algorithm, found!.privateKey, data)
  const curve = { name: 'ECDSA', namedCurve: 'P-256' }
  const publicKey = await crypto.subtle.importKey('jwk', { ...made!.publicKey }, curve, true, [
    'verify',
  ])
  expect(await crypto.subtle.verify(algorithm, publicKey, signature, data)).toBe(true)
})

test('POP-04 another page of the origin finds the key', async () => {
  const name = freshName()
  const made = await createDeviceKeys(indexedDbKeyStore(name)).make()
  const frame = document.createElement('iframe')
  document.body.append(frame)
  try {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = (frame.contentWindow as unknown as { indexedDB: IDBFactory }).indexedDB.open(
        'pair',
      )
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    const stored = await new Promise<{ pair: CryptoKeyPair }>((resolve) => {
      const request = database.transaction('keys').objectStore('keys').get(name)
      request.onsuccess = () => resolve(request.result as { pair: CryptoKeyPair })
    })
    database.close()
    expect(await crypto.subtle.exportKey('jwk', stored.pair.publicKey)).toMatchObject({
      ...made?.publicKey,
    })
  } finally {
    frame.remove()
  }
})

test('POP-04 of tabs that make a key at once, all get the same', async () => {
  const name = freshName()
  const tabs = Array.from({ length: 8 }, () => createDeviceKeys(indexedDbKeyStore(name)))
  const keys = await Promise.all(tabs.map((tab) => tab.make()))
  expect(new Set(keys.map((key) => key?.thumbprint)).size).toBe(1)
})

test('POP-04 the mark of a pairing survives, and marking makes no key', async () => {
  const name = freshName()
  const keys = createDeviceKeys(indexedDbKeyStore(name))
  await keys.mark(true)
  expect(await keys.current()).toBeNull()
  await keys.make()
  await keys.mark(true)
  expect((await createDeviceKeys(indexedDbKeyStore(name)).current())?.paired).toBe(true)
  await keys.mark(false)
  expect((await createDeviceKeys(indexedDbKeyStore(name)).current())?.paired).toBe(false)
})

test('servers that share an origin have keys of their own', async () => {
  const one = await createDeviceKeys(indexedDbKeyStore(freshName())).make()
  const other = await createDeviceKeys(indexedDbKeyStore(freshName())).make()
  expect(one?.thumbprint).not.toBe(other?.thumbprint)
})
