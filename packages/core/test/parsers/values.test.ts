import { describe, expect, test } from 'vitest'
import * as schemas from '../../src/http/schemas.ts'
import { millions } from './millions.ts'
import { schemaNames, values } from './tables/values.ts'

describe('a value out of JSON', () => {
  millions(values)

  test('each schema of a body is among them', () => {
    const made = Object.keys(schemas).filter((name) => name !== 'parseBody')
    expect([...schemaNames].sort()).toEqual(made.sort())
  })
})
