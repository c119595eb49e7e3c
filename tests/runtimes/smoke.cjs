const client = require('@pair/client')
const core = require('@pair/core')
const hono = require('@pair/hono')
const node = require('@pair/node')
const { Hono } = require('hono')

void import('./scenario.mjs')
  .then(({ pairAndCall }) => pairAndCall({ core, client, hono, Hono }))
  .then(() => console.log(`ok, ${Object.keys(node).length} names in @pair/node`))
