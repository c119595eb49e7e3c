import * as client from '@pair/client'
import * as core from '@pair/core'
import * as hono from '@pair/hono'
import * as node from '@pair/node'
import { Hono } from 'hono'
import { pairAndCall } from './scenario.mjs'

await pairAndCall({ core, client, hono, Hono })
console.log(`ok, ${Object.keys(node).length} names in @pair/node`)
