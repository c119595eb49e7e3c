import * as client from '@pair/client'
import * as core from '@pair/core'
import * as hono from '@pair/hono'
import { Hono } from 'hono'
import { pairAndCall } from './scenario.mjs'

export default {
  async fetch() {
    await pairAndCall({ core, client, hono, Hono })
    return new Response(`ok, ${navigator.userAgent}`)
  },
}
