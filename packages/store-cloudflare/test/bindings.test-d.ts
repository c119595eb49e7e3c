import type {
  D1Database,
  DurableObjectNamespace,
  DurableObjectStorage,
} from '@cloudflare/workers-types'
import { expectTypeOf, test } from 'vitest'
import type { D1Binding, ObjectNamespace, ObjectStorage } from '../src/index.ts'

test("the bindings of Cloudflare's own types are what the stores take", () => {
  expectTypeOf<DurableObjectNamespace>().toExtend<ObjectNamespace>()
  expectTypeOf<DurableObjectStorage>().toExtend<ObjectStorage>()
  expectTypeOf<D1Database>().toExtend<D1Binding>()
})
