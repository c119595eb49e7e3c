import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page, Response } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'

/** A page of another server on this machine. */
export async function serveAttack(): Promise<string> {
  const server = createServer((_, response) => {
    response
      .setHeader('content-type', 'text/html')
      .end('<!doctype html><title>Elsewhere</title><body></body>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Posts in every way that a page has; answers the statuses that are not refusals. */
export async function attack(page: Page, target: string, body: string): Promise<number[]> {
  const statuses: number[] = []
  const hear = (response: Response): void => {
    if (response.url() === target && response.request().method() === 'POST')
      statuses.push(response.status())
  }
  page.on('response', hear)
  await page.evaluate(
    async ([url, text]) => {
      const json = { 'content-type': 'application/json' }
      const plain = { 'content-type': 'text/plain' }
      for (const init of [
        { headers: json, credentials: 'include' as const },
        { headers: plain, credentials: 'include' as const },
        { headers: plain, credentials: 'include' as const, mode: 'no-cors' as const },
      ])
        await fetch(url, { method: 'POST', body: text, ...init }).catch(() => undefined)
      navigator.sendBeacon(url, new Blob([text], { type: 'text/plain' }))
    },
    [target, body] as const,
  )
  const back = page.url()
  // a form whose text/plain body is JSON: name and value with the "=" between them
  const [name, value] = [`${body.slice(0, -1)},"x":"`, '"}']
  await Promise.all([
    page.waitForURL(target),
    page.evaluate(
      ([url, key, rest]) => {
        const form = document.createElement('form')
        form.method = 'POST'
        form.action = url
        form.enctype = 'text/plain'
        const input = document.createElement('input')
        input.name = key
        input.value = rest
        form.append(input)
        document.body.append(form)
        form.submit()
      },
      [target, name, value] as const,
    ),
  ])
  await page.goto(back)
  page.off('response', hear)
  expect(statuses.length).toBeGreaterThan(0)
  return statuses.filter((status) => status < 400)
}
